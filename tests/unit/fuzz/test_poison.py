"""Whatever lies in a topic or a store, its readers go on: a record, or a rejection with a reason.

Each decoder is followed by what its readers do with a record: their arithmetic with times and
numbers must hold for all that it lets through.
"""

import json
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from producers.legacy_record import LegacyPicture, read_legacy_record
from producers.rate_control import RateControl
from pycturestream.config.settings import Settings
from pycturestream.contracts import topics
from pycturestream.contracts.alert_commands import (
    alert_command_record,
    decode_alert_command,
    encode_alert_command,
)
from pycturestream.contracts.alerts import decode_alert, read_alert
from pycturestream.contracts.attention import decode_rate_request
from pycturestream.contracts.cameras import decode_camera, encode_camera
from pycturestream.contracts.codec import CodecError, encode_outcome
from pycturestream.contracts.counts import read_count
from pycturestream.contracts.detections import decode_detections, decode_live_detections
from pycturestream.contracts.results import decode_result
from pycturestream.domain.alerts.alert_command import AlertCommand, AlertCommands
from pycturestream.domain.alerts.wording import reason, title
from pycturestream.domain.attention import RateRequest
from pycturestream.domain.cameras.camera import Attention, Camera, Motion
from pycturestream.domain.cameras.presence import CameraEvent
from pycturestream.domain.cameras.schedule import Period
from pycturestream.domain.erasure import NO_ERASURES, Erasures
from pycturestream.domain.frames.admission import Arrival, Place, Rejected
from pycturestream.domain.frames.frame import frame_id
from pycturestream.domain.times import DAY_MS, parse_rfc3339, rfc3339, to_local
from pycturestream.languages.catalog import LANGUAGES
from pycturestream.log import (
    alert_commands,
    alerts,
    compacted_topic,
    dead_letters,
    followed_topic,
    results,
)
from pycturestream.log.followed_topic import FollowedTopic
from pycturestream.notifications import evidence
from pycturestream.notifications.email_rendering import render_email
from pycturestream.notifications.notification_service import NotificationService
from pycturestream.notifications.notification_store import NotificationStore
from pycturestream.stores import paging, redis_view, search
from pycturestream.stores.batch_writer import BatchWriter, Done, Unwritable
from tests.alerts import WATCH, alert
from tests.builders import (
    NOON,
    alert_facts,
    alert_record,
    as_json,
    count_record,
    detection_record,
    narration_record,
)
from tests.fake_store import FakeStore
from tests.scenes import LEFT_HALF, MIDDLE, NINE, NOBODY_HERE, CameraRun, car, frame, person
from tests.unit.fuzz.poison import NO_JSON, poisoned

CAMERA = Camera(
    "gate",
    site="north",
    timezone="Europe/Vienna",
    zones=(LEFT_HALF,),
    lines=(MIDDLE,),
    rules=(replace(NOBODY_HERE, zones=("left-half",), schedule=(Period(timezone="UTC"),)),),
    masks=(LEFT_HALF,),
    motion=Motion(region=(LEFT_HALF,)),
    attention=Attention(idle_fps=0.2, alert_fps=5),
    warm_up_ms=0,
)
SETTINGS = Settings()
COMMAND = AlertCommand("silence", "gate", "ann", NOON, rule="r", until=NOON + DAY_MS)


REASON_LIMIT = 300
"""Characters that a person may be asked to read."""


def event_record():
    event = as_json(CameraEvent("gate", NOON, "offline", "no picture"))[1]
    counts = {"received": 3, "processed": 2, "dropped": {"stale": 1}, "dead_letters": {}}
    return {**event, "revision": 0, "frames": counts}


GOOD = {
    topics.DETECTIONS: detection_record(zones=["door"]),
    topics.COUNTS: count_record(),
    topics.ALERTS: alert_record(facts=alert_facts()),
    topics.NARRATIONS: narration_record(),
    topics.CAMERA_EVENTS: event_record(),
}


def message(value, topic, key=b"gate", offset=0):
    return SimpleNamespace(
        topic=topic, partition=0, offset=offset, key=key, value=value, timestamp=NOON, headers=[]
    )


