"""`pycturestream tracks`: how well things are followed, held against what people saw."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import track

from commands.errors import CommandError, UsageError
from commands.output import AsJson, errors, print_json, print_table
from evaluation.clip import Clip, Found, describe, look
from evaluation.events import Event, agree, read_events, told_events
from evaluation.found_file import FoundFileError, read_found, write_found
from evaluation.tracker import BEGINNING
from evaluation.truth import TruthError, read_truth, span
from models.registry import ModelDescription, ModelError, load_model
from models.selection import select
from producers.encode import Fit
from producers.picture import SourceError
from producers.video_file import USUAL_FPS
from pycturestream.camera import Camera
from pycturestream.camera_file import CameraFileError, read_camera_file
from pycturestream.detection import Detection
from pycturestream.settings import settings

if TYPE_CHECKING:
    from evaluation.comparison import Result

app = typer.Typer(help="Score how things are followed on labelled footage.")

LONGEST_CLIP = 10_000_000
"""Frames of a clip that does not say how many it holds: more than any has."""
SAME_EVENT_S = 2.0
"""Two pictures of a camera that sends one a second."""

Fps = Annotated[
    float | None,
    typer.Option(min=0.001, help="The clip's true rate, where the file claims a wrong one."),
]
Every = Annotated[int, typer.Option(min=1, help="Take each nth frame only.")]
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
KeptDetections = Annotated[
    Path | None,
    typer.Option(
        dir_okay=False,
        help="Keep there what the model finds in the whole clip; read it, if it is there.",
    ),
]
ClipFile = Annotated[Path, typer.Argument(help="A video file.", exists=True, dir_okay=False)]


@app.command()
def evaluate(
    clip: ClipFile,
    truth: Annotated[
        Path,
        typer.Option(
            help="What people saw on it: a gt.txt of the MOT Challenge.",
            exists=True,
            dir_okay=False,
        ),
    ],
    every: Every = 1,
    fps: Fps = None,
    label: Annotated[str, typer.Option(help="What the truth's boxes show.")] = "person",
    min_score: MinScore = None,
    model: Model = None,
    detections: KeptDetections = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Score our own tracker beside ByteTrack on the same detections.

    Frames before the truth's first and after its last are left out. Needs the development tools.

    Example: `pycturestream tracks evaluate samples/plaza.mp4 --truth samples/labels/plaza.txt`
    """
    compare = _comparison().compare
    with _one_line_errors():
        description = _description(model, label, min_score)
        shown = describe(clip)
        boxes = read_truth(truth, shown.size)
        frames = span(boxes, every)
        believed = {
            found.frame: _believed(found, description)
            for found in _find(clip, shown, description, frames, detections)
            if found.frame in frames
        }
    if missing := [frame for frame in frames if frame not in believed]:
        raise CommandError(
            f"{truth} speaks of frame {missing[0] + 1}, which {detections or clip} does not hold: "
            "do they belong together?"
        )
    results = compare(believed, boxes, frames, label, shown.size, fps or shown.fps or USUAL_FPS)
    if as_json:
        print_json(
            {
                **asdict(result.scores),
                "tracker": result.tracker,
                "frame_ms": round(result.frame_ms, 3),
            }
            for result in results
        )
    else:
        _show(results)


