"""Runs trackers on the same detections and scores each."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from producers.video_file import DEFAULT_FPS
from pycturestream.config.settings import Settings
from pycturestream.detector.registry import ModelDescription
from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.jpeg import Size
from pycturestream.evaluation.byte_track import ByteTrack
from pycturestream.evaluation.clip import captured_at, describe
from pycturestream.evaluation.detect import Progress, detect
from pycturestream.evaluation.ground_truth import GroundTruthError, Truth, read_truth, span
from pycturestream.evaluation.scoring import Scores, score
from pycturestream.evaluation.tracker import Identified, OwnTracker, Tracker


@dataclass(frozen=True, slots=True)
class TrackerResult:
    """The scores of one tracker on a clip."""

    tracker: str
    scores: Scores
    frame_ms: float
    """Mean milliseconds a frame, on this machine."""


def evaluate_trackers(
    path: Path,
    truth: Path,
    every: int,
    label: str,
    fps: float | None,
    description: ModelDescription,
    cache: Path | None,
    settings: Settings,
    progress: Progress | None = None,
) -> list[TrackerResult]:
    """Score our own tracker and ByteTrack on a clip, against a truth file of the MOT Challenge.

    `fps` is the clip's true rate where the file states a wrong one; each nth (`every`) of its
    frames is taken. Raises SourceError, GroundTruthError, ModelError and DetectionsCacheError.
    """
    clip = describe(path)
    boxes = read_truth(truth, clip.size)
    frames = span(boxes, every)
    detections = detect(path, clip, description, frames, cache, settings, progress)
    if missing := [frame for frame in frames if frame not in detections]:
        raise GroundTruthError(
            f"{truth} mentions frame {missing[0] + 1}, which {cache or path} does not have: "
            "do they belong together?"
        )
    return compare(detections, boxes, frames, label, clip.size, fps or clip.fps or DEFAULT_FPS)


def compare(
    detections: Mapping[int, Sequence[Detection]],
    truth: Truth,
    frames: range,
    label: str,
    size: Size,
    fps: float,
) -> list[TrackerResult]:
    """Score our own tracker, then ByteTrack, on the same frames.

    `detections` are those that the job accepts, of all labels, by the frame's index; `fps` is the
    clip's true rate, whatever part of its frames these are.
    """
    trackers: tuple[Tracker, ...] = (
        OwnTracker(label, size.width / size.height),
        ByteTrack(label, size, fps / frames.step),
    )
    return [_run(tracker, detections, truth, frames, fps) for tracker in trackers]


def _run(
    tracker: Tracker,
    detections: Mapping[int, Sequence[Detection]],
    truth: Truth,
    frames: range,
    fps: float,
) -> TrackerResult:
    tracked: dict[int, Sequence[Identified]] = {}
    began = time.perf_counter()
    for frame in frames:
        tracked[frame] = tracker.follow(detections[frame], captured_at(frame, fps))
    frame_ms = 1000 * (time.perf_counter() - began) / len(frames)
    return TrackerResult(tracker.name, score(truth, tracked, frames), frame_ms)
