import base64
import json

import jsonschema
import msgspec
import pytest
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from pycturestream.contracts.alerts import read_alert
from pycturestream.contracts.attention import decode_rate_request
from pycturestream.contracts.cameras import decode_camera, encode_camera
from pycturestream.contracts.codec import (
    CodecError,
    DeadLetter,
    decode_outcome,
    encode_outcome,
)
from pycturestream.contracts.counts import read_count
from pycturestream.contracts.detections import (
    CandidateRecord,
    DetectionsRecord,
    ObjectRecord,
    decode_detections,
    decode_in_view,
    objects_in_view,
    people_in,
    read_detections,
)
from pycturestream.contracts.schemas import schema
from pycturestream.domain.alerts.wording import reason
from pycturestream.domain.cameras.camera import Attention, Camera, Motion, Rule
from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.admission import Place, Rejected
from pycturestream.domain.frames.picture_measure import PictureMeasure
from pycturestream.domain.geometry import BoundingBox
from pycturestream.domain.narration.on_request import answer
from pycturestream.domain.narration.wording import in_words
from pycturestream.domain.pipeline.events import ModelVersion
from tests.builders import alert_facts, alert_record, as_json
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
from tests.unit.domain.pipeline.test_senders import sent_by
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
    """Return a run in which every kind of record is written."""
    scene = CameraRun(CAMERA).see(
        *walk(0.02, 0.02, 12), frame([person(), car()], at=NINE + 6_500, camera_at=NINE - 9_000)
    )
    scene.see(*empty(30, at=NINE + 7_000))
    scene.reject(rejected())
    return scene.wait_until(NINE + 200_000)


def records(scene):
    return [as_json(output) for output in scene.outputs]


def test_every_record_conforms_to_its_schema():
    written = records(full_history())
    assert {topic for topic, _ in written} == {
        "detections",
        "counts",
        "alerts",
        "narrations",
        "camera-events",
        "attention",
    }
    assert {r["event"] for topic, r in written if topic == "camera-events"} >= {
        "online",
        "offline",
        "clock_corrected",
        "dead_letter",
        "frames",
    }
    for topic, record in written:
        Draft202012Validator(
            schema(topic), format_checker=Draft202012Validator.FORMAT_CHECKER
        ).validate(record)


def test_every_record_has_an_id_of_its_own():
    ids = [
        (topic, record["id"], record.get("revision")) for topic, record in records(full_history())
    ]
    assert len(ids) == len(set(ids))


def test_a_schema_rejects_an_unknown_field():
    topic, record = records(full_history())[0]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**record, "surprise": 1}, schema(topic))


def test_weekday_and_hour_are_in_the_cameras_time_zone():
    detections = next(record for topic, record in records(full_history()) if topic == "detections")
    assert (detections["weekday"], detections["hour"]) == (6, 10)


def test_a_detections_record_names_the_place_and_expiry_of_its_picture():
    detections = next(record for topic, record in records(full_history()) if topic == "detections")
    assert detections["picture"] == {
        "topic": "frames",
        "partition": 0,
        "offset": 0,
        "expires_at": "2026-11-21T09:10:00.020Z",
        "archive": None,
    }


def test_a_detections_record_names_the_reference_of_a_large_picture():
    found = frame([person().rounded()])
    large = replace(found, frame=replace(found.frame, reference="gate/large.jpg"))
    (judged,) = CameraRun(CAMERA).see(large).judged
    _, record = as_json(judged)
    assert record["picture"]["reference"] == "gate/large.jpg"
    jsonschema.validate(record, schema("detections"))
    assert read_detections(record).frame == large.frame


def test_detections_can_be_read_back_from_their_record():
    found = frame([car().rounded(), person(score=0.811).rounded()], camera_at=NINE - 9_000)
    (judged,) = CameraRun(CAMERA).see(found).judged
    _, record = as_json(judged)
    assert read_detections(record) == replace(found, digest="")


