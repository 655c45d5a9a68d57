import json

import jsonschema
import msgspec
import pytest
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from pycturestream.contracts.codec import (
    CodecError,
    DeadLetter,
    decode_camera,
    decode_outcome,
    decode_rate_request,
    decode_state,
    encode_camera,
    encode_outcome,
    encode_record,
    encode_state,
)
from pycturestream.contracts.records import count_record, read_count, read_detections, to_record
from pycturestream.contracts.schemas import schema
from pycturestream.domain.cameras.camera import Attention, Camera, Motion, Rule
from pycturestream.domain.counting.window_count import LabelTally
from pycturestream.domain.frames.admission import Place, Rejected
from pycturestream.domain.frames.picture_measure import PictureMeasure
from tests.scenes import (
    LEFT_HALF,
    MIDDLE,
    NINE,
    NOBODY_HERE,
    CameraRun,
    car,
    empty,
    frame,
    guarded,
    person,
    there_and_back,
    walk,
)
from tests.unit.domain.pipeline.test_step import dropped, rejected

CAMERA = Camera(
    "gate",
    site="north",
    timezone="Europe/Vienna",
    zones=(LEFT_HALF,),
    lines=(MIDDLE,),
    rules=(NOBODY_HERE,),
    warm_up_ms=0,
    neighbours=("door",),
    attention=Attention(idle_fps=0.2, alert_fps=5),
)


def full_history() -> CameraRun:
    """Return a scene in which everything happens that can be told."""
    scene = CameraRun(CAMERA).see(
        *walk(0.02, 0.02, 12), frame([person(), car()], at=NINE + 6_500, camera_at=NINE - 9_000)
    )
    scene.see(*empty(30, at=NINE + 7_000))
    scene.reject(rejected())
    return scene.wait_until(NINE + 200_000)


def records(scene):
    return [to_record(output, "live", 600_000) for output in scene.outputs]


def test_every_record_keeps_to_its_contract():
    told = records(full_history())
    assert {topic for topic, _ in told} == {
        "detections",
        "counts",
        "alerts",
        "narrations",
        "camera-events",
        "attention",
    }
    assert {r["event"] for topic, r in told if topic == "camera-events"} >= {
        "online",
        "offline",
        "clock_corrected",
        "dead_letter",
        "frames",
    }
    for topic, record in told:
        Draft202012Validator(
            schema(topic), format_checker=Draft202012Validator.FORMAT_CHECKER
        ).validate(json.loads(encode_record(record)))


def test_every_record_has_an_id_of_its_own():
    ids = [
        (topic, record["id"], record.get("revision")) for topic, record in records(full_history())
    ]
    assert len(ids) == len(set(ids))


def test_the_schema_would_find_a_wrong_record():
    topic, record = records(full_history())[0]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**record, "surprise": 1}, schema(topic))


def test_weekday_and_hour_are_the_cameras_own():
    detections = next(record for topic, record in records(full_history()) if topic == "detections")
    assert (detections["weekday"], detections["hour"]) == (6, 10)


def test_a_result_says_where_its_picture_lies_and_until_when():
    detections = next(record for topic, record in records(full_history()) if topic == "detections")
    assert detections["picture"] == {
        "topic": "frames",
        "partition": 0,
        "offset": 0,
        "expires_at": "2026-11-21T09:10:00.020Z",
        "archive": None,
    }


def test_a_result_says_where_the_picture_lies_that_the_log_only_names():
    found = frame([person().rounded()])
    large = replace(found, frame=replace(found.frame, reference="gate/large.jpg"))
    (judged,) = CameraRun(CAMERA).see(large).judged
    _, record = to_record(judged, "live", 600_000)
    assert record["picture"]["reference"] == "gate/large.jpg"
    jsonschema.validate(record, schema("detections"))
    assert read_detections(record).frame == large.frame


def test_what_was_found_can_be_read_back_from_its_record():
    found = frame([car().rounded(), person(score=0.811).rounded()], camera_at=NINE - 9_000)
    (judged,) = CameraRun(CAMERA).see(found).judged
    _, record = to_record(judged, "live", 600_000)
    told = json.loads(encode_record(record))
    assert read_detections(told) == replace(found, digest="")


def test_the_measure_of_a_picture_can_be_read_back_from_its_record():
    found = replace(frame(), measure=PictureMeasure(0.4717, 0.1911, 1.1417, bytes(range(192))))
    covered = Rule("covered", (), about="covered")
    (judged,) = CameraRun(replace(CAMERA, rules=(covered,))).see(found).judged
    topic, record = to_record(judged, "live", 600_000)
    told = json.loads(encode_record(record))
    Draft202012Validator(schema(topic)).validate(told)
    assert read_detections(told) == replace(found, digest="")
    assert decode_outcome(encode_outcome(found)) == found


def test_no_measure_is_kept_of_a_camera_whose_rules_ask_for_none():
    found = replace(frame(), measure=PictureMeasure(0.4717, 0.1911, 1.1417, bytes(range(192))))
    (judged,) = CameraRun(CAMERA).see(found).judged
    assert "measure" not in to_record(judged, "live", 600_000)[1]


