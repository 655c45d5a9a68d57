"""The fourth step: what is in view, and the alerts that were raised, become sentences."""

from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.narration import on_change
from pycturestream.domain.narration.on_change import NarrationState
from pycturestream.domain.narration.sentence import Narration
from pycturestream.domain.narration.wording import in_words
from pycturestream.domain.pipeline.events import Judgement, PresenceChange
from pycturestream.domain.pipeline.limits import PipelineLimits
from pycturestream.domain.times import Millis, clamp_times

Output = Judgement | PresenceChange | Narration
Step = tuple[NarrationState, list[Output]]


def step(
    state: NarrationState,
    event: Judgement | PresenceChange,
    camera: Camera,
    _limits: PipelineLimits,
) -> Step:
    """Return the state after one more event, and what is emitted in the order of the log."""
    if isinstance(event, PresenceChange) or event.frame.late:
        return state, [event]
    frame = event.frame
    state, sentence = on_change.step(
        state,
        frame.seen + frame.hidden,
        event.raised,
        frame.at,
        verbosity=camera.verbosity,
        labels=camera.narrated_labels,
        fault=frame.picture_fault,
    )
    if not sentence or not camera.narration:
        return state, [event]
    text = in_words(sentence, camera.language, camera.places)
    narration = Narration(
        camera.camera_id, frame.frame_id, frame.at, camera.language, text, sentence
    )
    return state, [event, narration]


def pass_time(
    state: NarrationState, _camera: Camera, _now: Millis, _limits: PipelineLimits
) -> Step:
    """Do nothing: sentences come with frames."""
    return state, []


def newest_time(state: NarrationState) -> Millis:
    """Return the latest time that is remembered."""
    return max(state.told_at, state.seen_at)


def step_back(
    state: NarrationState, _camera: Camera, latest: Millis, _limits: PipelineLimits
) -> Step:
    """Return the state after a clock was set back: nothing in it is later than `latest`."""
    return clamp_times(state, latest), []


def finish(state: NarrationState, _camera: Camera, _limits: PipelineLimits) -> Step:
    """Do nothing: sentences come with frames."""
    return state, []


def next_deadline(
    _state: NarrationState, _camera: Camera, _limits: PipelineLimits
) -> Millis | None:
    """Return None: nothing is due without a frame."""
    return None
