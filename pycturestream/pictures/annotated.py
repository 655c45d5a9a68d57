"""Annotated pictures as they leave: drawn on after they were blurred."""

from typing import Final

from pycturestream.annotation.annotate import ALL_LAYERS, Layers, annotate
from pycturestream.domain.cameras.camera import Camera
from pycturestream.pictures.frame_pictures import FramePicture
from pycturestream.pixels import encode_outgoing

BYTE_LIMIT: Final = 500_000
"""Of one: lines and letters take more than what they cover, 1280x720 some 300 kB in all."""


def annotated_jpeg(
    picture: FramePicture, camera: Camera, layers: Layers = ALL_LAYERS, *, original: bool = False
) -> bytes:
    """Return a picture with what its record says, as a fresh JPEG without metadata.

    `original`: not blurred, where `require_originals` has found that the camera allows it. Raises
    FaceModelError where it can't be blurred.
    """
    pixels = picture.original if original else picture.blurred
    return encode_outgoing(annotate(pixels, picture.record, camera, layers), BYTE_LIMIT)