@app.command()
def events(
    clip: ClipFile,
    truth: Annotated[
        Path,
        typer.Option(
            help="Who entered and left zones and crossed lines: a CSV file.",
            exists=True,
            dir_okay=False,
        ),
    ],
    cameras: Annotated[
        Path, typer.Option(help="A camera file with the places.", exists=True, dir_okay=False)
    ],
    camera: Annotated[str, typer.Option(help="Which of its cameras.")],
    every: Every = 1,
    fps: Fps = None,
    label: Annotated[str, typer.Option(help="Whose events these are.")] = "person",
    min_score: MinScore = None,
    model: Model = None,
    detections: KeptDetections = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Score what is told of zones and lines: F1, and what was right, missed and false.

    What is told within two seconds of what people saw is the same.

    Example: `pycturestream tracks events samples/gate.mp4 --truth samples/labels/gate-events.csv
    --cameras samples/cameras.yaml --camera gate`
    """
    with _one_line_errors():
        description = _description(model, label, min_score)
        shown = describe(clip)
        seen = read_events(truth)
        places = _camera(cameras, camera)
        _check_places(truth, seen, places)
        frames = range(0, shown.frames or LONGEST_CLIP, every)
        believed = {
            found.frame: _believed(found, description)
            for found in _find(clip, shown, description, frames, detections)
            if found.frame in frames
        }
    last = max((event.frame for event in seen), default=0)
    if last > max(believed, default=-1) + every:
        raise CommandError(
            f"{truth} speaks of frame {last + 1}, which {detections or clip} does not hold: "
            "do they belong together?"
        )
    rate = fps or shown.fps or USUAL_FPS
    times = {frame: BEGINNING + round(1000 * frame / rate) for frame in believed}
    told = told_events(believed, places, label, times, shown.size.width / shown.size.height)
    agreement = agree(seen, told, round(SAME_EVENT_S * rate))
    figures = {"f1": agreement.f1, **asdict(agreement)}
    if as_json:
        print_json([figures])
    else:
        row = (f"{agreement.f1:.3f}", agreement.right, agreement.missed, agreement.false)
        print_table(("F1", "right", "missed", "false"), [row], empty="")


def _check_places(truth: Path, seen: Iterable[Event], camera: Camera) -> None:
    """Raise CommandError for a zone or line that the camera does not have."""
    zones, lines = {zone.name for zone in camera.zones}, {line.name for line in camera.lines}
    for event in seen:
        kind, known = ("line", lines) if event.deed in {"in", "out"} else ("zone", zones)
        if event.place not in known:
            raise CommandError(
                f"{truth} speaks of the {kind} {event.place}, which the camera "
                f"{camera.camera_id} does not have: it has {', '.join(sorted(known)) or 'none'}"
            )


def _camera(file: Path, camera_id: str) -> Camera:
    for entry in read_camera_file(file):
        if entry.camera.camera_id == camera_id:
            return entry.camera
    raise UsageError(f"--camera {camera_id}: {file} has no such camera")


def _comparison() -> Any:
    """Return what only an environment for development can import."""
    try:
        from evaluation import comparison  # noqa: PLC0415 - not on a machine that serves
    except ModuleNotFoundError as error:
        raise CommandError(
            f"{error.name} is missing, one of the development tools: install them with "
            "`make .venv/development`"
        ) from error
    return comparison


@contextmanager
def _one_line_errors() -> Iterator[None]:
    try:
        yield
    except (CameraFileError, FoundFileError, ModelError, SourceError, TruthError) as error:
        raise CommandError(str(error)) from error


def _description(model: str | None, label: str, min_score: float | None) -> ModelDescription:
    description = load_model(model or settings().model, settings().model_folder)
    if label not in description.labels:
        raise UsageError(f"--label {label}: {description.name} does not know it")
    if min_score is None:
        return description
    return description.model_copy(update={"threshold": min_score, "thresholds": {}})


def _find(
    clip: Path,
    shown: Clip,
    description: ModelDescription,
    frames: range,
    kept: Path | None,
) -> Iterator[Found]:
    """Return what the model finds, from the file where it is kept if there is one."""
    if kept is None:
        return _look(clip, description, frames)
    if not kept.exists():
        write_found(kept, _look(clip, description, range(shown.frames)))
    return read_found(kept)


def _look(clip: Path, description: ModelDescription, frames: range) -> Iterator[Found]:
    from models.detector import Detector  # noqa: PLC0415 - takes seconds, and a file may do

    detector = Detector.load(description, settings().detection_threads)
    found = look(clip, detector, Fit.of(settings()), settings().detection_batch_size, frames)
    yield from track(
        found,
        f"looking at {clip.name}",
        total=len(frames),
        console=errors,
        transient=True,
        disable=not errors.is_terminal,
    )


def _believed(found: Found, description: ModelDescription) -> list[Detection]:
    """Return what the job would hand to the tracker."""
    return [d.rounded() for d in select(list(found.detections), description)]


def _show(results: "list[Result]") -> None:
    rows: dict[str, list[object]] = {
        "MOTA": [f"{r.scores.mota:.3f}" for r in results],
        "MOTP": [f"{r.scores.motp:.3f}" for r in results],
        "IDF1": [f"{r.scores.idf1:.3f}" for r in results],
        "precision": [f"{r.scores.precision:.3f}" for r in results],
        "recall": [f"{r.scores.recall:.3f}" for r in results],
        "identity switches": [r.scores.switches for r in results],
        "different ones, told": [r.scores.identities for r in results],
        "different ones, true": [r.scores.people for r in results],
        "count error a frame": [f"{r.scores.count_error:.2f}" for r in results],
        "frames": [r.scores.frames for r in results],
        "ms a frame": [f"{r.frame_ms:.2f}" for r in results],
    }
    print_table(
        ("", *(result.tracker for result in results)),
        ((name, *cells) for name, cells in rows.items()),
        empty="",
    )
