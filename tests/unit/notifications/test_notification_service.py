import json
import re
from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from pycturestream.config.recipient_file import read_recipient_file
from pycturestream.config.settings import PROJECT_FOLDER, Settings
from pycturestream.domain.alerts.alert_command import AlertCommands
from pycturestream.domain.erasure import Erasures
from pycturestream.log.alerts import LogRecord
from pycturestream.notifications.notification_service import NotificationService
from pycturestream.notifications.notification_store import NotificationStore
from tests.alerts import WATCH
from tests.builders import NOON, alert_record

PARTITION = ("alerts", 0)


class Clock:
    stopped = False

    def now(self):
        return NOON


@dataclass
class FakeLog:
    """One partition in memory; `committed_offset` is the offset committed for the group."""

    values: list = field(default_factory=list)
    committed_offset: int | None = None
    at: int = 0
    is_there: bool = True

    def partitions(self):
        return [PARTITION] if self.is_there else []

    def committed(self):
        return {} if self.committed_offset is None else {PARTITION: self.committed_offset}

    def ends(self):
        return {PARTITION: len(self.values)}

    def past(self, _since, before):
        return self._records(0, before[PARTITION])

    def seek(self, offsets):
        self.at = offsets[PARTITION]

    def read(self):
        found = self._records(self.at, len(self.values))
        self.at = len(self.values)
        return found

    def commit(self, offsets):
        self.committed_offset = offsets[PARTITION]

    def close(self):
        pass

    def _records(self, start, end):
        return [
            LogRecord(PARTITION, number + 1, self.values[number]) for number in range(start, end)
        ]


def a_record(rule, **changes):
    return json.dumps(alert_record(rule=rule, revision=1, **changes)).encode()


@pytest.fixture
def events():
    """What the service logs."""
    with capture_logs() as entries:
        yield entries


def new(store):
    return NotificationService(
        store, lambda: {"watch": WATCH}, AlertCommands, Erasures, Clock(), Settings()
    )


def outbox(store):
    return [entry.message.alerts[0].rule for entry in store.unsent()]


def test_at_the_first_start_nobody_is_notified_about_the_past():
    log, store = FakeLog([a_record("old")]), NotificationStore(None)
    service = new(store)

    assert service.seek(log)
    log.values.append(a_record("new"))
    service.process(log.read())

    assert outbox(store) == ["new"]
    assert store.offsets() == {PARTITION: 2}


def test_a_start_continues_at_the_offsets_of_the_store_whatever_kafka_has():
    log, store = FakeLog([a_record("one")]), NotificationStore(None)
    new(store).seek(log)
    log.values.append(a_record("two"))
    log.committed_offset = 99
    service = new(store)
    service.seek(log)
    service.process(log.read())

    assert outbox(store) == ["two"]


def test_with_a_new_store_it_continues_at_kafkas_offsets(events):
    log, store = (
        FakeLog([a_record("sent"), a_record("missed")], committed_offset=1),
        NotificationStore(None),
    )
    service = new(store)
    service.seek(log)
    service.process(log.read())
    service.process([LogRecord(PARTITION, 3, a_record("sent"))])

    assert outbox(store) == ["missed"]
    assert [entry["event"] for entry in events] == [
        "the store of the alert service is new: continuing at Kafka's offsets"
    ]


def test_offsets_are_committed_when_nothing_waits():
    log, store = FakeLog(), NotificationStore(None)
    service = new(store)
    service.seek(log)
    log.values.append(a_record("one"))
    service.process(log.read())

    service._commit(log)
    assert log.committed_offset is None
    store.mark_sent(store.due("mail", NOON), NOON)
    service._commit(log)
    assert log.committed_offset == 1


def test_what_is_not_an_alert_is_logged_and_skipped(events):
    log, store = FakeLog(), NotificationStore(None)
    service = new(store)
    service.seek(log)
    log.values += [b"{}", None, b"\xff", a_record("good"), a_record("x", camera_id="no/camera")]
    service.process(log.read())

    assert outbox(store) == ["good"]
    assert [entry["event"].partition(": not an alert")[0] for entry in events] == [
        *("alerts/0/0", "alerts/0/1", "alerts/0/2", "alerts/0/4")
    ]
    assert events[0]["record"] == "alerts/0/0"
    assert store.offsets() == {PARTITION: 5}


def test_without_the_topic_it_does_not_begin():
    assert not new(NotificationStore(None)).seek(FakeLog(is_there=False))


def test_the_examples_of_the_guide_are_files_without_mistakes(tmp_path):
    guide = (PROJECT_FOLDER / "docs" / "alerts.md").read_text("utf-8")
    examples = re.findall(r"^ *```yaml\n(.*?)^ *```", guide, re.MULTILINE | re.DOTALL)
    secret = {"CONTROL_SECRET": "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}

    assert len(examples) == 2
    for text in examples:
        path = tmp_path / "recipients.yaml"
        path.write_text(text)
        assert read_recipient_file(path, secret)


def test_a_clock_that_was_a_year_ahead_is_reported_and_mutes_nobody():
    clock = SettableClock()
    store = NotificationStore(None)
    service = NotificationService(
        store, lambda: {"watch": WATCH}, AlertCommands, Erasures, clock, Settings()
    )
    clock.time = NOON + 365 * 86_400_000
    at = {"raised_at": clock.time}
    service.process([LogRecord(PARTITION, 1, a_record("first", **at))])
    clock.time = NOON
    with capture_logs() as logged:
        service.process([LogRecord(PARTITION, 2, a_record("second", raised_at=NOON))])
        service.process([])
    assert [entry["event"] for entry in logged] == [
        "the clock was set back: what was sent at times to come counts as now"
    ]
    assert store.counts() == {"waiting": 2}


class SettableClock(Clock):
    time = NOON

    def now(self):
        return self.time