def use_result(topic, record):
    """Do what commands and services do with the fields of a record."""
    for name in ("captured_at", "at", "raised_at", "window_start", "processed_at"):
        if name in record:
            at = parse_rfc3339(record[name])
            assert rfc3339(at - DAY_MS) < record[name] < rfc3339(at + DAY_MS)
            to_local(at, "America/New_York")
    msgspec.msgpack.encode(record)
    match topic:
        case topics.DETECTIONS:
            _ = record["picture"]["topic"], record["objects"], record["labels"], record["site"]
            rfc3339(parse_rfc3339(record["camera_captured_at"] or record["captured_at"]))
        case topics.ALERTS:
            _ = -record["level"], record["zones"], record["label"], record["frame_id"]
            alert = read_alert(record)
            for language in LANGUAGES:
                title(alert, language)
                reason(alert, language, "America/New_York")
        case topics.COUNTS:
            read_count(record)
            to_local(NOON, record["timezone"])


@pytest.mark.parametrize("topic", GOOD)
def test_a_result_is_complete_or_rejected(topic):
    use_result(topic, decode_result(topic, json.dumps(GOOD[topic]).encode()))
    reasons = set()
    for value in poisoned(GOOD[topic]):
        try:
            record = decode_result(topic, value)
        except CodecError as error:
            reasons.add(str(error))
        else:
            use_result(topic, record)
    assert all(reason.isprintable() and 0 < len(reason) <= REASON_LIMIT for reason in reasons)


def any_json():
    scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    names = st.sampled_from(list(GOOD[topics.DETECTIONS]))
    values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(names, inner))
    return values.map(lambda value: json.dumps(value).encode())


@pytest.mark.parametrize("topic", GOOD)
@given(value=st.binary() | any_json())
def test_any_bytes_are_a_result_or_rejected(topic, value):
    with pytest.raises(CodecError):
        decode_result(topic, value)


@pytest.mark.parametrize("topic", GOOD)
def test_a_serving_job_sets_poison_aside_and_writes_what_is_good(topic):
    store = FakeStore()
    writer = BatchWriter(store)
    good = (topic, json.dumps(GOOD[topic]).encode())
    values = list(poisoned(GOOD[topic]))
    outcomes = writer.write([*((topic, value) for value in values), good])
    assert len(outcomes) == len(values) + 1
    assert isinstance(outcomes[-1], Done)
    for outcome in outcomes:
        assert isinstance(outcome, Done) or (isinstance(outcome, Unwritable) and outcome.reason)
    assert any(isinstance(outcome, Unwritable) for outcome in outcomes)
    for record in store.kept.values():
        use_result(topic, decode_result(topic, record.value))


def test_recovery_leaves_out_poison_and_finds_what_is_good(monkeypatch):
    good = json.dumps(GOOD[topics.DETECTIONS] | {"camera_id": "yard"}).encode()
    found = [*poisoned(GOOD[topics.DETECTIONS]), good]
    monkeypatch.setattr(
        results,
        "read_to_end",
        lambda *_, **__: (message(value, topics.DETECTIONS) for value in found),
    )
    logged = results.detections_since(SETTINGS, NOON)
    assert "yard" in {each.frame.camera_id for each in logged.values()}
    for detections in logged.values():
        encode_outcome(replace(detections, digest="d"))
        name = frame_id(detections.frame.camera_id, detections.frame.captured_at)
        run = CameraRun(CAMERA)
        run.see(detections).wait_until(detections.frame.captured_at + DAY_MS)
        assert name


def test_detections_of_the_past_are_judged_or_left_out():
    for value in poisoned(GOOD[topics.DETECTIONS]):
        try:
            found = decode_live_detections(value, "gate")
            decode_detections(value)
        except CodecError:
            continue
        if found:
            CameraRun(CAMERA).see(found, replace(found, processed_at=found.processed_at + 1))


