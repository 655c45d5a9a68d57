"""Scenes for tests of the core: frames of a camera, with objects that stand or walk in them."""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec.structs import replace

from pycturestream.contracts.states import (
    count_states,
    judge_states,
    narrate_states,
    track_states,
)
from pycturestream.domain.alerts.alert import AlertChange
from pycturestream.domain.cameras.camera import Camera, Line, Rule, Zone
from pycturestream.domain.cameras.presence import CameraEvent
from pycturestream.domain.counting.window_count import WindowCount
from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.admission import Admitted, Dropped, Place, Rejected
from pycturestream.domain.geometry import BoundingBox
from pycturestream.domain.narration.sentence import Narration
from pycturestream.domain.pipeline import chain
from pycturestream.domain.pipeline.chain import CameraState, Step
from pycturestream.domain.pipeline.events import (
    AccountingEvent,
    FrameDetections,
    JudgedFrame,
    ModelVersion,
    Output,
)
from pycturestream.domain.pipeline.limits import PipelineLimits
from pycturestream.domain.tracking.track import Track

NINE = 1_795_251_600_000
"""2026-11-21T09:00:00Z."""

LIVE = PipelineLimits(mode="live", count_window_ms=60_000, offline_after_ms=15_000, grace_ms=2_000)
REPLAY = replace(LIVE, mode="replay")

LEFT_HALF = Zone("left-half", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
MIDDLE = Line("middle", (0.5, 0.0), (0.5, 1.0))
"""Looking down along it, the left half of the picture is on the right: that way is in."""
NOBODY_HERE = Rule("nobody-here", ("person",), frames=3, clear_after_ms=10_000)


def guarded(*rules: Rule, **settings: Any) -> Camera:
    """Return a camera with these rules, or with one that raises at once for any person."""
    return Camera("gate", rules=rules or (NOBODY_HERE,), **{"warm_up_ms": 0, **settings})


def box(x: float = 0.2, y: float = 0.4, width: float = 0.1, height: float = 0.3) -> BoundingBox:
    """Return the box whose top left corner is at x, y."""
    return BoundingBox(x, y, x + width, y + height)


def person(x: float = 0.2, y: float = 0.4, score: float = 0.8) -> Detection:
    return Detection("person", score, box(x, y))


def car(x: float = 0.6, y: float = 0.5) -> Detection:
    return Detection("car", 0.9, box(x, y, 0.25, 0.2))


def track(
    place: BoundingBox, *, at: int = NINE, track_id: str = "gate#0", confirmed: bool = True
) -> Track:
    """Return a person's track as it is when it was just seen; confirmed or not."""
    return Track(track_id, "person", place, at, confirmed=confirmed)


def standing_at(x: float, y: float, width: float = 0.1, height: float = 0.2) -> BoundingBox:
    """Return a box whose bottom center is at x, y."""
    return BoundingBox(x - width / 2, y - height, x + width / 2, y)


def frame(
    detections: Sequence[Detection] = (),
    *,
    at: int = NINE,
    camera_id: str = "gate",
    digest: str | None = None,
    camera_at: int | None = None,
    received_at: int | None = None,
) -> FrameDetections:
    """Return what a model found in one frame; its bytes differ from any other frame's."""
    camera_at = at if camera_at is None else camera_at
    return FrameDetections(
        frame=Admitted(
            camera_id=camera_id,
            place=Place("frames", 0, at - NINE if at >= NINE else 0),
            received_at=at + 20 if received_at is None else received_at,
            captured_at=at,
            camera_captured_at=camera_at,
            clock_corrected=camera_at != at,
            width=1280,
            height=720,
        ),
        digest=digest or f"{at:016x}",
        model=ModelVersion("nanodet", "1"),
        detections=tuple(detections),
        processed_at=at + 80,
    )


class CameraRun:
    """One camera's state through a history, with everything that was emitted."""

    def __init__(self, camera: Camera | None = None, limits: PipelineLimits = LIVE) -> None:
        self.camera = camera or Camera("gate")
        self.limits = limits
        self.state = CameraState()
        self.outputs: list[Output] = []

    def see(self, *frames: FrameDetections) -> "CameraRun":
        for found in frames:
            self._take(chain.step(self.state, found, self.camera, self.limits))
        return self

    def drop(self, dropped: Dropped) -> "CameraRun":
        self._take(chain.step(self.state, dropped, self.camera, self.limits))
        return self

    def reject(self, rejected: Rejected) -> "CameraRun":
        self._take(chain.step(self.state, rejected, self.camera, self.limits))
        return self

    def wait_until(self, now: int) -> "CameraRun":
        self._take(chain.pass_time(self.state, self.camera, now, self.limits))
        return self

    def finish(self) -> "CameraRun":
        self._take(chain.finish(self.state, self.camera, self.limits))
        return self

    def deadline(self) -> int | None:
        """Return when something happens though no frame comes."""
        return chain.next_deadline(self.state, self.camera, self.limits)

    def of(self, kind: type[Any]) -> list[Any]:
        return [output for output in self.outputs if isinstance(output, kind)]

    @property
    def judged(self) -> list[JudgedFrame]:
        return self.of(JudgedFrame)

    @property
    def alerts(self) -> list[AlertChange]:
        return self.of(AlertChange)

    @property
    def counts(self) -> list[WindowCount]:
        return self.of(WindowCount)

    @property
    def sentences(self) -> list[str]:
        return [narration.text for narration in self.of(Narration)]

    @property
    def events(self) -> list[tuple[str, int]]:
        return [(event.event, event.at) for event in self.of(CameraEvent)]

    @property
    def windows(self) -> list[AccountingEvent]:
        return self.of(AccountingEvent)

    def _take(self, result: Step) -> None:
        self.state, outputs = result
        self.outputs += outputs


def walk(
    start: float, step: float, frames: int, *, at: int = NINE, every_ms: int = 500
) -> Iterable[FrameDetections]:
    """Yield frames in which one person walks to the right."""
    for number in range(frames):
        yield frame([person(start + step * number)], at=at + number * every_ms)


def there_and_back(*, at: int = NINE, every_ms: int = 500) -> Iterable[FrameDetections]:
    """Yield frames in which one person walks from the right through the middle, and back."""
    steps = [0.7 - 0.03 * number for number in range(14)]
    for number, x in enumerate([*steps, *reversed(steps)]):
        yield frame([person(x)], at=at + number * every_ms)


def trembling(
    x: float, frames: int, *, at: int = NINE, every_ms: int = 500
) -> Iterable[FrameDetections]:
    """Yield frames in which one person stands at x, whose box trembles."""
    for number in range(frames):
        shake = 0.004 * (-1) ** number
        yield frame([person(x - 0.05 + shake)], at=at + number * every_ms)


def empty(frames: int, *, at: int, every_ms: int = 500) -> Iterable[FrameDetections]:
    """Yield frames with nothing in them."""
    for number in range(frames):
        yield frame(at=at + number * every_ms)


def restored(state: CameraState) -> CameraState:
    """Return a state as a job gets it back from a checkpoint."""
    return CameraState(
        track=track_states.decode(track_states.encode(state.track))[0],
        count=count_states.decode(count_states.encode(state.count))[0],
        judge=judge_states.decode(judge_states.encode(state.judge))[0],
        narrate=narrate_states.decode(narrate_states.encode(state.narrate))[0],
    )


def stored_bytes(state: CameraState) -> int:
    """Return how many bytes a state takes in a checkpoint."""
    return (
        len(track_states.encode(state.track))
        + len(count_states.encode(state.count))
        + len(judge_states.encode(state.judge))
        + len(narrate_states.encode(state.narrate))
    )