def test_what_was_weak_or_outvoted_can_be_read_back_too():
    scene = CameraRun(CAMERA).see(*(frame([car()], at=NINE + n * 500) for n in range(5)))
    truck = replace(car(), label="truck", score=0.7)
    cone = replace(person(score=0.45), weak=True)
    found = frame([truck, cone, cone], at=NINE + 2_500)
    judged = scene.see(found).judged[-1]
    topic, record = to_record(judged, "live", 600_000)
    told = json.loads(encode_record(record))
    Draft202012Validator(schema(topic)).validate(told)
    assert [(thing["label"], thing["detected_as"]) for thing in told["objects"]] == [
        ("car", "truck")
    ]
    assert [weak["label"] for weak in told["candidates"]] == ["person", "person"]
    assert read_detections(told) == replace(found, digest="")


def test_a_count_says_what_was_passed_and_how_often():
    scene = CameraRun(CAMERA).see(*there_and_back()).wait_until(NINE + 62_000)
    (record,) = (record for topic, record in records(scene) if topic == "counts")
    assert record["id"] == "gate:person:20261121T090000000Z:60s"
    assert record["timezone"] == "Europe/Vienna"
    assert (record["unique"], record["new"]) == (1, 1)
    assert record["entered"] == record["left"] == [{"zone": "left-half", "count": 1}]
    assert record["crossed"] == [{"line": "middle", "in": 1, "out": 1}]


def test_a_count_can_be_read_back_from_its_record():
    for count in full_history().counts:
        told = json.loads(encode_record(count_record(count, "live")))
        assert read_count(told) == replace(count, mean=round(count.mean, 3))


def test_a_count_of_an_older_program_is_read_with_what_it_told():
    (count,) = CameraRun(CAMERA).see(*walk(0.02, 0.02, 4)).wait_until(NINE + 62_000).counts
    told = count_record(count, "live")
    old = {name: told[name] for name in told.keys() - {"new", "left", "timezone"}}
    read = read_count(old)
    assert (read.new, read.left, read.timezone) == (count.unique, {}, "UTC")


def test_the_reason_of_an_alert_is_a_sentence():
    alert = next(record for topic, record in records(full_history()) if topic == "alerts")
    assert alert["reason"] == (
        "Person in left-half, seen in 3 pictures since 10:00:00, highest score 0.80."
    )


def test_an_alert_about_the_camera_itself_keeps_to_the_contract_too():
    rules = (Rule("away", about="offline"), Rule("clock", about="clock-wrong"))
    wrong = [frame(at=NINE + n * 500, camera_at=NINE - 9_000 + n * 500) for n in range(3)]
    scene = CameraRun(guarded(*rules)).see(*wrong).wait_until(NINE + 60_000)
    told = [record for topic, record in records(scene) if topic == "alerts"]
    assert [(alert["rule"], alert["state"]) for alert in told] == [
        ("clock", "raised"),
        ("clock", "cleared"),
        ("away", "raised"),
    ]
    for alert in told:
        Draft202012Validator(schema("alerts")).validate(alert)
        assert (alert["label"], alert["track_ids"], alert["count"]) == (None, [], 1)


def test_camera_settings_survive_the_topic_and_keep_to_their_contract():
    assert decode_camera(encode_camera(CAMERA)) == CAMERA
    jsonschema.validate(json.loads(encode_camera(CAMERA)), schema("cameras"))


def test_settings_of_an_older_program_have_the_defaults_for_what_they_lack():
    old = b'{"camera_id": "gate", "fps": 2.0, "zones": [], "narration": true, "revision": 3}'
    assert decode_camera(old) == Camera("gate", fps=2.0, revision=3)


@pytest.mark.parametrize("polygon", [[], [[0, 0], [1, 1]], [[0, 0], [1, 1], [1, 0], [0, 1]]])
@pytest.mark.parametrize(
    "settings",
    [
        lambda zone: {"masks": [zone]},
        lambda zone: {"motion": {"gate": "on", "region": [zone]}},
    ],
)
def test_a_mask_or_region_that_has_no_inside_can_not_be_read(settings, polygon):
    data = {"camera_id": "gate", **settings({"name": "window", "polygon": polygon})}
    with pytest.raises(CodecError, match="window: must "):
        decode_camera(json.dumps(data).encode())


def test_a_zone_without_an_inside_can_not_be_read():
    data = {"camera_id": "gate", "zones": [{"name": "door", "polygon": []}]}
    with pytest.raises(CodecError, match="door: must have at least 3 corners"):
        decode_camera(json.dumps(data).encode())


