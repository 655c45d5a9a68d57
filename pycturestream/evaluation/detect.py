"""Detections on a clip, by a model or from a cache."""

from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from producers.encode import Fit
from pycturestream.config.settings import Settings
from pycturestream.detector.model_options import ModelOptions
from pycturestream.detector.registry import ModelDescription, load_model
from pycturestream.domain.detection import Detection
from pycturestream.evaluation.clip import Clip, RawDetections, accepted, detect_frames
from pycturestream.evaluation.detections_cache import read_cache, write_cache

Progress = Callable[[Iterable[RawDetections], str, int], Iterable[RawDetections]]
"""Called with frames as they are processed, a title, and their number; yields the same frames."""


def model_description(
    settings: Settings, model: str | None, min_score: float | None
) -> ModelDescription:
    """Return the model of that name, or of the settings, with another threshold if given.

    Raises ModelError.
    """
    description = load_model(model or settings.model, settings.model_folder)
    if min_score is None:
        return description
    return description.model_copy(update={"threshold": min_score, "thresholds": {}})


def detect(
    path: Path,
    clip: Clip,
    description: ModelDescription,
    frames: Collection[int],
    cache: Path | None,
    settings: Settings,
    progress: Progress | None = None,
) -> dict[int, list[Detection]]:
    """Return the accepted detections of those of these frames that the clip has.

    Of the whole clip they are read from the file `cache`, which is written if it is missing;
    without one the model runs on these frames only. Raises SourceError, ModelError and
    DetectionsCacheError.
    """

    def run(wanted: Collection[int]) -> Iterable[RawDetections]:
        # Importing TensorFlow takes seconds, and a cache may make it unnecessary.
        from pycturestream.detector.model_runner import ModelRunner  # noqa: PLC0415

        runner = ModelRunner.load(description, ModelOptions.of(settings))
        found: Iterable[RawDetections] = detect_frames(
            path, runner, Fit.of(settings), settings.detection_batch_size, wanted
        )
        if progress:
            return progress(found, f"detecting in {path.name}", len(wanted))
        return found

    if cache is None:
        found = run(frames)
    else:
        if not cache.exists():
            write_cache(cache, run(range(clip.end)))
        found = read_cache(cache)
    return {raw.frame: accepted(raw, description) for raw in found if raw.frame in frames}