def test_a_detections_record_names_every_model_that_ran_and_keeps_its_id():
    face = Detection("face", 0.7, BoundingBox(0.2, 0.4, 0.25, 0.5)).rounded()
    plain = frame([person(score=0.811).rounded()])
    found = replace(
        plain,
        detections=(*plain.detections, face),
        further_models=(ModelVersion("centerface", "1"),),
    )
    (_, before), (_, record) = (as_json(CameraRun(CAMERA).see(f).judged[0]) for f in (plain, found))
    Draft202012Validator(schema("detections")).validate(record)
    assert [model["name"] for model in record["models"]] == ["nanodet", "centerface"]
    assert before["models"] == record["models"][:1]
    assert record["id"] == before["id"]
    assert record["labels"] == ["face", "person"]
    assert record["objects"][:1] == before["objects"]
    assert read_detections(record) == replace(found, digest="")
    assert decode_outcome(encode_outcome(found)) == found


def test_a_record_without_a_model_can_not_be_read():
    ((_, record), *_) = records(CameraRun().see(frame()))
    with pytest.raises(CodecError):
        read_detections(record | {"models": []})


def test_a_frame_of_an_older_operator_had_no_further_models():
    older = msgspec.to_builtins(frame())
    del older["further_models"]
    assert decode_outcome(b"F" + msgspec.msgpack.encode(older)) == frame()


def test_a_detections_record_names_the_sender_of_its_frame():
    found = sent_by("kitchen:1", NINE)
    ((_, record), *_) = records(CameraRun().see(found))
    Draft202012Validator(schema("detections")).validate(record)
    assert record["sender"] == "kitchen:1"
    assert read_detections(record).frame == found.frame
    ((_, record), *_) = records(CameraRun().see(frame()))
    assert "sender" not in record


@pytest.mark.parametrize("sender", ["", "kitchen", "kitchen:one", ":", "\ud800:5", "x" * 99])
def test_a_sender_that_somebody_else_wrote_is_read_as_none(sender):
    ((_, record), *_) = records(CameraRun().see(frame()))
    assert read_detections(record | {"sender": sender}).frame.sender == ""


def test_a_picture_measure_can_be_read_back_from_its_record():
    found = replace(frame(), measure=PictureMeasure(0.4717, 0.1911, 1.1417, bytes(range(192))))
    covered = Rule("covered", (), about="covered")
    (judged,) = CameraRun(replace(CAMERA, rules=(covered,))).see(found).judged
    topic, record = as_json(judged)
    Draft202012Validator(schema(topic)).validate(record)
    stored = replace(found.measure, thumbnail=b"")
    assert read_detections(record) == replace(found, digest="", measure=stored)
    assert decode_outcome(encode_outcome(found)) == found


def test_no_thumbnail_is_kept_with_a_record_and_one_of_an_older_program_is_read():
    measure = PictureMeasure(0.4717, 0.1911, 1.1417, bytes(range(192)))
    covered = Rule("covered", (), about="covered")
    scene = CameraRun(replace(CAMERA, rules=(covered,)))
    (judged,) = scene.see(replace(frame(), measure=measure)).judged
    _, record = as_json(judged)
    assert record["measure"].keys() == {"brightness", "contrast", "sharpness"}

    older = as_older_programs_did(record, measure)
    Draft202012Validator(schema("detections")).validate(older)
    assert read_detections(older).measure == measure
    with pytest.raises(CodecError, match="thumbnail: 6 shades"):
        read_detections(older | {"measure": older["measure"] | {"thumbnail": "AAAAAAAA"}})


def as_older_programs_did(record, measure):
    thumbnail = base64.b64encode(measure.thumbnail).decode()
    return record | {"measure": record["measure"] | {"thumbnail": thumbnail}}


def tampered(of_the_past=None):
    """A camera that is covered for a while; or one that is judged again by its records."""
    usual = PictureMeasure(0.5, 0.2, 1.0, bytes(50 + n * 7 % 130 for n in range(192)))
    covered = PictureMeasure(0.2, 0.01, 0.01, bytes([100] * 192))
    scene = CameraRun(replace(CAMERA, rules=(Rule("covered", (), about="covered", for_ms=5_000),)))
    if of_the_past is None:
        measures = [usual] * 40 + [covered] * 20 + [usual] * 30
        scene.see(
            *(
                replace(frame(at=NINE + number * 500), measure=measure)
                for number, measure in enumerate(measures)
            )
        )
    else:
        scene.see(*map(read_detections, of_the_past))
    return scene


