"""The second step: objects, tracks and zone events are counted by window of time."""

from msgspec import Struct, field
from msgspec.structs import replace

from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.counting import window_count
from pycturestream.domain.counting.window_count import Tallies, WindowCount
from pycturestream.domain.pipeline.events import CountedFrame, PresenceChange
from pycturestream.domain.pipeline.limits import PipelineLimits
from pycturestream.domain.times import Millis, clamp_times


class CountState(Struct, frozen=True, array_like=True):
    """What is remembered of a camera between two of its frames to count by."""

    clock: Millis = 0
    """The latest time that this camera has reached, by its frames or by the wall clock."""
    tallies: Tallies = field(default_factory=Tallies)


Output = CountedFrame | PresenceChange | WindowCount
Step = tuple[CountState, list[Output]]


def step(
    state: CountState, event: CountedFrame | PresenceChange, camera: Camera, limits: PipelineLimits
) -> Step:
    """Return the state after one more event, and what is emitted in the order of the log."""
    state, outputs = pass_time(state, camera, event.clock, limits)
    outputs.append(event)
    if isinstance(event, CountedFrame) and not window_count.is_final(
        event.at, state.clock, limits.count_window_ms, limits.grace_ms
    ):
        state = CountState(state.clock, _counted(state.tallies, event, limits))
    return state, outputs


def pass_time(state: CountState, camera: Camera, now: Millis, limits: PipelineLimits) -> Step:
    """Let time pass: close windows. It never runs back."""
    now = max(now, state.clock)
    tallies, counts = window_count.close(
        state.tallies, camera, now, limits.count_window_ms, limits.grace_ms
    )
    return CountState(now, tallies), [*counts]


def newest_time(state: CountState) -> Millis:
    """Return the latest time that is remembered."""
    return state.clock


def step_back(state: CountState, camera: Camera, latest: Millis, limits: PipelineLimits) -> Step:
    """Return the state after a clock was set back: nothing in it is later than `latest`.

    Windows of later times are emitted, and kept: the clock may come to them again.
    """
    tallies = state.tallies
    later = tuple(window for window in tallies.windows if window.start > latest)
    end = max((window.start for window in later), default=0)
    closed, counts = window_count.close(
        replace(tallies, windows=later),
        camera,
        end + limits.count_window_ms + limits.grace_ms,
        limits.count_window_ms,
        limits.grace_ms,
    )
    earlier = tuple(window for window in tallies.windows if window.start <= latest)
    clamped = clamp_times(replace(tallies, windows=()), latest)
    windows = (*closed.windows, *earlier)
    return CountState(min(state.clock, latest), replace(clamped, windows=windows)), [*counts]


def finish(state: CountState, camera: Camera, limits: PipelineLimits) -> Step:
    """Bring a bounded history to its end: nothing more comes."""
    now = state.clock + limits.count_window_ms + limits.grace_ms
    return pass_time(state, camera, now, limits)


def next_deadline(state: CountState, _camera: Camera, limits: PipelineLimits) -> Millis | None:
    """Return when `pass_time` has something to do though no frame comes, if ever."""
    end = limits.count_window_ms + limits.grace_ms
    return min(
        [
            window.start + end
            for window in state.tallies.windows
            if window.frames > window.emitted_frames
        ],
        default=None,
    )


def _counted(tallies: Tallies, frame: CountedFrame, limits: PipelineLimits) -> Tallies:
    window_ms = limits.count_window_ms
    in_view = frame.seen + frame.hidden
    if frame.late:
        return window_count.correct(tallies, in_view, frame.at, window_ms)
    return window_count.count(
        tallies, in_view, frame.zone_events, frame.living, frame.at, window_ms
    )
