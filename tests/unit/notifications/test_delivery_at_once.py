"""Delivery to several recipients: none waits for another, each gets one message at a time."""

import threading
from collections import Counter
from contextlib import closing, contextmanager

import pytest
from structlog.testing import capture_logs

from pycturestream.clock import SystemClock, now
from pycturestream.config.settings import Settings
from pycturestream.domain.notifications.notification import NotificationState, new_test_message
from pycturestream.domain.notifications.recipient import Recipient, Webhook
from pycturestream.notifications.delivery import HOLDS, WORKERS, Delivery
from pycturestream.notifications.notification_store import NotificationStore
from pycturestream.notifications.sender import UnavailableError
from tests.builders import NOON
from tests.waiting import eventually

NAMES = [f"system-{number}" for number in range(40)]
RECIPIENTS = {
    name: Recipient(name, mail=f"{name}@example.org", webhook=Webhook("http://x", ""))
    for name in NAMES
}


class Receivers:
    """A sender; those of `slow` answer only when they may."""

    def __init__(self, slow=()):
        self.slow, self.may_answer = set(slow), threading.Event()
        self.got, self.at_once, self.most = [], Counter(), Counter()
        self._lock = threading.Lock()

    def send(self, message, recipient):
        with self._lock:
            self.at_once[recipient.name] += 1
            self.most[recipient.name] = max(self.most[recipient.name], self.at_once[recipient.name])
        if recipient.name in self.slow:
            self.may_answer.wait()
        with self._lock:
            self.at_once[recipient.name] -= 1
            self.got.append((recipient.name, message.at))


@pytest.fixture
def store():
    with closing(NotificationStore(None)) as store:
        yield store


@contextmanager
def delivering(store, channel, receivers):
    stop = threading.Event()
    settings = Settings(send_backoff_ms=20, send_backoff_max_ms=60_000)
    delivery = Delivery(store, channel, receivers, lambda: RECIPIENTS, SystemClock(stop), settings)
    thread = threading.Thread(target=delivery.run)
    with capture_logs():
        thread.start()
        try:
            yield
        finally:
            receivers.may_answer.set()
            stop.set()
            thread.join()


@pytest.mark.parametrize("channel", ["mail", "webhook"])
def test_slow_receivers_delay_nobody_else(store, channel):
    slow = NAMES[: WORKERS[channel] - 1]
    receivers = Receivers(slow)
    messages = [new_test_message(name, NOON + number) for number in range(3) for name in NAMES]
    store.keep(NotificationState(), {}, [(one, channel) for one in messages], NOON)

    with delivering(store, channel, receivers):
        others = 3 * (len(NAMES) - len(slow))
        assert eventually(lambda: len(receivers.got) == others)
        receivers.may_answer.set()
        assert eventually(lambda: store.counts() == {"sent": len(messages)})

    assert set(receivers.most.values()) == {1}
    for name in NAMES:
        assert [at for who, at in receivers.got if who == name] == [NOON, NOON + 1, NOON + 2]


def test_a_message_on_which_its_receiver_fails_lets_the_next_ones_pass(store):
    first, second = (new_test_message(NAMES[0], NOON + number) for number in range(2))
    store.keep(NotificationState(), {}, [(one, "webhook") for one in (first, second)], now())
    attempts = Counter()

    class Failing(Receivers):
        def send(self, message, recipient):
            attempts[message.id] += 1
            if message.id == first.id:
                raise UnavailableError("answered 500", for_all=False)
            super().send(message, recipient)

    with delivering(store, "webhook", Failing()):
        assert eventually(lambda: store.counts().get("sent") == 1)

    assert attempts[first.id] >= HOLDS
