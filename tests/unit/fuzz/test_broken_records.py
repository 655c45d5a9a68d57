"""Whatever arrives becomes a frame or a dead letter, and never anything else.

Through the real admission and the detector's real decoder; `--records` tries more of them.
"""

from collections import Counter
from typing import get_args

import cv2
import numpy as np
from msgspec.structs import replace

from pycturestream.config.limits import admission_limits
from pycturestream.config.settings import Settings
from pycturestream.contracts.codec import decode_outcome, encode_outcome
from pycturestream.detector.canvas import Canvas
from pycturestream.detector.decoding import UndecodablePicture, decode_jpeg
from pycturestream.domain.frames.admission import (
    NO_CAMERA,
    AdmissionContext,
    AdmissionLimits,
    Admitted,
    Place,
    Rejected,
    admit,
    reject,
)
from pycturestream.domain.frames.dead_letter import DeadLetter, dead_letter_headers, keep
from pycturestream.domain.frames.frame import frame_id, is_camera_id, parse_frame_id
from pycturestream.domain.frames.rejection import Reason, Rejection
from pycturestream.domain.times import rfc3339
from pycturestream.stores.reference_folder import ReferenceFolder
from tests.scenes import NINE
from tests.unit.fuzz.broken_records import broken_record

CANVAS = Canvas(512, 384)
PIXEL_LIMIT = 1_000_000
"""Less than the settings allow: thousands of large pictures would take minutes to decode."""
REASONS = set(get_args(Reason))
DETAIL_LIMIT = 300
"""Characters that a person may be asked to read."""


def limits() -> AdmissionLimits:
    return replace(admission_limits(Settings(), "live"), pixel_limit=PIXEL_LIMIT)


def unfolded(jpeg: bytes) -> tuple[int, int]:
    """Return width and height as the decoder sees them, whatever the header says."""
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    height, width, _ = cv2.imdecode(np.frombuffer(jpeg, np.uint8), flags).shape
    return width, height


def detect(seed: int, limits: AdmissionLimits, references: ReferenceFolder) -> Rejected | None:
    """Take one record as far as the model; return why it does not come there, if it does not."""
    record = broken_record(seed)
    arrival = record.arrival(Place("frames", 0, seed))
    (outcome,) = admit([arrival], limits, NINE + 60, AdmissionContext(), references.read)
    if isinstance(outcome, Admitted):
        try:
            boxed = decode_jpeg(arrival.picture(references.read), CANVAS)
        except UndecodablePicture as error:
            outcome = reject(arrival, outcome.camera_id, Rejection("not-jpeg", str(error)))
        else:
            assert boxed.canvas.shape == (CANVAS.height, CANVAS.width, 3)
            assert unfolded(arrival.picture(references.read)) == (outcome.width, outcome.height)
            name = frame_id(outcome.camera_id, outcome.captured_at)
            assert parse_frame_id(name) == (outcome.camera_id, outcome.captured_at)
            assert rfc3339(outcome.camera_captured_at)
    if not isinstance(outcome, Rejected):
        return None
    assert outcome.reason in REASONS
    assert 0 < len(outcome.detail) <= DETAIL_LIMIT
    assert outcome.camera_id == NO_CAMERA or is_camera_id(outcome.camera_id)
    assert all(dead_letter_headers(outcome).values())
    letter = DeadLetter(outcome, arrival.key, arrival.value)
    assert decode_outcome(encode_outcome(letter)) == keep(letter)
    return outcome


def test_each_is_a_frame_or_a_dead_letter_with_a_reason(seeds, tmp_path):
    references, allowed = ReferenceFolder(tmp_path, byte_limit=1_000_000), limits()
    faults = {}
    for seed in seeds:
        try:
            detect(seed, allowed, references)
        except Exception as error:  # noqa: BLE001 - any is a fault, and the others are wanted too
            faults[seed] = f"{type(error).__name__}: {error}"
    assert not faults


def test_the_records_are_broken_in_many_ways(tmp_path):
    references, allowed = ReferenceFolder(tmp_path, byte_limit=1_000_000), limits()
    outcomes = [detect(seed, allowed, references) for seed in range(1_000)]
    reasons = Counter(rejected.reason for rejected in outcomes if rejected)
    assert set(reasons) == {
        *("not-an-image", "not-jpeg", "truncated", "too-large", "too-many-pixels", "too-small"),
        *("bad-camera-id", "bad-timestamp", "bad-reference"),
    }
    assert 200 < reasons.total() < 900  # and some come through
