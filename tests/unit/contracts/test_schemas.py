import pytest
from jsonschema import Draft202012Validator, ValidationError

from pycturestream.contracts import topics
from pycturestream.contracts.schemas import NAMES, schema
from tests.builders import (
    alert_event_record,
    alert_facts,
    alert_record,
    archived_record,
    count_record,
    detection_record,
    event_record,
    narration_record,
)

SAMPLES = {
    "detections": detection_record(labels=("person", "person", "car"), zones=("door",)),
    "counts": count_record(),
    "alerts": alert_record(state="cleared", revision=2, facts=alert_facts()),
    "narrations": narration_record(),
    "camera-events": event_record(),
    "cameras": {
        "camera_id": "gate",
        "site": "north",
        "setting": "outdoor",
        "zones": [{"name": "door", "polygon": [[0.1, 0.1], [0.5, 0.1], [0.5, 0.9]]}],
        "rules": [{"name": "stranger-at-door", "labels": ["person"], "zones": ["door"]}],
        "revision": 1,
    },
    "attention": {
        "id": "door_20261121T090030125Z:gate",
        "camera_id": "door",
        "level": "alert",
        "fps": None,
        "until": "2026-11-21T09:00:30.125Z",
        "because_of": "gate",
    },
    "alert-commands": {
        "id": "silence:gate:20261121T090000125Z",
        "command": "silence",
        "camera_id": "gate",
        "alert_id": None,
        "rule": None,
        "until": "2026-11-21T11:00:00.125Z",
        "by": "guard",
        "reason": "the painters are here",
        "at": "2026-11-21T09:00:00.125Z",
    },
    "erasures": {
        "id": "gate:20261121T090000000Z:20261121T091000000Z",
        "camera_id": "gate",
        "since": "2026-11-21T09:00:00.000Z",
        "until": "2026-11-21T09:10:00.000Z",
        "asked_at": "2026-11-22T08:00:00.125Z",
        "reason": "request 7",
    },
    "archived": archived_record(),
    "alert-events": alert_event_record(),
}


def test_every_result_topic_has_a_schema():
    assert set(topics.SERVED) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_valid(name):
    Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_of_the_contract_is_valid(name):
    Draft202012Validator(schema(name)).validate(SAMPLES[name])


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_field_is_rejected(name):
    with pytest.raises(ValidationError, match="surprise"):
        Draft202012Validator(schema(name)).validate({**SAMPLES[name], "surprise": 1})


@pytest.mark.parametrize("name", NAMES)
def test_a_record_without_its_camera_is_rejected(name):
    without = {key: value for key, value in SAMPLES[name].items() if key != "camera_id"}
    with pytest.raises(ValidationError, match="camera_id"):
        Draft202012Validator(schema(name)).validate(without)


@pytest.mark.parametrize(
    "at", ["2026-11-21T09:00:00Z", "2026-11-21T09:00:00.125+01:00", "today", 0]
)
def test_a_time_has_only_one_valid_format(at):
    with pytest.raises(ValidationError):
        Draft202012Validator(schema("detections")).validate(
            {**SAMPLES["detections"], "captured_at": at}
        )


def test_an_unknown_schema_is_rejected_with_the_known_ones():
    with pytest.raises(ValueError, match="detections"):
        schema("../settings")