DEEP = b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b'{"site": "x"}',
        b'{"camera_id": 7}',
        b'{"camera_id": "gate", "site": "\xff"}',
        DEEP,
    ],
)
@pytest.mark.parametrize("decode", [decode_camera, decode_rate_request])
def test_settings_and_wishes_that_are_none_are_refused_with_a_reason(decode, data):
    with pytest.raises(CodecError):
        decode(data)


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"timezone": "Europe/Atlantis"}, "timezone: 'Europe/Atlantis' is unknown"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"timezone": "Europe"}, "timezone"),
        ({"timezone": "z" * 5_000}, "timezone"),
        ({"timezone": "\0"}, "timezone"),
        ({"fps": 0}, "fps: must be above 0"),
        ({"fps": -1}, "fps: must be above 0"),
        ({"fps": 61}, "fps: must be above 0"),
        ({"attention": {"idle_fps": 0, "alert_fps": 5}}, "idle_fps: must"),
        ({"attention": {"idle_fps": 1, "alert_fps": 1e300}}, "alert_fps: must"),
        ({"motion": {"heartbeat_s": 0}}, "heartbeat_s: must"),
        ({"motion": {"heartbeat_s": 1e300}}, "heartbeat_s: must"),
        ({"motion": {"hold_s": -1}}, "hold_s: must"),
        ({"motion": {"hold_s": 86_401}}, "hold_s: must"),
        ({"warm_up_ms": -1}, "warm_up_ms: must"),
        ({"rules": [{"name": "fox", "dwell_ms": -1}]}, "fox: dwell_ms must"),
        ({"rules": [{"name": "fox", "for_ms": 10**12}]}, "fox: for_ms must"),
        ({"rules": [{"name": "fox", "schedule": [{"timezone": "Mars"}]}]}, "fox: schedule: timez"),
        ({"rules": [{"name": "fox", "schedule": [{"to_minute": 9_999}]}]}, "fox: schedule: must"),
        ({"rules": [{"name": "fox", "schedule": [{"days": [8]}]}]}, "fox: schedule: days"),
        ({"rules": [{"name": "fox", "labels": [], "clear_after_ms": -1}]}, "fox: clear_after_ms"),
        ({"rules": [{"name": "fox", "labels": [], "clear_after_ms": 0}]}, "fox: clear_after_ms"),
        ({"rules": [{"name": "fox", "labels": [], "clear_after_ms": 10**18}]}, "fox: clear"),
    ],
)
def test_settings_that_nobody_can_go_by_can_not_be_read(settings, fault):
    with pytest.raises(CodecError, match=f"^{fault}"):
        decode_camera(json.dumps({"camera_id": "gate", **settings}).encode())


def test_settings_at_their_bounds_can_be_read():
    rule = replace(NOBODY_HERE, clear_after_ms=1)
    camera = replace(
        CAMERA,
        fps=60,
        motion=Motion(heartbeat_s=86_400, hold_s=0),
        rules=(rule, replace(rule, clear_after_ms=86_400_000)),
    )
    assert decode_camera(encode_camera(camera)) == camera


@pytest.mark.parametrize(
    "outcome", [frame([person(), car()]), dropped(), DeadLetter(rejected(), b"\xff", b"bytes")]
)
def test_outcomes_travel_between_operators(outcome):
    assert decode_outcome(encode_outcome(outcome)) == outcome


def test_a_tombstone_travels_too():
    letter = DeadLetter(rejected(), None, None)
    assert decode_outcome(encode_outcome(letter)) == letter


def test_memory_is_small_and_survives():
    memory = CameraRun(CAMERA).see(*walk(0.02, 0.02, 40)).state
    assert decode_state(encode_state(memory)) == memory
    assert len(encode_state(memory)) < 3_000


def test_memory_of_another_version_is_refused():
    with pytest.raises(CodecError, match="version 63"):
        decode_state(b"c" + encode_state(CameraRun().state)[1:])


def test_memory_of_an_older_program_is_read_with_defaults_for_what_it_lacks():
    old = b"\x01\x82\xa5clock\x05\xa8presence\x81\xa6online\xc3"
    memory = decode_state(old)
    assert (memory.clock, memory.presence.online, memory.tracks) == (5, True, ())


def test_tallies_of_an_older_program_are_read_without_who_was_counted():
    tally = {"largest": 2, "total": 9, "track_ids": ["gate_20261121T090000000Z#0"]}
    window = {"start": NINE, "frames": 5, "labels": {"person": tally}}
    old = {"tallies": {"windows": [window], "label_seen_at": {"person": NINE}}}
    tallies = decode_state(b"\x01" + msgspec.msgpack.encode(old)).tallies
    assert tallies.windows[0].labels["person"] == LabelTally(largest=2, total=9)
    assert tallies.counted == {}


def test_whereabouts_take_little_room():
    zones = tuple(replace(LEFT_HALF, name=f"zone-{number}") for number in range(4))
    camera = replace(CAMERA, zones=zones)
    people = [frame([person(0.06 * n) for n in range(15)], at=NINE + s * 500) for s in range(4)]
    memory = CameraRun(camera).see(*people).state
    assert len(memory.zone_states) == 15
    assert len(msgspec.msgpack.encode(memory.zone_states)) < 15 * 300


def test_a_refused_record_of_no_camera_is_told_too():
    scene = CameraRun(Camera("invalid-camera-id"))
    outcome = Rejected(
        "invalid-camera-id", Place("frames", 0, 1), NINE, "bad-camera-id", "x", 1, "y"
    )
    scene.reject(outcome)
    assert [event for event, _ in scene.events] == ["dead_letter"]
