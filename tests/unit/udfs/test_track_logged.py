"""The operator `track` on records of the log instead of outcomes of detection."""

import json
import logging
from functools import partial

import pytest

from pycturestream.contracts.messages import judged_events
from pycturestream.domain.cameras.camera import Zone
from pycturestream.domain.erasure import Erasures
from tests.builders import as_json
from tests.erasures import erasure
from tests.scenes import NINE, REPLAY, CameraRun, empty, frame, guarded, person
from tests.unit.udfs.operators import GUARDED, Operator, Settings, messages_of
from udfs.selection import Selection
from udfs.track_logged import TrackLogged

UNTIL = NINE + 10_000

ONLINE = {"event=online:camera_events": 1}
"""The first frame of a camera has it come online."""


class Logged(Operator):
    """`track` for the frames from nine o'clock until ten seconds later."""

    def __init__(self, camera=GUARDED, *erasures):
        kind = partial(
            TrackLogged,
            selection=Selection((), NINE, UNTIL),
            since=NINE,
            until=UNTIL,
            read_erasures=lambda: Erasures.of(erasures),
        )
        super().__init__(kind, Settings(camera), REPLAY)

    def messages(self, *values):
        return messages_of(row for value in values for row in self.process(value))

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
def track():
    return Logged()


def test_a_frame_of_the_log_is_tracked_and_its_record_is_not_written_again(track):
    values = [logged(frame([person()], at=NINE + 500 * n)) for n in range(3)]
    messages = track.messages(*values)
    events = [judged_events.decode(message.event) for message in messages]
    assert len({event.seen[0].track_id for event in events}) == 1
    assert [message.records for message in messages] == [[], [], []]
    assert track.counted == {"frames_processed": 3, **ONLINE}


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
def test_what_is_no_record_of_the_camera_is_left_out_with_a_warning(track, caplog, value):
    with caplog.at_level(logging.WARNING):
        assert track.seen(value, logged(frame([person()]))) == [1]
    assert track.counted == {"records_unreadable": 1, "frames_processed": 1, **ONLINE}
    assert "gate: no record of detections, left out: " in caplog.text


def test_frames_of_other_runs_and_times_are_left_out(track):
    assert not track.messages(
        logged(frame(at=NINE - 1)), logged(frame(at=UNTIL)), logged(frame(), run="try-0")
    )
    assert track.counted == {}
    assert track.seen(logged(frame(at=NINE)), logged(frame(at=UNTIL - 1))) == [0, 0]


def test_a_frame_that_was_written_twice_is_tracked_once(track):
    values = [logged(found) for found in empty(3, at=NINE)]
    assert len(track.messages(*values, values[1], values[2])) == 3
    assert track.counted == {
        "frames_processed": 3,
        "reason=duplicate:frames_dropped": 2,
        **ONLINE,
    }


def test_what_is_in_the_middle_of_a_mask_is_not_seen():
    mask = Zone("window", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
    track = Logged(guarded(masks=(mask,)))
    assert track.seen(logged(frame([person(0.2), person(0.7)]))) == [1]


def test_an_erased_frame_is_left_out():
    track = Logged(GUARDED, erasure(GUARDED.camera_id, NINE, NINE + 500))
    seen = track.seen(logged(frame([person()], at=NINE)), logged(frame([person()], at=NINE + 500)))
    assert seen == [1]
    assert track.counted == {"frames_processed": 1, **ONLINE}