def test_the_alert_service_skips_poison_and_sends_what_is_good():
    store, now = NotificationStore(None), SimpleNamespace(now=lambda: NOON, stopped=False)
    service = NotificationService(
        store, lambda: {"watch": WATCH}, AlertCommands, Erasures, now, SETTINGS
    )
    good = json.dumps(alert_record(rule="good")).encode()
    values = [*poisoned(GOOD[topics.ALERTS]), good]
    service.process(
        [alerts.LogRecord(("alerts", 0), place, value) for place, value in enumerate(values, 1)]
    )
    sent = [entry.message for entry in store.unsent()]
    assert "good" in {each.rule for one in sent for each in one.alerts}
    assert store.offsets() == {("alerts", 0): len(values)}
    for one in sent:
        assert render_email(one, WATCH, "pycturestream@example.org", {}).as_bytes()


def test_an_alert_that_is_let_through_can_be_acted_on():
    for value in poisoned(GOOD[topics.ALERTS]):
        try:
            read = decode_alert(value)
        except CodecError:
            continue
        msgspec.msgpack.encode(read)
        assert evidence.fetch_evidence(SETTINGS, read) is None


def test_evidence_is_found_or_there_is_none(monkeypatch):
    at = NOON
    monkeypatch.setattr(evidence, "now", lambda: at)
    raised = alert(frame_id=frame_id("gate", at))
    for value in poisoned(detection_record(captured_at=at)):
        if raised.frame_id.encode() not in value:
            continue
        monkeypatch.setattr(
            results, "read_of_key", lambda *_, value=value: [message(value, topics.DETECTIONS)]
        )
        fetched = []
        monkeypatch.setattr(
            evidence,
            "fetch_pictures",
            lambda _, records, fetched=fetched: [(fetched.append(records[0]), b"jpeg")],
        )
        if evidence.fetch_evidence(SETTINGS, raised):
            (record,) = fetched
            assert record["picture"]["topic"] == topics.FRAMES
            assert type(record["picture"]["offset"]) is int


def test_the_life_of_an_alert_is_what_can_be_read(monkeypatch):
    values = [*poisoned(GOOD[topics.ALERTS]), json.dumps(GOOD[topics.ALERTS]).encode()]
    monkeypatch.setattr(
        alerts, "read_of_key", lambda *_: (message(value, topics.ALERTS) for value in values)
    )
    life = alerts.life_of_alert(SETTINGS, GOOD[topics.ALERTS])
    assert life
    for record in life:
        use_result(topics.ALERTS, record)


def test_commands_that_can_not_be_read_are_left_out(monkeypatch):
    good = msgspec.json.decode(encode_alert_command(COMMAND))
    values = [*poisoned(good), encode_alert_command(COMMAND)]
    monkeypatch.setattr(
        compacted_topic,
        "read_to_end",
        lambda *_: (message(value, topics.ALERT_COMMANDS, b"silence:gate:r") for value in values),
    )
    known = alert_commands.known_alert_commands(SETTINGS)
    assert known.silence("gate", "r", NOON) == COMMAND
    for value in values:
        try:
            command = decode_alert_command(value)
        except CodecError:
            continue
        assert command.id
        alert_command_record(command)
        assert decode_alert_command(encode_alert_command(command)) == command


def test_rate_requests_that_can_not_be_read_are_left_out():
    request = RateRequest("gate", "alert", 5.0, NOON + 5_000, "rule")
    good = as_json(request)[1]
    control, requests = RateControl(lambda: 0.0), {}
    for value in poisoned(good):
        control.apply_request(requests, "gate", value, NOON)
        try:
            decode_rate_request(value)
        except CodecError:
            continue
    control.show(requests)
    assert control.fps(CAMERA)
    assert {active.request.camera_id for active in requests.values()} <= {"gate"}


def test_settings_that_are_let_through_serve_a_camera():
    for value in poisoned(msgspec.json.decode(encode_camera(CAMERA))):
        try:
            camera = decode_camera(value, "gate")
        except CodecError:
            continue
        assert decode_camera(encode_camera(camera)) == camera
        run = CameraRun(camera)
        run.see(frame([person(), car()]), frame([person(0.6)], at=NINE + 500))
        run.wait_until(NINE + 120_000)
        for output in run.outputs:
            as_json(output)


class Followed(FollowedTopic):
    """A follower without its thread."""

    def __init__(self, apply):
        self._topic, self._apply = "cameras", apply
        self._rejected = followed_topic.RejectedRecords("cameras")


