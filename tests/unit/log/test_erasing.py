"""Which messages of the log an erasure covers."""

import json
from types import SimpleNamespace

import pytest

from pycturestream.config.settings import Settings
from pycturestream.contracts import topics
from pycturestream.domain.alerts.alert_command import AlertCommand, AlertCommands
from pycturestream.domain.erasure import Erasures
from pycturestream.domain.times import compact, rfc3339
from pycturestream.log import erasing
from pycturestream.log.erasing import AlertCommandsPlace, LogPlace, is_erased
from pycturestream.log.retention import kept_at_most_ms
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


@pytest.fixture
def log(monkeypatch):
    """What the topics hold of the camera `gate`, by topic: an erasure deletes from it."""
    log = {}

    class Admin:
        def delete_records(self, ends):
            for place, end in ends.items():
                log[place.topic] = [one for one in log[place.topic] if one.offset >= end]

        def close(self):
            pass

    def read(_settings, topic, _camera_id, _since=0, *, others=False):  # noqa: ARG001
        return iter(log.get(topic, ()))

    monkeypatch.setattr(erasing, "read_of_key", read)
    monkeypatch.setattr(erasing, "read_erasures", lambda _: ERASED)
    monkeypatch.setattr(erasing, "admin", lambda _: Admin())
    return log


def test_deleted_records_are_in_the_brokers_files_for_as_long_as_those_that_stay(log):
    settings = Settings()
    record = message(topics.DETECTIONS, detection_record(captured_at=NOON))
    record.partition, record.offset = 0, 0
    log[topics.DETECTIONS] = [record]

    report = LogPlace(settings).erase(erasure("gate", NOON, NOON + MINUTE))

    assert (report.erased[topics.DETECTIONS], report.left[topics.DETECTIONS]) == (1, 0)
    assert report.gone_at == LATER + kept_at_most_ms(settings, topics.DETECTIONS)


def alert_of(track_at, raised_at, **changes):
    """The message of an alert whose first track was there before it was raised."""
    record = alert_record(raised_at=raised_at) | {"id": alert_id(track_at)} | changes
    return message(topics.ALERTS, record)


def alert_id(track_at):
    return f"stranger:gate_{compact(track_at)}#0"


@pytest.mark.parametrize(
    ("logged", "known", "covered"),
    [
        ([alert_of(NOON, NOON + 1)], None, True),
        # the track is of the erased time, and the alert was raised after it
        ([alert_of(NOON, NOON + MINUTE)], None, False),
        ([], NOON + MINUTE, False),
        ([], NOON + 1, True),
        # nothing but the id says it
        ([], None, True),
    ],
)
def test_a_command_is_covered_by_when_its_alert_was_raised(
    log, monkeypatch, logged, known, covered
):
    log[topics.ALERTS] = logged
    command = AlertCommand(
        "acknowledge", "gate", "ann", LATER, alert_id=alert_id(NOON), raised_at=known
    )
    commands = AlertCommands({command.key: command})
    monkeypatch.setattr(erasing, "known_alert_commands", lambda _: commands)
    place = AlertCommandsPlace(Settings(), lambda: LATER)

    assert bool(place.commands(erasure("gate", NOON, NOON + MINUTE))) is covered


def test_one_change_within_the_erased_time_is_enough(log, monkeypatch):
    grown = alert_of(NOON - MINUTE, NOON - MINUTE, updated_at=rfc3339(NOON + 1), revision=2)
    log[topics.ALERTS] = [grown, alert_of(NOON - MINUTE, NOON - MINUTE)]
    command = AlertCommand("wrong", "gate", "ann", LATER, alert_id=alert_id(NOON - MINUTE))
    commands = AlertCommands({command.key: command})
    monkeypatch.setattr(erasing, "known_alert_commands", lambda _: commands)

    assert AlertCommandsPlace(Settings(), lambda: LATER).commands(erasure("gate", NOON))