def test_rules_about_the_view_are_judged_alike_by_records_of_the_past():
    lived = tampered()
    stored = [as_json(judged)[1] for judged in lived.judged]
    for record in stored:
        Draft202012Validator(schema("detections")).validate(record)
    assert 15 < sum("view_fault" in record for record in stored) < 25
    assert [change.state for change in lived.alerts] == ["raised", "cleared"]

    again = tampered(stored)

    assert again.alerts == lived.alerts
    assert [as_json(judged)[1] for judged in again.judged] == stored


def test_rules_about_the_view_are_judged_by_thumbnails_where_older_records_have_them():
    lived = tampered()
    older = [
        as_older_programs_did(
            {name: value for name, value in as_json(judged)[1].items() if name != "view_fault"},
            judged.found.measure,
        )
        for judged in lived.judged
    ]
    assert tampered(older).alerts == lived.alerts


def test_no_picture_measure_is_kept_where_no_rule_needs_it():
    found = replace(frame(), measure=PictureMeasure(0.4717, 0.1911, 1.1417, bytes(range(192))))
    (judged,) = CameraRun(CAMERA).see(found).judged
    assert "measure" not in as_json(judged)[1]
    assert "picture_fault" not in as_json(judged)[1]


def test_a_picture_in_which_nothing_can_be_seen_says_so_whatever_the_rules_are():
    found = replace(frame(), measure=PictureMeasure(0.01, 0.0, 0.0, bytes(192)))
    (judged,) = CameraRun(CAMERA).see(found).judged
    topic, record = as_json(judged)
    Draft202012Validator(schema(topic)).validate(record)
    assert record["picture_fault"] == "dark"
    assert decode_in_view(msgspec.json.encode(record)).fault == "dark"


def test_a_record_of_an_older_program_says_so_by_its_measure():
    found = replace(frame(), measure=PictureMeasure(0.5, 0.01, 0.5, bytes(range(192))))
    covered = Rule("covered", (), about="covered")
    (judged,) = CameraRun(replace(CAMERA, rules=(covered,))).see(found).judged
    record = as_json(judged)[1]
    del record["picture_fault"]
    assert decode_in_view(msgspec.json.encode(record)).fault == "covered"


def test_detections_of_an_older_program_get_defaults_for_missing_fields():
    found = frame([car().rounded()])
    (judged,) = CameraRun(CAMERA).see(found).judged
    _, record = as_json(judged)
    missing = {"run", "latency_ms", "label_counts", "candidates", "threats", "setting"}
    assert read_detections({k: record[k] for k in record.keys() - missing}) == replace(
        found, digest=""
    )


def test_the_bytes_of_a_detections_record_are_read_as_the_record_is():
    (judged,) = CameraRun(CAMERA).see(frame([car().rounded()])).judged
    _, record = as_json(judged)
    assert decode_detections(json.dumps(record).encode()) == read_detections(record)


def test_weak_and_outvoted_detections_can_be_read_back():
    scene = CameraRun(CAMERA).see(*(frame([car()], at=NINE + n * 500) for n in range(5)))
    truck = replace(car(), label="truck", score=0.7)
    cone = replace(person(score=0.45), weak=True)
    found = frame([truck, cone, cone], at=NINE + 2_500)
    judged = scene.see(found).judged[-1]
    topic, record = as_json(judged)
    Draft202012Validator(schema(topic)).validate(record)
    assert [(each["label"], each["detected_as"]) for each in record["objects"]] == [
        ("car", "truck")
    ]
    assert [weak["label"] for weak in record["candidates"]] == ["person", "person"]
    assert read_detections(record) == replace(found, digest="")


