import msgspec
import pytest
from jsonschema import Draft202012Validator

from pycturestream.contracts.codec import encode_record
from pycturestream.contracts.records import to_record
from pycturestream.contracts.schemas import schema
from pycturestream.contracts.topics import ALERT_EVENTS
from pycturestream.domain.alerts.alert_command import AlertCommand
from pycturestream.domain.alerts.alert_event import false_alarm_event
from pycturestream.stores.record import BadRecord, decode_result, require_form
from tests.builders import NOON, alert_event_record
from tests.unit.domain.alerts.test_alert_event import WRONG, notified


@pytest.mark.parametrize(
    "event",
    [
        notified(),
        notified(kind="digest"),
        false_alarm_event(WRONG),
        false_alarm_event(WRONG, NOON + 1),
        # of a program that does not name the rule
        false_alarm_event(AlertCommand("wrong", "gate", "guard", NOON, alert_id="a-1")),
    ],
    ids=["raised", "digest", "wrong", "taken back", "without a rule"],
)
def test_every_event_conforms_to_its_schema_and_is_taken_by_the_stores(event):
    topic, record = to_record(event, "live", 0)
    value = encode_record(record)

    assert topic == ALERT_EVENTS
    Draft202012Validator(schema(topic)).validate(msgspec.json.decode(value))
    read = decode_result(topic, value)
    require_form(read)
    assert (read.id, read.filed_at, read.revision) == (event.id, event.at, event.said_at)


@pytest.mark.parametrize(
    "fields", [{"event": "forgotten"}, {"delay_ms": -1}, {"at": "noon"}, {"revision": None}]
)
def test_what_is_no_record_is_rejected(fields):
    value = msgspec.json.encode(alert_event_record() | fields)

    with pytest.raises(BadRecord):
        require_form(decode_result(ALERT_EVENTS, value))
