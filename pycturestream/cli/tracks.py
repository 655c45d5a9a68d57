"""`pycturestream tracks`: how well things are followed, held against what people saw."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from producers.video_file import DEFAULT_FPS
from pycturestream.cli.camera_choice import cameras_of, chosen
from pycturestream.cli.clips import (
    LONGEST_CLIP,
    MinScore,
    Model,
    description_of,
    detect,
    one_line_errors,
)
from pycturestream.cli.errors import CommandError, UsageError
from pycturestream.cli.output import AsJson, print_json, print_table
from pycturestream.detector.registry import ModelDescription
from pycturestream.domain.cameras.camera import Camera
from pycturestream.evaluation.clip import describe
from pycturestream.evaluation.events import Event, agree, read_events, told_events
from pycturestream.evaluation.ground_truth import read_truth, span
from pycturestream.evaluation.pairing import SAME_MS
from pycturestream.evaluation.tracker import BEGINNING

if TYPE_CHECKING:
    from pycturestream.evaluation.comparison import Result

app = typer.Typer(help="Score how things are followed on labelled footage.")

Fps = Annotated[
    float | None,
    typer.Option(min=0.001, help="The clip's true rate, where the file claims a wrong one."),
]
Every = Annotated[int, typer.Option(min=1, help="Take each nth frame only.")]
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
    with one_line_errors():
        description = _description(model, label, min_score)
        shown = describe(clip)
        boxes = read_truth(truth, shown.size)
        frames = span(boxes, every)
        believed = detect(clip, shown, description, frames, detections)
    if missing := [frame for frame in frames if frame not in believed]:
        raise CommandError(
            f"{truth} speaks of frame {missing[0] + 1}, which {detections or clip} does not hold: "
            "do they belong together?"
        )
    results = compare(believed, boxes, frames, label, shown.size, fps or shown.fps or DEFAULT_FPS)
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
    with one_line_errors():
        description = _description(model, label, min_score)
        shown = describe(clip)
        seen = read_events(truth)
        places = chosen(cameras_of(cameras), camera, cameras)
        _check_places(truth, seen, places)
        frames = range(0, shown.frames or LONGEST_CLIP, every)
        believed = detect(clip, shown, description, frames, detections)
    last = max((event.frame for event in seen), default=0)
    if last > max(believed, default=-1) + every:
        raise CommandError(
            f"{truth} speaks of frame {last + 1}, which {detections or clip} does not hold: "
            "do they belong together?"
        )
    rate = fps or shown.fps or DEFAULT_FPS
    times = {frame: BEGINNING + round(1000 * frame / rate) for frame in believed}
    told = told_events(believed, places, label, times, shown.size.width / shown.size.height)
    agreement = agree(seen, told, round(SAME_MS / 1000 * rate))
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
        kind, known = ("line", lines) if event.kind in {"in", "out"} else ("zone", zones)
        if event.place not in known:
            raise CommandError(
                f"{truth} speaks of the {kind} {event.place}, which the camera "
                f"{camera.camera_id} does not have: it has {', '.join(sorted(known)) or 'none'}"
            )


def _comparison() -> Any:
    """Return what only an environment for development can import."""
    try:
        from pycturestream.evaluation import comparison  # noqa: PLC0415 - not on a machine that serves
    except ModuleNotFoundError as error:
        raise CommandError(
            f"{error.name} is missing, one of the development tools: install them with "
            "`make .venv/development`"
        ) from error
    return comparison


def _description(model: str | None, label: str, min_score: float | None) -> ModelDescription:
    description = description_of(model, min_score)
    if label not in description.labels:
        raise UsageError(f"--label {label}: {description.name} does not know it")
    return description


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