def test_what_is_hidden_stands_beside_what_the_frame_shows():
    scene = CameraRun(CAMERA).see(*walk(0.02, 0.02, 6))
    found = frame([car().rounded()], at=NINE + 3_000)
    judged = scene.see(found).judged[-1]
    topic, record = as_json(judged)
    Draft202012Validator(schema(topic)).validate(record)
    assert record["labels"] == ["car"]
    assert record["hidden"] == [
        {
            "label": "person",
            "track_id": "gate_20261121T090000000Z#0",
            "sector": "middle left",
            "zones": ["left-half"],
            "seen_at": "2026-11-21T09:00:02.500Z",
        }
    ]
    assert read_detections(record) == replace(found, digest="")
    assert "hidden" not in as_json(scene.judged[0])[1]


def test_a_count_holds_entered_and_left_zones_and_crossed_lines():
    scene = CameraRun(CAMERA).see(*there_and_back()).wait_until(NINE + 62_000)
    (record,) = (record for topic, record in records(scene) if topic == "counts")
    assert record["id"] == "gate:person:20261121T090000000Z:60s"
    assert record["timezone"] == "Europe/Vienna"
    assert (record["unique"], record["new"]) == (1, 1)
    assert record["entered"] == record["left"] == [{"zone": "left-half", "count": 1}]
    assert record["crossed"] == [{"line": "middle", "in": 1, "out": 1}]


def test_a_count_can_be_read_back_from_its_record():
    for count in full_history().counts:
        record = as_json(count)[1]
        assert read_count(record) == replace(count, mean=round(count.mean, 3))


def test_a_count_of_an_older_program_gets_defaults_for_missing_fields():
    (count,) = CameraRun(CAMERA).see(*walk(0.02, 0.02, 4)).wait_until(NINE + 62_000).counts
    _, record = as_json(count)
    old = {name: record[name] for name in record.keys() - {"new", "left", "timezone"}}
    read = read_count(old)
    assert (read.new, read.left, read.timezone) == (count.unique, {}, "UTC")


def test_the_reason_of_an_alert_is_a_sentence():
    alert = next(record for topic, record in records(full_history()) if topic == "alerts")
    assert alert["reason"] == (
        "A person in the left-half, seen in 3 pictures since 10:00:00, highest score 0.80."
    )


def test_an_alert_about_the_camera_itself_conforms_to_the_schema():
    rules = (Rule("away", about="offline"), Rule("clock", about="clock-wrong"))
    wrong = [frame(at=NINE + n * 500, camera_at=NINE - 9_000 + n * 500) for n in range(3)]
    scene = CameraRun(guarded(*rules)).see(*wrong).wait_until(NINE + 60_000)
    alerts = [record for topic, record in records(scene) if topic == "alerts"]
    assert [(alert["rule"], alert["state"]) for alert in alerts] == [
        ("clock", "raised"),
        ("clock", "cleared"),
        ("away", "raised"),
    ]
    for alert in alerts:
        Draft202012Validator(schema("alerts")).validate(alert)
        assert (alert["label"], alert["track_ids"], alert["count"]) == (None, [], 1)


def test_the_facts_of_an_alert_lead_to_its_reason():
    rules = (NOBODY_HERE, Rule("away", about="offline"), Rule("clock", about="clock-wrong"))
    wrong = [
        frame([person(0.1)], at=NINE + n * 500, camera_at=NINE - 9_000 + n * 500) for n in range(5)
    ]
    camera = replace(guarded(*rules), timezone="Europe/Vienna", language="de")
    scene = CameraRun(camera).see(*wrong, *empty(40, at=NINE + 3_000)).wait_until(NINE + 120_000)
    alerts = [record for topic, record in records(scene) if topic == "alerts"]
    assert {alert["facts"]["about"] for alert in alerts} == {"things", "offline", "clock-wrong"}
    for alert in alerts:
        read = read_alert(alert)
        assert reason(read, "de") == alert["reason"]
        assert reason(read, "en") != alert["reason"]


def test_an_alert_of_an_older_job_has_no_facts():
    read = read_alert(alert_record())
    assert read.facts is None
    assert reason(read, "de") == alert_record()["reason"]


