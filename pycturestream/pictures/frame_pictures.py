"""The pictures of detections records: fetched from the log, decoded, and blurred."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pycturestream.config.settings import Settings
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.detections import (
    DetectionsRecord,
    people_in,
    read_detections_record,
)
from pycturestream.domain.erasure import Erasures
from pycturestream.domain.frames.missing import Missing
from pycturestream.domain.frames.rejection import Rejection
from pycturestream.domain.times import parse_rfc3339
from pycturestream.log.erasures import read_erasures
from pycturestream.log.frames import FrameReader
from pycturestream.pictures.archived_pictures import ArchivedPictures
from pycturestream.pictures.blurring import blur
from pycturestream.pictures.originals import require_originals
from pycturestream.pixels import Pixels, decode, encode_outgoing

Json = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class FramePicture:
    """The picture of a record. Several use its pixels, which are read-only."""

    record: DetectionsRecord
    original: Pixels
    """May leave only where somebody asked for originals and the camera allows them."""

    @cached_property
    def blurred(self) -> Pixels:
        """The picture with covered heads, made once. Raises FaceModelError."""
        pixels = blur(self.original, people_in(self.record)).pixels
        pixels.setflags(write=False)
        return pixels

    @property
    def is_blurred(self) -> bool:
        """Whether `blurred` is there already, and costs nothing."""
        return "blurred" in self.__dict__  # where `cached_property` keeps it

    @cached_property
    def blurred_jpeg(self) -> bytes:
        """The same as a fresh JPEG without metadata, of at most 200 kB, made once."""
        return encode_outgoing(self.blurred)


class FramePictures:
    """Fetches the pictures of records, on one connection."""

    def __init__(self, settings: Settings, erasures: Callable[[], Erasures] | None = None) -> None:
        """Connect. Raises kafka.errors.KafkaError when no broker answers.

        `erasures` returns what is erased now, for who works on for long; None: it is read once.
        """
        self._erasures = erasures or _once(read_erasures(settings))
        self._pixel_limit = settings.picture_pixel_limit
        self._frames = FrameReader(settings)

    def fetch(
        self, records: Sequence[DetectionsRecord]
    ) -> Iterator[tuple[DetectionsRecord, FramePicture | Missing]]:
        """Yield each record with its picture, or why there is none.

        The order is that of the log. Lets kafka.errors.KafkaError through.
        """
        erasures = self._erasures()
        wanted = []
        for record in records:
            if erasures.covers(record.camera_id, parse_rfc3339(record.captured_at)):
                yield record, Missing.ERASED
            else:
                wanted.append(record)
        for record, jpeg in self._frames.read(wanted):
            # Since the batch began, one may have been erased.
            if self._erasures().covers(record.camera_id, parse_rfc3339(record.captured_at)):
                yield record, Missing.ERASED
            else:
                yield record, jpeg if isinstance(jpeg, Missing) else self._decoded(record, jpeg)

    def close(self) -> None:
        self._frames.close()

    def _decoded(self, record: DetectionsRecord, jpeg: bytes) -> FramePicture | Missing:
        try:
            pixels = decode(jpeg, self._pixel_limit)
        except Rejection:
            return Missing.NOT_DECODED
        pixels.setflags(write=False)
        return FramePicture(record, pixels)


def _once(erasures: Erasures) -> Callable[[], Erasures]:
    return lambda: erasures


def fetch_pictures(
    settings: Settings, records: Sequence[Json], *, original: bool = False
) -> Iterator[tuple[Json, bytes | Missing]]:
    """Yield each detections record with its picture as it may leave, or why there is none.

    A picture is a fresh JPEG without metadata, of at most 200 kB: blurred, or `original` where all
    the cameras allow it. What the log no longer holds comes from the archive. Raises
    OriginalsNotAllowedError, FaceModelError where nothing can be blurred, and StorageError where
    the archive does not answer. Lets kafka.errors.KafkaError through.
    """
    if original:
        require_originals(settings, {record["camera_id"] for record in records})
    readable: list[DetectionsRecord] = []
    sources: dict[int, Json] = {}
    for source in records:
        try:
            record = read_detections_record(source)
        except CodecError:
            yield source, Missing.BAD_RECORD
            continue
        readable.append(record)
        sources[id(record)] = source
    archive = ArchivedPictures(settings)
    with closing(FramePictures(settings)) as pictures:
        for record, picture in pictures.fetch(readable):
            source = sources[id(record)]
            if picture is Missing.ERASED:
                yield source, picture
            elif isinstance(picture, Missing):
                yield source, archive.fetch(record, original=original) or picture
            elif original:
                yield source, encode_outgoing(picture.original)
            else:
                yield source, picture.blurred_jpeg