def test_a_follower_goes_on_after_a_record_that_it_can_not_apply(caplog):
    def apply(_known, _key, value, _at):
        raise ValueError(value)

    followed = Followed(apply)
    for offset in range(10_000):
        followed._apply_one({}, message(b"poison", "cameras", offset=offset))
    assert followed._rejected.count == 10_000
    assert 1 < len(caplog.records) < 30


def test_a_legacy_record_is_a_picture_or_rejected():
    good = {"image": "/9j/", "timestamp": "2026-11-21T09:00:00", "camera_id": "gate"}
    for value in poisoned(good):
        arrival = Arrival(Place("pycturestream", 0, 1), NOON, b"", value, None, None)
        read = read_legacy_record(arrival, ZoneInfo("Europe/Vienna"), 1_400_000)
        assert isinstance(read, LegacyPicture | Rejected)
        if isinstance(read, LegacyPicture):
            assert rfc3339(read.captured_at)


@pytest.mark.parametrize(
    "received_at", [b"9" * 400, b"-1", b"\xff", b"", b"99999999999999", "\u0663".encode(), b"1e5"]
)
def test_a_dead_letter_of_somebody_else_can_be_listed(monkeypatch, received_at):
    letter = message(None, topics.DEAD_LETTER, key=b"\xff")
    letter.headers = [("received_at", received_at), ("reason", None)]
    monkeypatch.setattr(dead_letters, "read_to_end", lambda *_: [letter])
    monkeypatch.setattr(dead_letters, "read_erasures", lambda _: NO_ERASURES)
    assert [each.at for each in dead_letters.read_dead_letters(SETTINGS)] == [rfc3339(NOON)]


class Redis:
    """A server that holds one value under all keys."""

    def __init__(self, value):
        self._value = value

    def pipeline(self, **_):
        return self

    def execute(self):
        return [self._value, [self._value], self._value]

    def zrange(self, *_, **__):
        return [(b"gate", float(NOON)), (b"\xff", 1.0), (b"yard", float("inf"))]

    def get(self, _key):
        return self._value

    def hgetall(self, _key):
        return {b"\xff": self._value}

    def hvals(self, _key):
        return [self._value]


@pytest.mark.parametrize("topic", [name for name in GOOD if name != topics.CAMERA_EVENTS])
def test_what_redis_holds_is_a_view_or_nothing(monkeypatch, topic):
    for value in poisoned(GOOD[topic]):
        monkeypatch.setattr(redis_view, "connect", lambda _, value=value: Redis(value))
        view = redis_view.RedisView(SETTINGS)
        assert set(view.cameras()) == {"gate"}
        (found,) = view.overview()
        for record, kind in (
            (view.latest("gate"), topics.DETECTIONS),
            (view.narration("gate"), topics.NARRATIONS),
            *((each, topics.ALERTS) for each in view.alerts("gate")),
            *((each, topics.COUNTS) for each in view.counts("gate").values()),
            *((each, topics.ALERTS) for each in found.alerts),
        ):
            if record is not None:
                use_result(kind, record)
        pushed = redis_view.PushedBytes("detections", "gate", value)
        assert view._pushed(pushed) is None or topic == topics.DETECTIONS


@pytest.mark.parametrize("topic", GOOD)
def test_what_a_search_finds_is_a_record_or_left_out(monkeypatch, topic):
    good = GOOD[topic]
    hits = [{"_source": good}, {}, {"_source": None}]
    for value in poisoned(good):
        try:
            hits.append({"_source": json.loads(value)})
        except (ValueError, RecursionError):
            continue
    monkeypatch.setattr(paging, "ask", lambda *_, **__: {"hits": {"hits": hits[: paging.PAGE - 1]}})
    found = list(search._search(None, topic, search.Scope(), "at", [], search.ALL))
    assert found[0] == good
    for record in found:
        use_result(topic, record)


def test_what_is_no_json_is_never_a_record():
    for value in NO_JSON:
        for topic in GOOD:
            with pytest.raises(CodecError):
                decode_result(topic, value)