@pytest.mark.parametrize(
    "change",
    [
        {"about": "weather"},
        {"since": "2150-01-01T00:00:00.000Z"},
        {"since": ""},
        {"seen_until": "soon"},
        {"timezone": "Europe/Atlantis"},
        {"timezone": "../../etc/passwd"},
        {"period": {"timezone": "Europe/Atlantis"}},
        {"period": {"from_minute": 1_440}},
        {"count": -1},
        {"count": 2**53},
        {"dwell_ms": 2**63},
        {"clock_off_ms": -(2**53)},
        {"score": -0.1},
        {"usual": 1e300},
        {"crossed": [{"line": "gate", "way": "any"}]},
        {"label_counts": [{"label": "person", "count": 2**64}]},
    ],
)
def test_an_alert_with_facts_that_can_not_be_worded_is_rejected(change):
    assert read_alert(alert_record(facts=alert_facts())).facts
    with pytest.raises(CodecError):
        read_alert(alert_record(facts=alert_facts(**change)))


def test_camera_settings_can_be_read_back_and_conform_to_their_schema():
    assert decode_camera(encode_camera(CAMERA)) == CAMERA
    jsonschema.validate(json.loads(encode_camera(CAMERA)), schema("cameras"))


def test_settings_of_another_camera_are_rejected():
    assert decode_camera(encode_camera(CAMERA), "gate") == CAMERA
    with pytest.raises(CodecError, match="camera_id: 'gate', expected 'door'"):
        decode_camera(encode_camera(CAMERA), "door")


def test_settings_of_an_older_program_get_defaults_for_missing_fields():
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
def test_a_mask_or_region_without_an_area_is_rejected(settings, polygon):
    data = {"camera_id": "gate", **settings({"name": "window", "polygon": polygon})}
    with pytest.raises(CodecError, match="window: must "):
        decode_camera(json.dumps(data).encode())


def test_a_zone_without_corners_is_rejected():
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
def test_bytes_that_are_no_settings_or_rate_request_are_rejected_with_a_reason(decode, data):
    with pytest.raises(CodecError):
        decode(data)


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"timezone": "Europe/Atlantis"}, "timezone: 'Europe/Atlantis' is unknown"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"timezone": ""}, "timezone: '' is unknown"),
        ({"timezone": "Europe"}, "timezone"),
        ({"timezone": "z" * 5_000}, "timezone"),
        ({"timezone": "\0"}, "timezone"),
        ({"fps": 0}, r".*> 0.0 - .*\.fps\b"),
        ({"fps": -1}, r".*> 0.0 - .*\.fps\b"),
        ({"fps": 61}, r".*<= 60.0 - .*\.fps\b"),
        ({"attention": {"idle_fps": 0, "alert_fps": 5}}, r".*> 0.0 - .*\.idle_fps\b"),
        (
            {"attention": {"idle_fps": 1, "alert_fps": 1e300}},
            r".*<= 60.0 - .*\.alert_fps\b",
        ),
        ({"motion": {"heartbeat_s": 0}}, r".*> 0.0 - .*\.heartbeat_s\b"),
        ({"motion": {"heartbeat_s": 1e300}}, r".*<= 86400.0 - .*\.heartbeat_s\b"),
        ({"motion": {"hold_s": -1}}, r".*>= 0.0 - .*\.hold_s\b"),
        ({"motion": {"hold_s": 86_401}}, r".*<= 86400.0 - .*\.hold_s\b"),
        ({"warm_up_ms": -1}, r".*>= 0 - .*\.warm_up_ms\b"),
        ({"rules": [{"name": "fox", "dwell_ms": -1}]}, r".*>= 0 - .*\.dwell_ms\b"),
        (
            {"rules": [{"name": "fox", "for_ms": 10**12}]},
            r".*<= 86400000 - .*\.for_ms\b",
        ),
        ({"rules": [{"name": "fox", "schedule": [{"timezone": "Mars"}]}]}, "fox: schedule: timez"),
        (
            {"rules": [{"name": "fox", "schedule": [{"to_minute": 9_999}]}]},
            r".*<= 1440 - .*\.to_minute\b",
        ),
        (
            {"rules": [{"name": "fox", "schedule": [{"from_minute": 1_440}]}]},
            r".*<= 1439 - .*\.from_minute\b",
        ),
        ({"rules": [{"name": "fox", "schedule": [{"days": [8]}]}]}, r".*<= 7 - .*\.days\b"),
        (
            {"rules": [{"name": "fox", "labels": [], "clear_after_ms": -1}]},
            r".*>= 1 - .*\.clear_after_ms\b",
        ),
        (
            {"rules": [{"name": "fox", "labels": [], "clear_after_ms": 0}]},
            r".*>= 1 - .*\.clear_after_ms\b",
        ),
        (
            {"rules": [{"name": "fox", "labels": [], "clear_after_ms": 10**18}]},
            r".*<= 86400000 - .*\.clear_after_ms\b",
        ),
    ],
)
def test_settings_out_of_bounds_are_rejected(settings, fault):
    with pytest.raises(CodecError, match=f"^{fault}"):
        decode_camera(json.dumps({"camera_id": "gate", **settings}).encode())


