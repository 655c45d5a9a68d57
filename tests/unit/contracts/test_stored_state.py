"""What the program wrote before its rooms and names were made over is read and goes on as it did.

`state_of_version_3.json` was made by commit c0fc64a: the state of a camera after a rich history
(tracks of all kinds, dwell, crossings of a track that is not confirmed yet, alerts that are open,
lost or on hold, baselines, open windows), then frames as they travel between the operators and
moments in time, each with the records that followed from it.
"""

import base64
import json
from pathlib import Path

import msgspec
import pytest

from pycturestream.contracts.cameras import decode_camera, encode_camera
from pycturestream.contracts.codec import decode_outcome, decode_state, encode_outcome, encode_state
from pycturestream.domain.frames.admission import Dropped
from pycturestream.domain.pipeline import step, timing
from pycturestream.domain.pipeline.state import FrameDetections
from tests.builders import as_json
from tests.scenes import LIVE

SENTENCES = ("reason", "text")
"""Fields that people read: their wording may change."""
STORED = json.loads((Path(__file__).parent / "state_of_version_3.json").read_text())
STATE = base64.b64decode(STORED["state"])


@pytest.fixture
def camera():
    return decode_camera(json.dumps(STORED["camera"]).encode())


def stored_outcomes():
    return [base64.b64decode(value) for kind, value, _ in STORED["steps"] if kind == "outcome"]


def take(state, camera, kind, value):
    """Return what one stored step leads to."""
    if kind == "advance":
        return timing.advance(state, camera, value, LIVE)
    outcome = decode_outcome(base64.b64decode(value))
    if isinstance(outcome, FrameDetections):
        return step.observe(state, camera, outcome, LIVE)
    if isinstance(outcome, Dropped):
        return step.drop(state, camera, outcome, LIVE)
    return step.reject(state, camera, outcome.rejected, LIVE)


def without_sentences(topic, record):
    return topic, {name: value for name, value in record.items() if name not in SENTENCES}


def test_stored_state_keeps_every_name_and_value():
    # Not byte by byte: a score that was written as a whole number comes back as a float.
    rewritten = encode_state(decode_state(STATE))
    assert rewritten[:1] == STATE[:1]
    assert msgspec.msgpack.decode(rewritten[1:]) == msgspec.msgpack.decode(STATE[1:])


def test_outcomes_keep_every_name_and_value():
    assert {data[:1] for data in stored_outcomes()} == {b"F", b"D", b"L"}
    for data in stored_outcomes():
        assert encode_outcome(decode_outcome(data)) == data


def test_settings_of_a_camera_keep_every_name_and_value(camera):
    assert json.loads(encode_camera(camera)) == STORED["camera"]


def test_a_job_goes_on_from_stored_state_as_the_program_that_wrote_it(camera):
    state = decode_state(STATE)
    for kind, value, expected in STORED["steps"]:
        state, outputs = take(state, camera, kind, value)
        records = [as_json(output, picture_life_ms=360_000) for output in outputs]
        assert [without_sentences(*record) for record in records] == [
            without_sentences(*record) for record in expected
        ]


def test_an_alert_that_was_open_keeps_the_reason_that_it_was_raised_with(camera):
    state = decode_state(STATE)
    open_reasons = {alert.rule: alert.reason for alert in state.rule_state.alerts}
    cleared = {}
    for kind, value, _ in STORED["steps"]:
        state, outputs = take(state, camera, kind, value)
        records = (record for topic, record in map(_record, outputs) if topic == "alerts")
        cleared |= {r["rule"]: r["reason"] for r in records if r["state"] == "cleared"}
    for rule in ("nobody-here", "clock"):
        assert cleared[rule].startswith(open_reasons[rule])


def _record(output):
    return as_json(output, picture_life_ms=360_000)
