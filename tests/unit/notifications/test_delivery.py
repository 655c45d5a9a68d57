"""Delivery of the outbox on one channel: what is sent, retried, given up, and logged."""

import pytest
from structlog.testing import capture_logs

from pycturestream.config.settings import Settings
from pycturestream.domain.notifications.notification import NotificationState, new_test_message
from pycturestream.notifications.delivery import Delivery
from pycturestream.notifications.notification_store import NotificationStore
from pycturestream.notifications.sender import DeferredError, RejectedError, UnavailableError
from tests.alerts import WATCH
from tests.builders import NOON

SETTINGS = Settings(send_backoff_ms=1_000, send_backoff_max_ms=3_000, send_patience_ms=60_000)


class Stage:
    """A store with one message, and a sender that fails as often as a test wants."""

    stopped = False

    def __init__(self, *errors):
        self.time, self.errors, self.sent, self.told = NOON, list(errors), [], []
        self.store = NotificationStore(None)
        self.message = new_test_message("watch", NOON)
        self.store.keep(NotificationState(), {}, [(self.message, "mail")], NOON)
        self.delivery = Delivery(
            self.store,
            "mail",
            self,
            lambda: {"watch": WATCH},
            self,
            SETTINGS,
            on_sent=lambda message, at: self.told.append((message, at)),
        )

    def now(self):
        return self.time

    def send(self, message, recipient):
        if self.errors:
            raise self.errors.pop(0)
        self.sent.append((message, recipient))

    def attempt_at(self, seconds):
        """Return whether a message was due after so many seconds, and what was logged."""
        self.time = NOON + 1_000 * seconds
        with capture_logs() as events:
            due = self.delivery.send_next()
        return due, [(entry["log_level"], entry["event"]) for entry in events]


@pytest.fixture
def stage():
    stages = []

    def make(*errors):
        stages.append(Stage(*errors))
        return stages[-1]

    yield make
    for made in stages:
        made.store.close()


def test_a_sent_message_is_marked_and_logged(stage):
    one = stage()

    assert one.attempt_at(0) == (True, [("info", "mail to watch: test")])
    assert one.sent == [(one.message, WATCH)]
    assert one.attempt_at(1) == (False, [])
    assert one.store.counts() == {"sent": 1}
    assert one.told == [(one.message, NOON)]


def test_of_a_message_nothing_is_told_until_it_is_accepted(stage):
    one = stage(DeferredError("busy"))

    one.attempt_at(0)
    assert one.told == []
    one.attempt_at(60)
    assert one.told == [(one.message, NOON + 60_000)]


def test_attempts_wait_twice_as_long_each_time_up_to_a_limit(stage):
    one = stage(*(DeferredError("busy") for _ in range(4)))

    due = [second for second in range(12) if one.attempt_at(second)[0]]

    assert due == [0, 1, 3, 6, 9]
    assert one.store.counts() == {"sent": 1}


def test_the_same_failure_is_logged_once(stage):
    one = stage(
        DeferredError("busy"), DeferredError("busy"), UnavailableError("gone", for_all=True)
    )

    assert one.attempt_at(0)[1] == [("warning", "mail to watch: test: busy: trying again")]
    assert one.attempt_at(1)[1] == []
    assert one.attempt_at(3)[1] == [("warning", "mail to watch: test: gone: trying again")]


def test_a_rejected_message_is_given_up_at_once(stage):
    one = stage(RejectedError("no such user"))

    [(level, event)] = one.attempt_at(0)[1]

    assert level == "error"
    assert event == (
        "mail to watch: test: no such user: given up, see `pycturestream notify outbox`"
    )
    assert one.store.counts() == {"undeliverable": 1}


def test_a_message_is_given_up_after_so_long(stage):
    one = stage(DeferredError("busy"), DeferredError("busy"))
    one.attempt_at(0)

    [(level, event)] = one.attempt_at(61)[1]

    assert (level, "given up after so long" in event) == ("error", True)
    assert one.store.counts() == {"undeliverable": 1}


YEAR_S = 365 * 86_400


def test_a_message_that_waits_for_a_year_ahead_is_due_when_the_clock_is_right_again(stage):
    one = stage(UnavailableError("down", for_all=True))
    one.attempt_at(YEAR_S)
    due, logged = one.attempt_at(10)
    assert due
    assert len(one.sent) == 1
    assert "the clock was set back: messages that waited for times to come are due" in [
        event for _, event in logged
    ]


def test_a_small_step_back_makes_no_message_due(stage):
    one = stage(DeferredError("later"))
    one.attempt_at(10)
    assert one.attempt_at(9) == (False, [])
