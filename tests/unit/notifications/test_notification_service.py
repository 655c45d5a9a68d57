import json
import re
from dataclasses import dataclass, field

import pytest

from pycturestream.config.recipient_file import read_recipient_file
from pycturestream.config.settings import PROJECT_FOLDER, Settings
from pycturestream.domain.alerts.alert_command import AlertCommands
from pycturestream.log.alerts import LogRecord
from pycturestream.notifications.notification_service import NotificationService
from pycturestream.notifications.notification_store import NotificationStore
from tests.alerts import WATCH
from tests.builders import NOON, alert_record

PLACE = ("alerts", 0)


class Clock:
    stopped = False

    def now(self):
        return NOON


@dataclass
class FakeLog:
    """One partition in memory; `place` is what Kafka remembers of the group."""

    values: list = field(default_factory=list)
    place: int | None = None
    at: int = 0
    is_there: bool = True

    def partitions(self):
        return [PLACE] if self.is_there else []

    def committed(self):
        return {} if self.place is None else {PLACE: self.place}

    def ends(self):
        return {PLACE: len(self.values)}

    def past(self, _since, before):
        return self._records(0, before[PLACE])

    def begin(self, places):
        self.at = places[PLACE]

    def read(self):
        found = self._records(self.at, len(self.values))
        self.at = len(self.values)
        return found

    def commit(self, places):
        self.place = places[PLACE]

    def close(self):
        pass

    def _records(self, start, end):
        return [LogRecord(PLACE, number + 1, self.values[number]) for number in range(start, end)]


def a_record(rule, **changes):
    return json.dumps(alert_record(rule=rule, revision=1, **changes)).encode()


@pytest.fixture
def new():
    said = []

    def new(store):
        service = NotificationService(
            store, lambda: {"watch": WATCH}, AlertCommands, Clock(), Settings(), said.append
        )
        service.said = said
        return service

    return new


def told(store):
    return [entry.message.alerts[0].rule for entry in store.unsent()]


def test_at_the_first_start_nobody_is_told_of_the_past(new):
    log, store = FakeLog([a_record("old")]), NotificationStore(None)
    service = new(store)

    assert service.begin(log)
    log.values.append(a_record("new"))
    service.take(log.read())

    assert told(store) == ["new"]
    assert store.places() == {PLACE: 2}


def test_a_start_goes_on_where_the_last_one_was_whatever_kafka_says(new):
    log, store = FakeLog([a_record("one")]), NotificationStore(None)
    new(store).begin(log)
    log.values.append(a_record("two"))
    log.place = 99
    service = new(store)
    service.begin(log)
    service.take(log.read())

    assert told(store) == ["two"]


def test_with_a_new_store_kafkas_place_tells_how_far_the_last_one_came(new):
    log, store = FakeLog([a_record("told"), a_record("missed")], place=1), NotificationStore(None)
    service = new(store)
    service.begin(log)
    service.take(log.read())
    service.take([LogRecord(PLACE, 3, a_record("told"))])

    assert told(store) == ["missed"]
    assert service.said == ["the store of the alert service is new: going on from Kafka's place"]


def test_kafka_is_told_of_the_place_when_nothing_waits(new):
    log, store = FakeLog(), NotificationStore(None)
    service = new(store)
    service.begin(log)
    log.values.append(a_record("one"))
    service.take(log.read())

    service._tell_place(log)
    assert log.place is None
    store.mark_sent(store.due("mail", NOON), NOON)
    service._tell_place(log)
    assert log.place == 1


def test_what_is_no_alert_is_told_and_left_out(new):
    log, store = FakeLog(), NotificationStore(None)
    service = new(store)
    service.begin(log)
    log.values += [b"{}", None, b"\xff", a_record("good"), a_record("x", camera_id="no/camera")]
    service.take(log.read())

    assert told(store) == ["good"]
    assert [line.partition(": no alert")[0] for line in service.said] == [
        *("alerts/0/0", "alerts/0/1", "alerts/0/2", "alerts/0/4")
    ]
    assert store.places() == {PLACE: 5}


def test_without_the_topic_it_does_not_begin(new):
    assert not new(NotificationStore(None)).begin(FakeLog(is_there=False))


def test_the_examples_of_the_guide_are_files_without_mistakes(tmp_path):
    guide = (PROJECT_FOLDER / "docs" / "alerts.md").read_text("utf-8")
    examples = re.findall(r"^ *```yaml\n(.*?)^ *```", guide, re.MULTILINE | re.DOTALL)
    secret = {"CONTROL_SECRET": "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}

    assert len(examples) == 2
    for text in examples:
        path = tmp_path / "recipients.yaml"
        path.write_text(text)
        assert read_recipient_file(path, secret)
