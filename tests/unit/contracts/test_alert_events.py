import msgspec
import pytest
from jsonschema import Draft202012Validator, ValidationError
from msgspec.structs import replace

from pycturestream.contracts.codec import encode_record
from pycturestream.contracts.records import to_record
from pycturestream.contracts.schemas import schema
from pycturestream.contracts.topics import ALERT_EVENTS
from pycturestream.domain.alerts.alert_command import AlertCommand
from pycturestream.domain.alerts.alert_event import false_alarm_event
from pycturestream.domain.erasure import Erasures
from pycturestream.domain.reports.daily_rate import DailyRate
from pycturestream.domain.times import DAY_MS, HOUR_MS, rfc3339
from pycturestream.stores.index_templates import index
from pycturestream.stores.record import BadRecord, decode_result, require_form
from tests.builders import NOON, alert_event_record
from tests.erasures import erasure
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
    assert (read.id, read.changed_at, read.revision) == (event.id, event.at, event.said_at)
    assert read.filed_at == (event.at if event.raised_at is None else event.raised_at)


def daily_rate(**fields):
    plain = DailyRate(
        camera_id="gate", at=NOON, said_at=NOON + DAY_MS, alerts=3, hours=23.5, mark=0
    )
    return replace(plain, **fields)


@pytest.mark.parametrize(
    "rate",
    [daily_rate(), daily_rate(mark=-1, why="3 alerts; 20.0 expected", expected=20.0)],
    ids=["unmarked", "marked"],
)
def test_a_rate_conforms_to_the_schema_and_is_taken_by_the_stores(rate):
    topic, record = to_record(rate, "live", 0)
    value = encode_record(record)

    assert topic == ALERT_EVENTS
    fields = msgspec.json.decode(value)
    Draft202012Validator(schema(topic)).validate(fields)
    read = decode_result(topic, value)
    require_form(read)
    assert (read.id, read.changed_at, read.filed_at) == (rate.id, NOON, NOON)
    assert read.revision == rate.said_at
    assert (fields["alerts"], fields["hours"], fields["mark"]) == (3, 23.5, rate.mark)
    assert ("why" in fields, "expected" in fields) == (bool(rate.why), rate.expected is not None)


@pytest.mark.parametrize("fields", [{"alert_id": ""}, {"event": "rate"}, {"mark": 2}])
def test_the_schema_tells_rates_from_what_became_of_an_alert(fields):
    with pytest.raises(ValidationError):
        Draft202012Validator(schema(ALERT_EVENTS)).validate(alert_event_record() | fields)


@pytest.mark.parametrize(
    ("since", "until", "erased"),
    [
        (NOON - HOUR_MS, NOON, False),
        (NOON - HOUR_MS, NOON + 1, True),
        (NOON + DAY_MS - 1, NOON + DAY_MS, True),
        (NOON + DAY_MS, NOON + 2 * DAY_MS, False),
    ],
)
def test_a_rate_is_erased_with_any_moment_of_its_day(since, until, erased):
    topic, record = to_record(daily_rate(), "live", 0)
    read = decode_result(topic, encode_record(record))

    assert read.is_erased(Erasures.of([erasure("gate", since, until)])) is erased


@pytest.mark.parametrize(
    "fields",
    [
        {"event": "forgotten"},
        {"delay_ms": -1},
        {"at": "noon"},
        {"raised_at": "noon"},
        {"revision": None},
        {"mark": 2},
        {"alerts": -1},
    ],
)
def test_what_is_no_record_is_rejected(fields):
    value = msgspec.json.encode(alert_event_record() | fields)

    with pytest.raises(BadRecord):
        require_form(decode_result(ALERT_EVENTS, value))


def place(event):
    """The index and the id of the document that holds an event."""
    topic, record = to_record(event, "live", 0)
    read = decode_result(topic, encode_record(record))
    return index(topic, read.run, read.filed_at), read.id


@pytest.mark.parametrize(
    "about",
    [
        {"alert_id": "a-1", "raised_at": NOON},
        # as a link of an older program has it
        {"alert_id": "stranger:gate_20261121T120000000Z#0"},
    ],
    ids=["known", "in the id"],
)
def test_a_false_alarm_that_is_marked_again_on_another_day_is_one_document(about):
    first = AlertCommand("wrong", "gate", "guard", NOON + HOUR_MS, **about)
    again = AlertCommand("wrong", "gate", "guard", NOON + 3 * DAY_MS, **about)
    taken_back = false_alarm_event(again, NOON + 4 * DAY_MS)

    assert len({place(each) for each in map(false_alarm_event, (first, again))}) == 1
    assert place(taken_back) == place(false_alarm_event(first))


@pytest.mark.parametrize(
    ("fields", "erased"),
    [
        ({"raised_at": rfc3339(NOON)}, True),
        ({"raised_at": rfc3339(NOON - 1)}, False),
        ({"raised_at": rfc3339(NOON + HOUR_MS)}, False),
        ({"at": rfc3339(NOON + HOUR_MS - 1), "raised_at": rfc3339(NOON - DAY_MS)}, True),
        # of older programs
        ({"alert_id": "stranger:gate_20261121T120000000Z#0"}, True),
        ({"alert_id": "stranger:gate_20261121T110000000Z#0"}, False),
        ({}, False),
        ({"at": rfc3339(NOON)}, True),
    ],
)
def test_an_event_is_erased_with_its_alert_whenever_it_happened(fields, erased):
    event = alert_event_record(at=NOON + 2 * DAY_MS) | fields
    read = decode_result(ALERT_EVENTS, msgspec.json.encode(event))

    assert read.is_erased(Erasures.of([erasure("gate", NOON, NOON + HOUR_MS)])) is erased
