"""What the commands share that hold the system against what people saw on a clip."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from producers.encode import Fit
from producers.picture import SourceError
from pycturestream.cli.errors import CommandError
from pycturestream.cli.output import errors
from pycturestream.config.camera_file import CameraFileError
from pycturestream.config.settings import settings
from pycturestream.detector.registry import ModelDescription, ModelError, load_model
from pycturestream.domain.detection import Detection
from pycturestream.evaluation.clip import Clip, Found, believed, detect_frames
from pycturestream.evaluation.detections_cache import FoundFileError, read_found, write_found
from pycturestream.evaluation.ground_truth import GroundTruthError

LONGEST_CLIP = 10_000_000
"""Frames of a clip that does not say how many it holds: more than any has."""

MinScore = Annotated[
    float | None,
    typer.Option(
        min=0.0,
        max=1.0,
        help="Believe detections from this score on, instead of the model's thresholds.",
    ),
]
Model = Annotated[
    str | None, typer.Option(help="Default: that of the settings.", show_default=False)
]


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Say what is wrong with a file, instead of where that was found out."""
    try:
        yield
    except (CameraFileError, FoundFileError, ModelError, SourceError, GroundTruthError) as error:
        raise CommandError(str(error)) from error


def description_of(model: str | None, min_score: float | None) -> ModelDescription:
    """Return the model of that name or of the settings. Raises ModelError."""
    description = load_model(model or settings().model, settings().model_folder)
    if min_score is None:
        return description
    return description.model_copy(update={"threshold": min_score, "thresholds": {}})


def detect(
    clip: Path,
    shown: Clip,
    description: ModelDescription,
    frames: Collection[int],
    kept: Path | None,
) -> dict[int, list[Detection]]:
    """Return what is believed to be in each of these frames that the clip holds.

    What the model finds is read from the file where it is kept, if there is one. Raises what
    `one_line_errors` explains.
    """
    return {
        found.frame: believed(found, description)
        for found in _find(clip, shown, description, frames, kept)
        if found.frame in frames
    }


def _find(
    clip: Path,
    shown: Clip,
    description: ModelDescription,
    frames: Collection[int],
    kept: Path | None,
) -> Iterator[Found]:
    if kept is None:
        return _look(clip, description, frames)
    if not kept.exists():
        write_found(kept, _look(clip, description, range(shown.frames or LONGEST_CLIP)))
    return read_found(kept)


def _look(clip: Path, description: ModelDescription, frames: Collection[int]) -> Iterator[Found]:
    from pycturestream.detector.model_runner import ModelRunner  # noqa: PLC0415 - takes seconds, and a file may do

    detector = ModelRunner.load(description, settings().detection_threads)
    found = detect_frames(
        clip, detector, Fit.of(settings()), settings().detection_batch_size, frames
    )
    yield from track(
        found,
        f"looking at {clip.name}",
        total=len(frames),
        console=errors,
        transient=True,
        disable=not errors.is_terminal,
    )
