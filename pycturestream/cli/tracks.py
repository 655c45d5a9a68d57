"""`pycturestream tracks`: how well objects are tracked, against what people annotated."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pycturestream.cli.cameras_of_file import camera_of_file, cameras_of_file
from pycturestream.cli.options import MinScore, Model
from pycturestream.cli.output import AsJson, print_json, print_table
from pycturestream.cli.progress import progress
from pycturestream.config.settings import settings
from pycturestream.detector.registry import ModelDescription
from pycturestream.errors import CommandError, UsageError
from pycturestream.evaluation.detect import model_description
from pycturestream.evaluation.events import evaluate_events

if TYPE_CHECKING:
    from pycturestream.evaluation.comparison import TrackerResult

app = typer.Typer(help="Score tracking on labelled footage.")

Fps = Annotated[
    float | None,
    typer.Option(min=0.001, help="The clip's true frame rate, where the file states a wrong one."),
]
Every = Annotated[int, typer.Option(min=1, help="Take each nth frame only.")]
KeptDetections = Annotated[
    Path | None,
    typer.Option(
        dir_okay=False,
        help="Store the detections of the whole clip there, and reuse them next time.",
    ),
]
ClipFile = Annotated[Path, typer.Argument(help="A video file.", exists=True, dir_okay=False)]


@app.command()
def evaluate(
    clip: ClipFile,
    truth: Annotated[
        Path,
        typer.Option(
            help="What people annotated: a gt.txt of the MOT Challenge.",
            exists=True,
            dir_okay=False,
        ),
    ],
    every: Every = 1,
    fps: Fps = None,
    label: Annotated[str, typer.Option(help="The label of the annotated boxes.")] = "person",
    min_score: MinScore = None,
    model: Model = None,
    detections: KeptDetections = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Score our own tracker and ByteTrack on the same detections.

    Frames before the first annotated one and after the last are left out. Needs the development
    tools.

    Example: `pycturestream tracks evaluate samples/plaza.mp4 --truth samples/labels/plaza.txt`
    """
    description = _description(model, label, min_score)
    results = _comparison().evaluate_trackers(
        clip, truth, every, label, fps, description, detections, settings(), progress
    )
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
        Path,
        typer.Option(help="A camera file with the zones and lines.", exists=True, dir_okay=False),
    ],
    camera: Annotated[str, typer.Option(help="Which of its cameras.")],
    every: Every = 1,
    fps: Fps = None,
    label: Annotated[str, typer.Option(help="The label whose events these are.")] = "person",
    min_score: MinScore = None,
    model: Model = None,
    detections: KeptDetections = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Score zone events: F1, and the number of correct, missed and false ones.

    Events within two seconds of an annotated one count as the same.

    Example: `pycturestream tracks events samples/gate.mp4 --truth samples/labels/gate-events.csv
    --cameras samples/cameras.yaml --camera gate`
    """
    chosen = camera_of_file(cameras_of_file(cameras), camera, cameras)
    description = _description(model, label, min_score)
    agreement = evaluate_events(
        clip, truth, chosen, every, label, fps, description, detections, settings(), progress
    )
    figures = {"f1": agreement.f1, **asdict(agreement)}
    if as_json:
        print_json([figures])
    else:
        row = (f"{agreement.f1:.3f}", agreement.right, agreement.missed, agreement.false)
        print_table(("F1", "correct", "missed", "false"), [row], empty="")


def _comparison() -> Any:
    """Return a module that only the development environment can import."""
    try:
        from pycturestream.evaluation import comparison  # noqa: PLC0415 - needs the development tools
    except ModuleNotFoundError as error:
        raise CommandError(
            f"{error.name} is missing, one of the development tools: install them with "
            "`make .venv/development`"
        ) from error
    return comparison


def _description(model: str | None, label: str, min_score: float | None) -> ModelDescription:
    description = model_description(settings(), model, min_score)
    if label not in description.labels:
        raise UsageError(f"--label {label}: {description.name} does not have it")
    return description


def _show(results: "list[TrackerResult]") -> None:
    rows: dict[str, list[object]] = {
        "MOTA": [f"{r.scores.mota:.3f}" for r in results],
        "MOTP": [f"{r.scores.motp:.3f}" for r in results],
        "IDF1": [f"{r.scores.idf1:.3f}" for r in results],
        "precision": [f"{r.scores.precision:.3f}" for r in results],
        "recall": [f"{r.scores.recall:.3f}" for r in results],
        "identity switches": [r.scores.switches for r in results],
        "identities, tracked": [r.scores.identities for r in results],
        "identities, true": [r.scores.people for r in results],
        "count error per frame": [f"{r.scores.count_error:.2f}" for r in results],
        "frames": [r.scores.frames for r in results],
        "ms per frame": [f"{r.frame_ms:.2f}" for r in results],
    }
    print_table(
        ("", *(result.tracker for result in results)),
        ((name, *cells) for name, cells in rows.items()),
        empty="",
    )
