"""Which messages of the log an erasure covers."""

import json
from types import SimpleNamespace

import pytest

from pycturestream.contracts import topics
from pycturestream.domain.erasure import Erasures
from pycturestream.domain.times import rfc3339
from pycturestream.log.erasing import is_erased
from tests.builders import MINUTE, NOON, alert_record, count_record, detection_record, event_record
from tests.erasures import erasure

ERASED = Erasures.of([erasure("gate", NOON, NOON + MINUTE)])
LATER = NOON + 600 * MINUTE


def message(topic, value, *, key="gate", written_at=LATER, **headers):
    data = value if isinstance(value, bytes | None) else json.dumps(value).encode()
    return SimpleNamespace(
        topic=topic,
        key=None if key is None else key.encode(),
        value=data,
        timestamp=written_at,
        headers=[(name, str(text).encode()) for name, text in headers.items()],
    )


@pytest.mark.parametrize(
    ("topic", "record", "covered"),
    [
        (topics.DETECTIONS, detection_record(captured_at=NOON), True),
        (topics.DETECTIONS, detection_record(captured_at=NOON, run="try-1"), True),
        (topics.DETECTIONS, detection_record(captured_at=NOON + MINUTE), False),
        (topics.COUNTS, count_record(window_start=NOON - MINUTE), False),
        (topics.COUNTS, count_record(window_start=NOON - MINUTE + 1), True),
        (topics.COUNTS, count_record(window_start=NOON + MINUTE), False),
        (topics.ALERTS, alert_record(raised_at=NOON - MINUTE), False),
        (
            topics.ALERTS,
            alert_record(raised_at=NOON - MINUTE)
            | {"updated_at": rfc3339(NOON + 5 * MINUTE), "revision": 2},
            True,
        ),
        (topics.CAMERA_EVENTS, event_record(at=NOON), True),
    ],
)
def test_a_result_is_covered_by_the_times_that_it_tells_of(topic, record, covered):
    assert is_erased(message(topic, record), ERASED) is covered


def test_a_record_of_another_camera_is_not_covered():
    assert not is_erased(message(topics.DETECTIONS, detection_record(), key="yard"), ERASED)
    assert not is_erased(message(topics.DETECTIONS, detection_record(), key=None), ERASED)


@pytest.mark.parametrize("value", [b"", None, b"{", b"[]"])
@pytest.mark.parametrize("topic", [topics.DETECTIONS, topics.REJECTED_RESULTS])
def test_what_nobody_can_read_counts_by_when_it_was_written(topic, value):
    assert is_erased(message(topic, value, written_at=NOON), ERASED)
    assert not is_erased(message(topic, value), ERASED)


def test_a_rejected_result_is_covered_by_what_can_be_read_of_it():
    poison = detection_record(captured_at=NOON) | {"width": "wide"}
    assert is_erased(message(topics.REJECTED_RESULTS, poison), ERASED)
    odd = poison | {"captured_at": "noon"}
    assert not is_erased(message(topics.REJECTED_RESULTS, odd), ERASED)


def test_a_frame_is_covered_by_the_cameras_time_and_a_live_one_by_that_of_its_arrival_too():
    assert is_erased(message(topics.FRAMES, b"jpeg", captured_at=NOON), ERASED)
    wrong_clock = message(topics.FRAMES, b"jpeg", captured_at=LATER, written_at=NOON)
    assert is_erased(wrong_clock, ERASED)
    footage = message(topics.FRAMES_REPLAY, b"jpeg", captured_at=LATER, written_at=NOON)
    assert not is_erased(footage, ERASED)
    assert is_erased(message(topics.FRAMES_REPLAY, b"jpeg", captured_at=NOON), ERASED)


@pytest.mark.parametrize("captured_at", ["", "noon", "9" * 400, "-", "--1", "\u0663"])
def test_a_frame_whose_time_is_none_counts_by_its_arrival(captured_at):
    odd = message(topics.FRAMES_REPLAY, b"jpeg", captured_at=captured_at, written_at=NOON)
    assert is_erased(odd, ERASED)


def test_a_dead_letter_is_covered_by_when_the_original_came():
    assert is_erased(message(topics.DEAD_LETTER, b"x", received_at=NOON), ERASED)
    assert not is_erased(message(topics.DEAD_LETTER, b"x", received_at=LATER), ERASED)
