"""What the picture service hands pictures to."""

from collections.abc import Sequence
from typing import Protocol

from pycturestream.contracts.detections import DetectionsRecord
from pycturestream.domain.cameras.camera import Camera
from pycturestream.pictures.frame_pictures import FramePicture


class PictureSink(Protocol):
    """A use of pictures, such as a topic or an archive. One thread calls all its methods."""

    name: str
    """In logs and counts."""

    def choose(self, record: DetectionsRecord, camera: Camera) -> Sequence[DetectionsRecord]:
        """Return the records of this camera whose pictures it wants, now that this one has come.

        Called once for each live record of each camera, as a rule in the order of a camera's
        frames; after a restart the last ones come again. None, this record, or also records that
        came before, for who learns later that they matter: their pictures are in the log for some
        minutes. It must not wait for anything, and must not raise.
        """
        ...

    def put(self, picture: FramePicture, camera: Camera) -> None:
        """Take a picture that it chose, and return when that will not get lost any more.

        The same picture may come again, so this is idempotent by the record's id, and the order is
        not always that of the frames. `picture.blurred` and `picture.blurred_jpeg` are made once
        for all sinks. Raises ServiceError where it can't take it now: it is offered again later, as
        long as the log holds it and not too many wait. Any other error is logged, and the picture
        is given up.
        """
        ...

    def close(self) -> None:
        """Release what it holds; called once, at the end of the service."""
        ...
