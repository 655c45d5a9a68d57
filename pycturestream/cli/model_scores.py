"""`pycturestream models evaluate`: scores a model on labelled pictures, and measures its cost."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pycturestream.cli.options import MinScore, Model
from pycturestream.cli.output import AsJson, print_json, print_line, print_table
from pycturestream.cli.progress import progress
from pycturestream.config.settings import PROJECT_FOLDER, settings
from pycturestream.errors import CommandError, UsageError
from pycturestream.evaluation.detect import model_description
from pycturestream.evaluation.labelled_pictures import read_set

if TYPE_CHECKING:
    from pycturestream.evaluation.detection_scoring import Quality
    from pycturestream.evaluation.model_evaluation import ModelResult

EVERYDAY = PROJECT_FOLDER / "samples" / "everyday"
WORST = 12
"""Pictures on the page: as many as people look at."""


def evaluate(
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="FOLDER|CLIP",
            help="A folder of labelled pictures, or a video file. Default: samples/everyday.",
            exists=True,
            show_default=False,
        ),
    ] = None,
    *,
    truth: Annotated[
        Path | None,
        typer.Option(
            help="What people see: COCO JSON for a folder (default: the one in it), "
            "a gt.txt of the MOT Challenge for a clip.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(help="Only this label; of a clip, the label of its boxes (default: person)."),
    ] = None,
    every: Annotated[int, typer.Option(min=1, help="Take each nth picture only.")] = 1,
    min_score: MinScore = None,
    model: Model = None,
    cost: Annotated[
        bool,
        typer.Option(help="Measure time and memory for each batch size and number of threads."),
    ] = True,
    page: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False, help="Write an HTML page there, with the worst pictures drawn."
        ),
    ] = None,
    worst: Annotated[int, typer.Option(min=0, help="How many pictures that page shows.")] = WORST,
    as_json: AsJson = False,
) -> None:
    """Score a model on labelled pictures, and measure what it costs.

    Needs the development tools.

    Examples: `pycturestream models evaluate --page everyday.html` and
    `pycturestream models evaluate samples/plaza.mp4 --truth samples/labels/plaza.txt`
    """
    path = path or EVERYDAY
    if page and not page.parent.is_dir():
        raise UsageError(f"--page {page}: there is no folder {page.parent}")
    if not path.exists():
        raise UsageError(f"{path} is missing: name a folder of labelled pictures or a clip")
    description = model_description(settings(), model, min_score)
    labelled = read_set(path, truth, label, every)
    wanted = label if path.is_dir() else label or "person"
    evaluation = _evaluation()
    result = evaluation.evaluate_model(
        labelled,
        description,
        wanted,
        worst if page else 0,
        settings(),
        progress,
        with_cost=cost,
    )
    if page:
        from pycturestream.evaluation.report import write_page  # noqa: PLC0415 - as _evaluation

        title = f"{description.name} on {path.name}"
        write_page(page, result, title, settings().picture_pixel_limit)
    if as_json:
        print_json(_records(result))
    else:
        _show(result)
    if page and not as_json:
        print_line(f"the worst pictures: {page}")


def _evaluation() -> Any:
    """Return a module that only the development environment can import."""
    try:
        from pycturestream.evaluation import (  # noqa: PLC0415 - needs the development tools
            model_evaluation,
        )
    except ModuleNotFoundError as error:
        raise CommandError(
            f"{error.name} is missing, one of the development tools: install them with "
            "`make .venv/development`"
        ) from error
    return model_evaluation


def _records(result: "ModelResult") -> Iterable[dict[str, Any]]:
    yield {
        "kind": "all",
        "model": result.model.name,
        "version": result.model.version,
        "pictures": len(result.pictures),
        "ap50": _rounded(result.average_precision.ap50),
        "ap": _rounded(result.average_precision.ap),
        **_quality(result.quality),
        "calibration_error": _rounded(result.calibration_error),
        "unknown_labels": dict(result.unknown_labels),
    }
    yield {"kind": "best", "threshold": result.best_threshold, **_quality(result.best)}
    for size, value in result.average_precision.by_size.items():
        yield {"kind": "size", "size": size, "ap50": _rounded(value)}
    for one in result.labels:
        yield {
            "kind": "label",
            "label": one.label,
            "boxes": one.boxes,
            "ap50": _rounded(one.ap50),
            **_quality(one.quality),
            "best_threshold": one.best_threshold,
            "best_f1": _rounded(one.best.f1 if one.best else None),
        }
    for tenth in result.calibration:
        yield {"kind": "calibration", **{k: _rounded(v) for k, v in asdict(tenth).items()}}
    for spent in result.costs:
        yield {"kind": "cost", **{name: _rounded(value) for name, value in asdict(spent).items()}}
    for each in result.pictures:
        yield {
            "kind": "picture",
            "name": each.picture.name,
            "right": each.matched.right,
            "false": each.matched.false,
            "missed": len(each.matched.missed),
        }


def _quality(quality: "Quality") -> dict[str, float | None]:
    return {
        "right": quality.right,
        "false": quality.false,
        "missed": quality.missed,
        "precision": _rounded(quality.precision),
        "recall": _rounded(quality.recall),
        "f1": _rounded(quality.f1),
        "count_error": _rounded(quality.count_error),
    }


def _rounded(value: float | None) -> float | None:
    return value if value is None else round(value, 4)


def _show(result: "ModelResult") -> None:
    average = result.average_precision
    sizes = ", ".join(f"{size} {_share(value)}" for size, value in average.by_size.items())
    print_line(
        f"{result.model.name} {result.model.version} on {len(result.pictures)} pictures: AP50 "
        f"{_share(average.ap50)} ({sizes}), AP {_share(average.ap)}"
    )
    for label, number in result.unknown_labels.items():
        print_line(f"the model does not have the label {label}: {number} missed")
    print_table(
        ("threshold", "precision", "recall", "F1", "right", "false", "missed", "count error"),
        (
            (name, *_cells(quality), f"{quality.count_error:.2f}")
            for name, quality in (
                ("the model's own", result.quality),
                (f"{result.best_threshold:.2f}", result.best),
            )
        ),
        empty="",
    )
    print_line("")
    print_table(
        ("label", "boxes", "AP50", "precision", "recall", "F1", "right", "false", "missed", "best"),
        (
            (
                one.label,
                one.boxes,
                _share(one.ap50),
                *_cells(one.quality),
                "-" if one.best_threshold is None else f"{one.best_threshold:.2f}",
            )
            for one in result.labels
        ),
        empty="nothing labelled or detected",
    )
    print_line("")
    print_line(f"expected calibration error {_share(result.calibration_error)}")
    print_table(
        ("scores from", "detections", "mean score", "share right"),
        ((o.lowest, o.number, _share(o.score), _share(o.right)) for o in result.calibration),
        empty="no detection",
    )
    if result.costs:
        print_line("")
        print_table(
            ("threads", "batch", "ms a picture", "processor ms", "memory MB"),
            (
                (
                    spent.threads,
                    spent.batch_size,
                    f"{spent.wall_ms:.1f}",
                    f"{spent.processor_ms:.1f}",
                    f"{spent.memory_mb:.0f}",
                )
                for spent in result.costs
            ),
            empty="",
        )


def _cells(quality: "Quality") -> tuple[object, ...]:
    return (
        _share(quality.precision),
        _share(quality.recall),
        _share(quality.f1),
        quality.right,
        quality.false,
        quality.missed,
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
