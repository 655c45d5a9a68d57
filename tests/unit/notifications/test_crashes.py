"""A thousand histories in which job and alert service crash: nobody is notified twice."""

import json
import random
from collections import Counter, defaultdict
from dataclasses import dataclass

import pytest
from structlog.testing import capture_logs

from pycturestream.config.settings import Settings
from pycturestream.domain.alerts.alert_command import AlertCommands
from pycturestream.domain.cameras.schedule import Period
from pycturestream.domain.erasure import Erasures
from pycturestream.domain.notifications.notification import GROWTH
from pycturestream.domain.notifications.recipient import (
    QuietHours,
    Recipient,
    Subscription,
    Webhook,
)
from pycturestream.log.alerts import LogRecord
from pycturestream.notifications.delivery import Delivery
from pycturestream.notifications.notification_service import NotificationService
from pycturestream.notifications.notification_store import NotificationStore
from pycturestream.notifications.sender import DeferredError, UnavailableError
from tests.builders import MINUTE, NOON, alert_record

HISTORIES = 1_000
CHUNK = 50
QUICK = 400
"""As many are enough for each run of the tests."""
SETTINGS = Settings(send_backoff_ms=1_000, send_backoff_max_ms=60_000)
RECIPIENTS = {
    recipient.name: recipient
    for recipient in (
        Recipient("watch", mail="a@b.org", cooldown_ms=2 * MINUTE, digest_ms=5 * MINUTE),
        Recipient("system", webhook=Webhook("http://x", ""), alerts=(Subscription(level=1),)),
        Recipient(
            "sleeper",
            mail="c@d.org",
            quiet_hours=QuietHours(Period(from_minute=12 * 60, to_minute=12 * 60 + 20)),
        ),
    )
}


class Crash(BaseException):  # as a kill, nothing can catch it
    pass


@dataclass
class Clock:
    time: int = NOON
    stopped: bool = False

    def now(self):
        return self.time


