import msgspec
from msgspec.structs import replace

from pycturestream.contracts.alerts import decode_alert
from pycturestream.domain.alerts.alert_command import AlertCommand
from pycturestream.domain.alerts.alert_event import false_alarm_event, notified_event
from tests.builders import NOON, alert_record

WRONG = AlertCommand("wrong", "gate", "guard", NOON, alert_id="a-1", rule="stranger-at-door")
ALERT = decode_alert(msgspec.json.encode(alert_record(raised_at=NOON)))


def notified(kind="raised", at=NOON + 4_000):
    return notified_event(
        ALERT, message_id="m-1", kind=kind, recipient="watch", channel="mail", at=at
    )


def test_taking_back_a_false_alarm_replaces_its_event():
    marked, taken_back = false_alarm_event(WRONG), false_alarm_event(WRONG, NOON + 60_000)

    assert (marked.taken_back, taken_back.taken_back) == (False, True)
    assert marked.id == taken_back.id
    assert marked.at == taken_back.at  # in the same index
    assert marked.said_at < taken_back.said_at


def test_it_does_so_where_the_clock_was_set_back_in_between():
    assert false_alarm_event(WRONG, NOON - 60_000).said_at > false_alarm_event(WRONG).said_at


def test_the_first_message_about_an_alert_has_a_delay():
    assert notified().delay_ms == 4_000
    assert notified(at=NOON - 1).delay_ms == 0  # clocks of two machines
    assert notified(kind="updated").delay_ms is None
    assert notified(kind="digest").delay_ms is None


def test_an_event_knows_when_its_alert_was_raised():
    assert notified().raised_at == NOON
    assert false_alarm_event(replace(WRONG, raised_at=NOON - 7)).raised_at == NOON - 7
    assert false_alarm_event(WRONG).raised_at is None
    older = replace(WRONG, alert_id="stranger:gate_20261121T120000000Z#0")
    assert false_alarm_event(older).raised_at == NOON


def test_a_message_that_is_sent_twice_is_one_event():
    assert notified().id == notified(at=NOON + 9_000).id
