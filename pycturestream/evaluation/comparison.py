"""Runs trackers over the same detections and scores what each tells."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.jpeg import Size
from pycturestream.evaluation.byte_track import ByteTrack
from pycturestream.evaluation.ground_truth import Truth
from pycturestream.evaluation.own_tracker import OwnTracker
from pycturestream.evaluation.scoring import Scores, score
from pycturestream.evaluation.tracker import BEGINNING, Identified, Tracker


@dataclass(frozen=True, slots=True)
class Result:
    """What one tracker is worth on a clip."""

    tracker: str
    scores: Scores
    frame_ms: float
    """Mean time that it takes for a frame, on this machine."""


def compare(
    detections: Mapping[int, Sequence[Detection]],
    truth: Truth,
    frames: range,
    label: str,
    size: Size,
    fps: float,
) -> list[Result]:
    """Score our own tracker, then ByteTrack, on the same frames.

    `detections` are what the job believes, of all labels, by the frame's index; `fps` is the
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
) -> Result:
    told: dict[int, Sequence[Identified]] = {}
    began = time.perf_counter()
    for frame in frames:
        told[frame] = tracker.follow(detections[frame], BEGINNING + round(1000 * frame / fps))
    frame_ms = 1000 * (time.perf_counter() - began) / len(frames)
    return Result(tracker.name, score(truth, told, frames), frame_ms)
