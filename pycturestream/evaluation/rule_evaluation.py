"""Evaluates the rules of cameras on clips, against the situations that people annotated."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
from msgspec.structs import replace

from producers.pace import index_at, steps
from producers.picture import SourceError
from producers.source import is_recorded
from producers.video_file import DEFAULT_FPS
from pycturestream.config.limits import pipeline_limits
from pycturestream.config.settings import Settings
from pycturestream.detector.registry import ModelDescription
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.times import HOUR_MS, Millis
from pycturestream.evaluation.clip import BEGINNING, captured_at, describe
from pycturestream.evaluation.detect import Progress, detect
from pycturestream.evaluation.detections_cache import DetectionsCacheError
from pycturestream.evaluation.ground_truth import GroundTruthError
from pycturestream.evaluation.situations import (
    AlertSpan,
    LabeledSituation,
    RuleScore,
    agree,
    expected_alerts,
)

SHARES = (50, 95)
"""Percentiles of the time from the beginning of a situation to its alert."""


@dataclass(frozen=True, slots=True)
class ClipResult:
    """The scores of one camera's rules on its clip."""

    scores: Sequence[RuleScore]
    length_ms: Millis


def evaluated_camera(camera: Camera, fps: float | None) -> Camera:
    """Return the camera as if it had been running before, without rules about the camera itself.

    `fps`, if given, takes the place of its own rate.
    """
    rules = tuple(rule for rule in camera.rules if rule.about == "things")
    return replace(camera, warm_up_ms=0, rules=rules, fps=fps or camera.fps)


def check_situations(
    truth: Path, situations: Iterable[LabeledSituation], cameras: Mapping[str, Camera]
) -> None:
    """Raise GroundTruthError for a situation of an unknown camera or rule."""
    for situation in situations:
        camera = cameras.get(situation.camera_id)
        if camera is None:
            raise GroundTruthError(
                f"{truth} mentions the camera {situation.camera_id}, which the camera file does "
                f"not have: it has {', '.join(cameras)}"
            )
        if situation.rule not in (rules := _rules(camera)):
            raise GroundTruthError(
                f"{truth} mentions the rule {situation.rule}, which the camera "
                f"{situation.camera_id} does not have: it has {', '.join(rules) or 'none'}"
            )


def evaluate_rules(
    camera: Camera,
    folder: Path,
    situations: Iterable[LabeledSituation],
    description: ModelDescription,
    cache_folder: Path | None,
    settings: Settings,
    progress: Progress | None = None,
) -> ClipResult:
    """Score one camera's rules on its clip; relative sources are in `folder`.

    Raises SourceError, GroundTruthError, ModelError and DetectionsCacheError.
    """
    path = _clip_path(camera, folder)
    cache = _cache_path(cache_folder, camera, description)
    annotated = [one for one in situations if one.camera_id == camera.camera_id]
    clip = describe(path)
    rate = clip.fps or DEFAULT_FPS
    if (last := max((situation.last for situation in annotated), default=-1)) >= clip.end:
        raise GroundTruthError(
            f"{camera.camera_id}: a situation reaches frame {last + 1}, and {path} has "
            f"{clip.end}: do they belong together?"
        )
    sent = (index_at(second, rate) for second in steps(min(camera.fps or rate, rate)))
    frames = frozenset(takewhile(lambda frame: frame < clip.end, sent))
    detections = detect(path, clip, description, frames, cache, settings, progress)
    if not detections:
        raise DetectionsCacheError(f"{cache or path}: has no frame of {path}")

    def moment(frame: int) -> Millis:
        return captured_at(frame, rate)

    spans = [
        AlertSpan(one.rule, moment(one.first), moment(one.last + 1), one.counts)
        for one in annotated
    ]
    alerts = expected_alerts(
        detections,
        camera,
        clip.size,
        {frame: moment(frame) for frame in detections},
        pipeline_limits(settings, "replay"),
    )
    return ClipResult(
        agree(camera.camera_id, _rules(camera), spans, alerts),
        moment(max(detections) + 1) - BEGINNING,
    )


def summary(results: Sequence[ClipResult]) -> dict[str, Any]:
    """Return the figures of all clips together; None for those that can't be computed."""
    scores = [score for one in results for score in one.scores]
    situations, alerted = (
        sum(getattr(s, name) for s in scores) for name in ("situations", "alerted")
    )
    false = sum(score.false for score in scores)
    hours = sum(one.length_ms for one in results) / HOUR_MS
    delays = [delay / 1000 for score in scores for delay in score.delays_ms]
    percentiles = np.percentile(delays, SHARES).round(2).tolist() if delays else (None, None)
    return {
        "situations": situations,
        "told": alerted,
        "told_share": round(alerted / situations, 4) if situations else None,
        "repeated": sum(score.repeated for score in scores),
        "false": false,
        "camera_hours": round(hours, 4),
        "false_per_camera_hour": round(false / hours, 2),
        **{f"p{share}_s": value for share, value in zip(SHARES, percentiles, strict=True)},
    }


def _rules(camera: Camera) -> list[str]:
    return [rule.name for rule in camera.rules]


def _clip_path(camera: Camera, folder: Path) -> Path:
    if not (camera.source and is_recorded(camera.source)):
        raise SourceError(f"the source of camera {camera.camera_id} is not a clip")
    return folder / Path(camera.source).expanduser()


def _cache_path(folder: Path | None, camera: Camera, model: ModelDescription) -> Path | None:
    if folder is None:
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DetectionsCacheError(f"{folder}: {error.strerror}") from error
    return folder / f"{camera.camera_id}-{model.name}-{model.version}.jsonl"