class World:
    """A log, a service that is killed at any point, and the receivers of its messages."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.clock = Clock()
        self.store = NotificationStore(None)
        self.log = {0: [], 1: []}
        self.fragile = True
        self.outbox = []
        self.got = Counter()
        self.unmarked = Counter()
        self.start()

    def start(self):
        store = Fragile(self.store, self.crash_perhaps)
        known = lambda: RECIPIENTS  # noqa: E731
        self.service = NotificationService(
            store, known, AlertCommands, Erasures, self.clock, SETTINGS
        )
        if not self.service._offsets:
            self.store.keep(self.service._state, {("alerts", 0): 0, ("alerts", 1): 0})
            self.service = NotificationService(
                store, known, AlertCommands, Erasures, self.clock, SETTINGS
            )
        self.deliveries = [
            Delivery(store, channel, self, known, self.clock, SETTINGS)
            for channel in ("mail", "webhook")
        ]

    def crash_perhaps(self):
        if self.fragile and self.random.random() < 0.04:
            raise Crash

    def send(self, message, recipient):
        """Accept a message, as mail server and receiver do; both are unavailable at times."""
        self.crash_perhaps()
        dice = self.random.random() if self.fragile else 1
        if dice < 0.05:
            raise UnavailableError("away", for_all=True)
        if dice < 0.1:
            raise DeferredError("busy")
        key = (recipient.name, message.id)
        if not self.got[key]:
            self.outbox.append(message)
        self.got[key] += 1
        if self.fragile and self.random.random() < 0.05:
            self.unmarked[key] += 1  # it was accepted, and there is no mark
            raise Crash

    def publish(self, record):
        self.log[len(record["camera_id"]) % 2].append(json.dumps(record).encode())

    def crash_of_the_job(self):
        """Write all records since some checkpoint again."""
        for values in self.log.values():
            values.extend(values[self.random.randint(0, len(values)) :])

    def run(self):
        """Let the service work for a moment; when it is killed, it starts again."""
        for _ in range(2 if self.fragile else 1):
            try:
                offsets = self.service._offsets
                records = [
                    LogRecord(("alerts", number), offset + 1, values[offset])
                    for number, values in self.log.items()
                    for offset in range(offsets[("alerts", number)], len(values))
                ]
                self.service.process(
                    records[: self.random.randint(1, 30)] if self.fragile else records
                )
                for delivery in self.deliveries:
                    while delivery.send_next():
                        pass
            except Crash:
                self.start()

    def pass_time(self, ms):
        self.clock.time += ms


class Fragile:
    """The store of a service that may be killed before and after each write."""

    def __init__(self, store, crash_perhaps):
        self._store = store
        self._crash_perhaps = crash_perhaps

    def __getattr__(self, name):
        method = getattr(self._store, name)
        if name not in {"keep", "begin", "mark_sent", "postpone", "hold", "forget"}:
            return method

        def fragile(*arguments):
            if name != "mark_sent":
                self._crash_perhaps()
            method(*arguments)
            self._crash_perhaps()

        return fragile


def history(world):
    """Let some situations happen; return the last record of each."""
    dice, last = world.random, {}
    rows = []
    for number in range(dice.randint(1, 12)):
        camera = dice.choice(["gate", "door", "plaza"])
        at = NOON + dice.randint(0, 15 * MINUTE)
        record = alert_record(
            camera_id=camera, rule=f"r{dice.randint(0, 2)}", raised_at=at, revision=1, level=2
        )
        record["id"] += f":{number}"
        rows.append((at, record))
        for _ in range(dice.randint(0, 3)):
            at += dice.randint(1, 4 * MINUTE)
            record = {
                **record,
                "state": "updated",
                "revision": record["revision"] + 1,
                "count": record["count"] + dice.randint(0, 4),
                "level": min(3, record["level"] + dice.randint(0, 1)),
                "updated_at": alert_record(raised_at=at)["raised_at"],
            }
            rows.append((at, record))
        end = alert_record(raised_at=at + MINUTE)["raised_at"]
        over = {"state": "cleared", "revision": record["revision"] + 1}
        record = {**record, **over, "updated_at": end, "cleared_at": end}
        rows.append((at + MINUTE, record))
        last[record["id"]] = record
    for at, record in sorted(rows, key=lambda row: row[0]):
        world.clock.time = max(world.clock.time, at)
        world.publish(record)
        if dice.random() < 0.1:
            world.crash_of_the_job()
        if dice.random() < 0.7:
            world.run()
    return last


@pytest.mark.parametrize(
    "first",
    [
        *range(0, QUICK, CHUNK),
        *(pytest.param(n, marks=pytest.mark.slow) for n in range(QUICK, HISTORIES, CHUNK)),
    ],
)
def test_no_situation_is_notified_twice_and_none_is_lost(first):
    for seed in range(first, first + CHUNK):
        with capture_logs() as events:
            world = World(seed)
            last = history(world)
            world.fragile = False
            for _ in range(12):
                world.pass_time(11 * MINUTE)
                world.run()

        # Deliveries log what they sent; the service itself has nothing to complain about.
        service = NotificationService.__module__
        assert not [event for event in events if event["module"] == service], seed
        assert world.store.unsent() == [], seed
        for key, number in world.got.items():
            assert number <= 1 + world.unmarked[key], (seed, key)
        messages = defaultdict(list)
        for message in world.outbox:
            for alert in message.alerts:
                messages[message.recipient, alert.id].append((message, alert))
        everything = {(name, alert_id) for name in RECIPIENTS for alert_id in last}
        assert messages.keys() == everything, seed
        for story in messages.values():
            check(story, seed)
        world.store.close()


def check(story, seed):
    """Check the messages about one situation to one recipient."""
    (first, alert), *rest = story
    assert first.kind in {"raised", "digest"}, seed
    for message, after in rest:
        assert not alert.is_over, seed
        assert message.kind in {"updated", "cleared", "digest"}, seed
        if message.kind != "digest":
            assert message.thread is not None, seed
        grown = after.count >= GROWTH * alert.count or after.level > alert.level
        assert after.is_over or grown, seed
        alert = after
    assert alert.is_over, seed


def test_without_crashes_each_message_is_sent_once():
    world = World(0)
    world.fragile = False
    record = alert_record(revision=1)
    world.publish(record)
    world.publish({**record})
    world.run()

    assert set(world.got.values()) == {1}
    assert {name for name, _ in world.got} == set(RECIPIENTS)
    assert world.outbox[0].kind == "raised"
