"""The picture of a frame as it is shown: blurred, drawn on and scaled, if that is asked for."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

import cv2
import numpy as np

from pycturestream.annotation.annotate import Layers, annotate
from pycturestream.application.picture_index import PictureIndex
from pycturestream.application.searching import newest_record
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.detections import DetectionsRecord, read_detections_record
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.missing import Missing
from pycturestream.errors import DataError
from pycturestream.pictures.annotated import BYTE_LIMIT
from pycturestream.pixels import Pixels, encode_outgoing

Json = dict[str, Any]

LAYERS: Final = Layers(grid=False)
"""The nine sectors are in words beside the picture."""


class NoRecordError(DataError):
    """There is no record of such a frame; the message is one line."""


class PictureMissingError(DataError):
    """A frame was processed, and its picture is missing; the message is one line."""

    def __init__(self, missing: Missing) -> None:
        super().__init__(f"the picture is missing: {missing}")
        self.missing = missing


class PictureSource(Protocol):
    """Where pictures come from, as they may leave."""

    def fetch(self, record: DetectionsRecord) -> Pixels | Missing:
        """Return a blurred picture, or why there is none."""
        ...


class ShownPictures:
    """Makes JPEGs. Lets the errors of its ports through; one thread at a time."""

    def __init__(
        self,
        index: PictureIndex,
        source: PictureSource,
        cameras: Callable[[], Mapping[str, Camera]],
    ) -> None:
        """`cameras` returns the settings in force, as far as they are known."""
        self._index, self._source, self._cameras = index, source, cameras

    def jpeg(
        self, frame_id: str, run: str, width: int | None = None, *, annotated: bool = False
    ) -> bytes:
        """Return the picture of a frame, at most `width` pixels wide.

        It is a fresh JPEG without metadata, of at most 200 kB, or 500 kB where it is drawn on.
        Raises NoRecordError and PictureMissingError.
        """
        record = self._record(frame_id, run)
        picture = self._source.fetch(record)
        if isinstance(picture, Missing):
            raise PictureMissingError(picture)
        if not annotated:
            return encode_outgoing(_scaled(picture, width))
        camera = self._cameras().get(record.camera_id) or Camera(record.camera_id)
        return encode_outgoing(
            _scaled(annotate(picture, record, camera, LAYERS), width), BYTE_LIMIT
        )

    def _record(self, frame_id: str, run: str) -> DetectionsRecord:
        try:
            found = newest_record(self._index, frame_id, run)
        except ValueError as error:
            raise NoRecordError(
                "no such frame: a frame id is like gate_20261121T090000125Z"
            ) from error
        if found is None:
            raise NoRecordError(
                f"there is no record of {frame_id} in run {run}: it was not processed, is not "
                "searchable yet, or is no longer kept"
            )
        try:
            return read_detections_record(found)
        except CodecError as error:
            raise PictureMissingError(Missing.BAD_RECORD) from error


def _scaled(pixels: Pixels, width: int | None) -> Pixels:
    if width is None or width >= pixels.shape[1]:
        return pixels
    size = width, max(1, round(pixels.shape[0] * width / pixels.shape[1]))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
