"""What the alert service forgets when a time is erased."""

import json

import pytest

from pycturestream.config.settings import Settings
from pycturestream.domain.alerts.alert_command import AlertCommands
from pycturestream.domain.erasure import Erasures
from pycturestream.domain.notifications.notification import Message
from pycturestream.log.alerts import LogRecord
from pycturestream.notifications.erasing import NotificationPlace
from pycturestream.notifications.notification_service import NotificationService
from pycturestream.notifications.notification_store import NotificationStore
from tests.alerts import WATCH, alert
from tests.builders import MINUTE, NOON, alert_record
from tests.erasures import FakeErasures, erasure

ERASED = erasure("gate", NOON, NOON + MINUTE)
PARTITION = ("alerts", 0)


class Clock:
    stopped = False

    def now(self):
        return NOON


@pytest.fixture
def store():
    return NotificationStore(None)


@pytest.fixture
def erasures():
    return FakeErasures()


@pytest.fixture
def service(store, erasures):
    service = NotificationService(
        store,
        lambda: {"watch": WATCH},
        AlertCommands,
        lambda: erasures.known,
        Clock(),
        Settings(),
    )
    service.process([record("yard-rule", 1, camera_id="yard")])
    return service


def record(rule, offset=1, **fields):
    value = json.dumps(alert_record(rule=rule, revision=fields.pop("revision", 1), **fields))
    return LogRecord(PARTITION, offset, value.encode())


def notified(store):
    return [entry.message.alerts[0].rule for entry in store.unsent()]


def rules(store):
    return {one.alert.rule for one in store.load().situations.values()}


def test_an_erased_alert_that_comes_again_leads_to_no_message(service, store, erasures):
    erasures.erase(ERASED)
    service.process([record("erased", 2), record("kept", 3, raised_at=NOON + MINUTE)])

    assert notified(store) == ["yard-rule", "kept"]
    assert rules(store) == {"yard-rule", "kept"}
    assert store.offsets() == {PARTITION: 3}


def test_what_waits_to_be_sent_is_removed_within_one_reading(service, store, erasures):
    service.process([record("erased", 2)])
    assert notified(store) == ["yard-rule", "erased"]

    erasures.erase(ERASED)
    service.process([])

    assert notified(store) == ["yard-rule"]
    assert rules(store) == {"yard-rule"}


def test_an_alert_that_grows_into_an_erased_time_is_forgotten_as_a_whole(service, store, erasures):
    begin = {"raised_at": NOON - MINUTE}
    service.process([record("grows", 2, **begin, updated_at=NOON - 1)])
    erasures.erase(ERASED)
    service.process([])
    assert len(store.load().situations) == 2

    service.process([record("grows", 3, **begin, updated_at=NOON + 9 * MINUTE, revision=2)])

    assert rules(store) == {"yard-rule"}


def test_a_store_that_is_made_anew_restores_nothing_erased(store, erasures):
    erasures.erase(ERASED)
    service = NotificationService(
        store, dict, AlertCommands, lambda: erasures.known, Clock(), Settings()
    )

    class Log:
        def partitions(self):
            return [PARTITION]

        committed = dict

        def ends(self):
            return {PARTITION: 3}

        def past(self, _since, _before):
            return [record("erased", 2), record("kept", 3, raised_at=NOON + MINUTE)]

        def seek(self, _offsets):
            pass

    assert service.seek(Log())
    assert rules(store) == {"kept"}


def test_of_a_digest_the_other_alerts_stay(store):
    both = (alert(rule="erased"), alert(rule="kept", at=NOON + MINUTE))
    digest = Message("m1", "watch", "digest", both, NOON)
    alone = Message("m2", "watch", "raised", both[:1], NOON)
    store.keep(store.load(), {}, [(digest, "mail"), (alone, "mail")], NOON)

    found = store.count_erased(Erasures.of([ERASED]))
    removed = store.erase(Erasures.of([ERASED]))

    assert found == removed == {"situations": 0, "messages": 2}
    assert [one.message.alerts for one in store.unsent()] == [both[1:]]
    assert store.erase(Erasures.of([ERASED])) == {"situations": 0, "messages": 0}


def test_the_file_holds_no_byte_of_what_was_erased(tmp_path):
    path = tmp_path / "notifications.db"
    store = NotificationStore(path)
    messages = [
        (Message(f"m{n}", "watch", "raised", (alert(rule=f"secret-{n}"),), NOON), "mail")
        for n in range(50)
    ]
    store.keep(store.load(), {}, messages, NOON)
    store.close()
    assert b"secret-7" in _bytes(tmp_path)

    report = NotificationPlace(path).erase(ERASED)

    assert report.erased == {"situations": 0, "messages": 50}
    assert b"secret-" not in _bytes(tmp_path)
    assert NotificationPlace(path).count(ERASED).erased == {"situations": 0, "messages": 0}


def test_where_no_alert_service_ran_there_is_nothing(tmp_path):
    report = NotificationPlace(tmp_path / "notifications.db").erase(ERASED)

    assert not any(report.erased.values())
    assert "none on this machine" in report.note
    assert not list(tmp_path.iterdir())


def _bytes(folder):
    return b"".join(path.read_bytes() for path in folder.iterdir())
