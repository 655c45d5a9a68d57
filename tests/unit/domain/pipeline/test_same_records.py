"""The pipeline makes the records of recorded histories that it has always made, byte by byte.

A change that is meant to change records needs a new file: see `make_recorded_histories`.
"""

from collections import Counter
from collections.abc import Sequence

import pytest

from pycturestream.contracts import topics
from tests.unit.domain.pipeline.recorded_histories import (
    Event,
    FrameArrives,
    FrameIsDropped,
    HistoryEnds,
    LogRecord,
    Pipeline,
    RecordIsRejected,
    SettingsChange,
    TimePasses,
    read_histories,
)

HISTORIES = read_histories()


@pytest.mark.parametrize(
    ("history", "expected"), [pytest.param(*pair, id=pair[0].name) for pair in HISTORIES]
)
def test_a_history_leads_to_the_same_records(history, expected):
    pipeline = Pipeline(history)
    for number, (event, records) in enumerate(zip(history.events, expected, strict=True)):
        difference = difference_between(records, pipeline.results_of(event))
        assert not difference, f"{history.name}, event {number} ({_shown(event)}): {difference}"


def test_the_histories_lead_to_records_of_every_topic():
    found = {topic for _, results in HISTORIES for records in results for topic, _ in records}
    assert found == {
        topics.DETECTIONS,
        topics.ALERTS,
        topics.COUNTS,
        topics.NARRATIONS,
        topics.CAMERA_EVENTS,
        topics.ATTENTION,
    }


def difference_between(expected: Sequence[LogRecord], found: Sequence[LogRecord]) -> str:
    """Return where the records of one event differ; empty: nowhere.

    Topics may be written in any order among each other, except that a frame's record stands after
    those of the time that has passed until it, and before those that it led to.
    """
    for topic in sorted({topic for topic, _ in (*expected, *found)}):
        wanted, given = _of(topic, expected), _of(topic, found)
        for place, (one, other) in enumerate(zip(wanted, given, strict=False)):
            if one != other:
                return f"{topic}, record {place}: {_first_difference(one, other)}"
        if len(wanted) != len(given):
            more = (wanted if len(wanted) > len(given) else given)[min(len(wanted), len(given)) :]
            return f"{topic}: expected {len(wanted)} records, found {len(given)}; {more!r}"
    if _before_frame(expected) != _before_frame(found):
        return (
            f"before the frame's record: expected {dict(_before_frame(expected))}, "
            f"found {dict(_before_frame(found))}"
        )
    return ""


def _first_difference(expected: bytes, found: bytes) -> str:
    """Return both records around the first byte in which they differ."""
    pairs = enumerate(zip(expected, found, strict=False))
    at = next((at for at, (one, other) in pairs if one != other), min(len(expected), len(found)))
    part = slice(max(0, at - 80), at + 80)
    return f"they differ from byte {at}:\nexpected {expected[part]!r}\nfound    {found[part]!r}"


def _of(topic: str, records: Sequence[LogRecord]) -> list[bytes]:
    return [record for named, record in records if named == topic]


def _before_frame(records: Sequence[LogRecord]) -> Counter[str]:
    """Return how many records of each topic stand before the one of the frame, if there is one."""
    names = [topic for topic, _ in records]
    return Counter(names[: names.index(topics.DETECTIONS)] if topics.DETECTIONS in names else ())


def _shown(event: Event) -> str:
    match event:
        case FrameArrives(found):
            return f"frame captured at {found.frame.captured_at}"
        case FrameIsDropped(dropped):
            return f"frame dropped at {dropped.received_at}: {dropped.reason}"
        case RecordIsRejected(rejected):
            return f"record rejected at {rejected.received_at}: {rejected.reason}"
        case TimePasses(now):
            return f"timer at {now}"
        case SettingsChange(camera):
            return f"settings, revision {camera.revision}"
        case HistoryEnds():
            return "end"


class TestTheComparison:
    FRAME = (topics.DETECTIONS, b'{"id":"a"}')
    RAISED = (topics.ALERTS, b'{"id":"b"}')
    CLEARED = (topics.ALERTS, b'{"id":"c"}')
    TOLD = (topics.NARRATIONS, b'{"id":"d"}')

    def test_topics_may_change_places_behind_the_frame(self):
        expected = [self.CLEARED, self.FRAME, self.RAISED, self.TOLD]
        found = [self.CLEARED, self.FRAME, self.TOLD, self.RAISED]
        assert difference_between(expected, found) == ""

    @pytest.mark.parametrize(
        "found",
        [
            [FRAME, CLEARED, RAISED, TOLD],
            [CLEARED, RAISED, FRAME, TOLD],
            [RAISED, FRAME, CLEARED, TOLD],
            [CLEARED, FRAME, TOLD],
            [CLEARED, FRAME, RAISED, TOLD, TOLD],
            [CLEARED, FRAME, RAISED, (topics.NARRATIONS, b'{"id": "d"}')],
        ],
    )
    def test_any_other_change_is_found(self, found):
        assert difference_between([self.CLEARED, self.FRAME, self.RAISED, self.TOLD], found)
