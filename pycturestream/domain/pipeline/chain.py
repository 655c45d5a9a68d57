"""All steps of the pipeline, one after the other, for one camera.

In a job each step is an operator of its own. Where one process wants the results of all of them,
as to try rules on the past, this is the same: the same events give the same results, wherever and
however often they are replayed.
"""

from collections.abc import Callable, Iterable
from typing import Any, cast

from msgspec import Struct, field
from msgspec.structs import replace

from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.narration.on_change import NarrationState
from pycturestream.domain.pipeline import count, judge, narrate, track
from pycturestream.domain.pipeline.count import CountState
from pycturestream.domain.pipeline.events import (
    EVENTS,
    FrameDetections,
    JudgedFrame,
    Judgement,
    Output,
    PresenceChange,
    TrackedFrame,
    place_of_event,
)
from pycturestream.domain.pipeline.judge import JudgeState
from pycturestream.domain.pipeline.limits import PipelineLimits
from pycturestream.domain.pipeline.track import Item, TrackState
from pycturestream.domain.threats.conditions import Scene
from pycturestream.domain.threats.object_rules import RuleExplanation
from pycturestream.domain.times import Millis


class CameraState(Struct, frozen=True):
    """What all steps remember of one camera between two events."""

    track: TrackState = field(default_factory=TrackState)
    count: CountState = field(default_factory=CountState)
    judge: JudgeState = field(default_factory=JudgeState)
    narrate: NarrationState = field(default_factory=NarrationState)


Step = tuple[CameraState, list[Output]]
"""The state after an event, and what is emitted in the order of the log."""


def step(state: CameraState, item: Item, camera: Camera, limits: PipelineLimits) -> Step:
    """Return the state after one more record of the camera, and the results."""
    tracked, outputs = track.step(state.track, item, camera, limits)
    state, outputs = _pass_on(replace(state, track=tracked), outputs, camera, limits)
    return state, _results(outputs, item, camera)


def pass_time(state: CameraState, camera: Camera, now: Millis, limits: PipelineLimits) -> Step:
    """Return the state when time has passed without a record, and the results."""
    tracked, outputs = track.pass_time(state.track, camera, now, limits)
    state, outputs = _pass_on(replace(state, track=tracked), outputs, camera, limits)
    counted, counts = count.pass_time(state.count, camera, now, limits)
    judged, alerts = judge.pass_time(state.judge, camera, now, limits)
    state = replace(state, count=counted, judge=judged)
    return state, _results([*outputs, *counts, *alerts], None, camera)


def finish(state: CameraState, camera: Camera, limits: PipelineLimits) -> Step:
    """Return the state at the end of a bounded history, and the results."""
    tracked, outputs = track.finish(state.track, camera, limits)
    counted, counts = count.finish(state.count, camera, limits)
    judged, alerts = judge.finish(state.judge, camera, limits)
    state = replace(state, track=tracked, count=counted, judge=judged)
    return state, _results([*outputs, *counts, *alerts], None, camera)


def next_deadline(state: CameraState, camera: Camera, limits: PipelineLimits) -> Millis | None:
    """Return when `pass_time` has something to do though no record comes, if ever."""
    deadlines = (
        track.next_deadline(state.track, camera, limits),
        count.next_deadline(state.count, camera, limits),
        judge.next_deadline(state.judge, camera, limits),
    )
    return min((at for at in deadlines if at is not None), default=None)


def explain(
    state: CameraState, found: FrameDetections, camera: Camera, limits: PipelineLimits
) -> tuple[Scene, tuple[RuleExplanation, ...]]:
    """Return what a frame shows, and why each rule holds in it or does not.

    The frame must be the newest. Only rules about objects are explained.
    """
    _, outputs = track.step(state.track, found, camera, limits)
    frame = next(output for output in outputs if isinstance(output, TrackedFrame))
    return judge.explain(state.judge, frame, camera, limits)


def _pass_on(
    state: CameraState, outputs: Iterable[Any], camera: Camera, limits: PipelineLimits
) -> tuple[CameraState, list[Any]]:
    """Hand what tracking puts out from step to step."""

    def through(take: Callable[..., tuple[Any, list[Any]]], before: Any) -> Any:
        nonlocal outputs
        passed, after = [], []
        for output in outputs:
            if isinstance(output, EVENTS):
                before, more = take(before, output, camera, limits)
                place = place_of_event(more)
                passed += more[: place + 1]
                after += more[place + 1 :]
            else:
                passed.append(output)
        outputs = [*passed, *after]
        return before

    counted = through(count.step, state.count)
    judged = through(judge.step, state.judge)
    narrated = through(narrate.step, state.narrate)
    return CameraState(state.track, counted, judged, narrated), list(outputs)


def _results(outputs: Iterable[Any], item: Item | None, camera: Camera) -> list[Output]:
    """Return what becomes a record: results, and the frame with its threats."""
    results: list[Output] = []
    for output in outputs:
        if isinstance(output, Judgement):
            found, frame = cast("FrameDetections", item), cast("TrackedFrame", output.frame)
            results.append(JudgedFrame(camera, found, frame, output.threats, output.view_fault))
        elif not isinstance(output, PresenceChange):
            results.append(output)
    return results