def test_settings_at_their_bounds_are_accepted():
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


def test_a_dead_letter_of_a_tombstone_travels_too():
    letter = DeadLetter(rejected(), None, None)
    assert decode_outcome(encode_outcome(letter)) == letter


def test_a_dead_letter_without_a_camera_is_an_event_too():
    scene = CameraRun(Camera("invalid-camera-id"))
    outcome = Rejected(
        "invalid-camera-id", Place("frames", 0, 1), NINE, "bad-camera-id", "x", 1, "y"
    )
    scene.reject(outcome)
    assert [event for event, _ in scene.events] == ["dead_letter"]


def test_what_approaches_is_marked_in_the_record_of_its_frame():
    scene = CameraRun(CAMERA)
    for number in range(8):
        side = 0.1 * 1.15**number
        shape = BoundingBox(0.5 - side / 2, 0.5 - side / 2, 0.5 + side / 2, 0.5 + side / 2)
        scene.see(frame([Detection("car", 0.9, shape)], at=NINE + number * 500))
    marked = [
        [each.get("approaching") for each in record["objects"]]
        for topic, record in records(scene)
        if topic == "detections"
    ]
    assert marked[0] == [None]
    assert marked[-1] == [True]


def test_whoever_answers_a_listener_reads_what_is_in_view_from_a_record():
    scene = CameraRun(CAMERA).see(*walk(0.42, 0.0, 8), *empty(1, at=NINE + 4_000))
    last = [record for topic, record in records(scene) if topic == "detections"][-2:]
    seen, hidden = (objects_in_view(msgspec.convert(record, DetectionsRecord)) for record in last)
    assert in_words(answer(seen), "en") == "A person in the center."
    assert in_words(answer(hidden), "en") == "A person in the center."
    assert seen[0].certainty == pytest.approx(0.8)


def test_people_are_all_that_were_detected_as_such_or_are_tracked_as_such():
    boxes = [(n / 10, 0.0, n / 10 + 0.1, 1.0) for n in range(6)]
    known = (
        ObjectRecord("person", 0.9, boxes[0]),
        ObjectRecord("person", 0.4, boxes[1], weak=True),
        ObjectRecord("person", 0.6, boxes[2], detected_as="dog"),
        ObjectRecord("dog", 0.6, boxes[3], detected_as="person"),
        ObjectRecord("car", 0.9, (0.0, 0.0, 1.0, 1.0)),
    )
    unknown = (
        CandidateRecord("person", 0.4, boxes[4]),
        CandidateRecord("dog", 0.4, (0.0, 0.0, 1.0, 1.0)),
    )
    scene = CameraRun(CAMERA).see(*walk(0.42, 0.0, 1))
    [record] = [record for topic, record in records(scene) if topic == "detections"]
    read = msgspec.convert(record, DetectionsRecord)

    people = people_in(replace(read, objects=known, candidates=unknown))

    assert people == tuple(BoundingBox(*box) for box in boxes[:5])
