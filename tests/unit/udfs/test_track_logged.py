"""The operator `track` on records of the log instead of outcomes of detection."""

import json
import logging
from types import SimpleNamespace

import pytest

from pycturestream.contracts.messages import decode_message, judged_events
from pycturestream.domain.cameras.camera import Zone
from tests.builders import as_json
from tests.scenes import NINE, REPLAY, CameraRun, empty, frame, guarded, person
from tests.simulation.flink import Flink
from udfs.fixed_cameras import FixedCameras
from udfs.selection import Selection
from udfs.track_logged import TrackLogged

UNTIL = NINE + 10_000


class CountedMetrics:
    """A fake for Flink's metric group that remembers how often each counter was increased."""

    def __init__(self, counted=None, prefix=""):
        self.counted, self.prefix = {} if counted is None else counted, prefix

    def counter(self, name):
        name = self.prefix + name
        return SimpleNamespace(
            inc=lambda: self.counted.update({name: self.counted.get(name, 0) + 1})
        )

    def add_group(self, key, value):
        return CountedMetrics(self.counted, f"{key}={value}:")


class Task:
    """`track` for the frames from nine o'clock until ten seconds later."""

    def __init__(self, camera):
        self.flink, metrics = Flink(key=camera.camera_id), CountedMetrics()
        self.counted = metrics.counted
        context = SimpleNamespace(get_state=self.flink.get_state, get_metrics_group=lambda: metrics)
        self.track = TrackLogged(
            REPLAY,
            "try-1",
            600_000,
            lambda user: FixedCameras({camera.camera_id: camera}, user),
            selection=Selection((), NINE, UNTIL),
            since=NINE,
            until=UNTIL,
        )
        self.track.open(context)

    def messages(self, *values):
        return [
            decode_message(row[1])
            for value in values
            for row in self.track.process_element(value, self.flink)
        ]

    def seen(self, *values):
        """Return the number of objects in each frame that is handed on."""
        events = (judged_events.decode(message.event) for message in self.messages(*values))
        return [len(event.seen) for event in events]


def logged(found, run="live", **changed):
    """Return the value of a frame's record in the log."""
    (judged,) = CameraRun().see(found).judged
    _, record = as_json(judged, run)
    return json.dumps({**record, **changed}).encode()


@pytest.fixture
def task():
    return Task(guarded())


def test_a_frame_of_the_log_is_tracked_and_its_record_is_not_written_again(task):
    values = [logged(frame([person()], at=NINE + 500 * n)) for n in range(3)]
    messages = task.messages(*values)
    events = [judged_events.decode(message.event) for message in messages]
    assert len({event.seen[0].track_id for event in events}) == 1
    assert [message.records for message in messages] == [[], [], []]
    assert task.counted == {"frames_processed": 3}


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"no record",
        b"\xff",
        b"{}",
        b"[" * 100_000,
        logged(frame(), width=0),
        logged(frame(), models=[]),
        logged(frame(), captured_at="noon"),
        logged(frame(), camera_id="yard"),
    ],
)
def test_what_is_no_record_of_the_camera_is_left_out_with_a_warning(task, caplog, value):
    with caplog.at_level(logging.WARNING):
        assert task.seen(value, logged(frame([person()]))) == [1]
    assert task.counted == {"records_unreadable": 1, "frames_processed": 1}
    assert "gate: no record of detections, left out: " in caplog.text


def test_frames_of_other_runs_and_times_are_left_out(task):
    assert not task.messages(
        logged(frame(at=NINE - 1)), logged(frame(at=UNTIL)), logged(frame(), run="try-0")
    )
    assert task.counted == {}
    assert task.seen(logged(frame(at=NINE)), logged(frame(at=UNTIL - 1))) == [0, 0]


def test_a_frame_that_was_written_twice_is_tracked_once(task):
    values = [logged(found) for found in empty(3, at=NINE)]
    assert len(task.messages(*values, values[1], values[2])) == 3
    assert task.counted == {"frames_processed": 3, "reason=duplicate:frames_dropped": 2}


def test_what_is_in_the_middle_of_a_mask_is_not_seen():
    mask = Zone("window", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
    task = Task(guarded(masks=(mask,)))
    assert task.seen(logged(frame([person(0.2), person(0.7)]))) == [1]
