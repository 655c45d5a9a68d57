"""Histories of cameras with the records that the job has made of them, kept in a file.

What happens to a camera is kept in words of its own, so that the file can still be read when the
values that the pipeline passes inside have changed.
"""

import gzip
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from msgspec import Raw, Struct

from pycturestream.contracts.codec import encode_record
from pycturestream.contracts.records import to_record
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.admission import Dropped, Rejected
from pycturestream.domain.frames.frame import Mode
from pycturestream.domain.pipeline import chain
from pycturestream.domain.pipeline.chain import CameraState
from pycturestream.domain.pipeline.events import FrameDetections, Output
from pycturestream.domain.pipeline.limits import PipelineLimits
from pycturestream.domain.times import Millis
from tests.scenes import restored

FILE = Path(__file__).with_name("records_of_before.json.gz")
"""Made by `make_recorded_histories`; one line of JSON for each event."""


class SettingsChange(Struct, frozen=True, tag="settings"):
    """From now on the camera has these settings."""

    camera: Camera


class FrameArrives(Struct, frozen=True, tag="frame"):
    """The model has processed a frame; whether it is wanted, the pipeline decides."""

    found: FrameDetections


class FrameIsDropped(Struct, frozen=True, tag="dropped"):
    """A frame was not processed."""

    dropped: Dropped


class RecordIsRejected(Struct, frozen=True, tag="rejected"):
    """A record became a dead letter."""

    rejected: Rejected


class TimePasses(Struct, frozen=True, tag="time"):
    """A timer fires."""

    now: Millis


class HistoryEnds(Struct, frozen=True, tag="end"):
    """A bounded history has come to its end."""


Event = SettingsChange | FrameArrives | FrameIsDropped | RecordIsRejected | TimePasses | HistoryEnds
LogRecord = tuple[str, bytes]
"""The topic, and the record as UTF-8 JSON."""


class History(Struct, frozen=True):
    """What happens to one camera, one event after the other."""

    name: str
    mode: Mode
    count_window_ms: int
    offline_after_ms: int
    grace_ms: int
    run: str
    picture_life_ms: int
    camera_id: str
    events: tuple[Event, ...]

    @property
    def limits(self) -> PipelineLimits:
        return PipelineLimits(self.mode, self.count_window_ms, self.offline_after_ms, self.grace_ms)


class Pipeline:
    """The steps of one camera as the job calls them, its state stored after each event."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._limits = history.limits
        self._camera = Camera(history.camera_id)
        self._state = CameraState()

    def results_of(self, event: Event) -> list[LogRecord]:
        """Return the records that an event leads to, in the order in which they are written."""
        state = restored(self._state)
        outputs: list[Output] = []
        match event:
            case SettingsChange(camera):
                self._camera = camera
            case FrameArrives(found):
                state, outputs = chain.step(state, found, self._camera, self._limits)
            case FrameIsDropped(dropped):
                state, outputs = chain.step(state, dropped, self._camera, self._limits)
            case RecordIsRejected(rejected):
                state, outputs = chain.step(state, rejected, self._camera, self._limits)
            case TimePasses(now):
                state, outputs = chain.pass_time(state, self._camera, now, self._limits)
            case HistoryEnds():
                state, outputs = chain.finish(state, self._camera, self._limits)
        self._state = state
        records = (
            to_record(output, self._history.run, self._history.picture_life_ms)
            for output in outputs
        )
        return [(topic, encode_record(record)) for topic, record in records]


class _Line(Struct, frozen=True):
    """A line of the file: the beginning of a history, or its next event with its records."""

    history: History | None = None
    event: Event | None = None
    records: tuple[tuple[str, Raw], ...] = ()
    """As raw JSON: not a byte may change when they are written and read."""


_DECODER = msgspec.json.Decoder(_Line)


def write_histories(histories: Iterable[tuple[History, Sequence[Sequence[LogRecord]]]]) -> None:
    """Write each history with the records of each of its events, in their order."""
    lines = []
    for history, results in histories:
        lines.append(_Line(msgspec.structs.replace(history, events=())))
        lines += (
            _Line(None, event, tuple((topic, Raw(record)) for topic, record in records))
            for event, records in zip(history.events, results, strict=True)
        )
    text = b"\n".join(map(msgspec.json.encode, lines))
    FILE.write_bytes(gzip.compress(text, mtime=0))


def read_histories() -> list[tuple[History, list[list[LogRecord]]]]:
    """Return each history of the file, with the records of each of its events."""
    histories: list[tuple[History, list[Event], list[list[LogRecord]]]] = []
    for line in map(_DECODER.decode, gzip.decompress(FILE.read_bytes()).splitlines()):
        if line.history:
            histories.append((line.history, [], []))
        if line.event:
            _, events, results = histories[-1]
            events.append(line.event)
            results.append([(topic, bytes(record)) for topic, record in line.records])
    return [
        (msgspec.structs.replace(history, events=tuple(events)), results)
        for history, events, results in histories
    ]
