"""Blurred pictures of records, one at a time, for who asks for many over a long time."""

from collections.abc import Callable

from kafka.errors import KafkaError

from pycturestream.config.settings import Settings
from pycturestream.contracts.detections import DetectionsRecord
from pycturestream.domain.erasure import Erasures
from pycturestream.domain.frames.missing import Missing
from pycturestream.pictures.archived_pictures import ArchivedPictures
from pycturestream.pictures.frame_pictures import FramePicture, FramePictures
from pycturestream.pixels import Pixels


class BlurredPictures:
    """Fetches them from the log, then from the archive.

    It keeps its connection to the log, which one thread at a time may use.
    """

    def __init__(self, settings: Settings, erasures: Callable[[], Erasures]) -> None:
        """Connect to nothing before the first picture; `erasures` returns what is erased now."""
        self._settings = settings
        self._erasures = erasures
        self._log: FramePictures | None = None
        self._archive: ArchivedPictures | None = None

    def fetch(self, record: DetectionsRecord) -> Pixels | Missing:
        """Return a picture as it may leave, read-only perhaps, or why there is none.

        Lets kafka.errors.KafkaError through, raises StorageError where the archive does not answer,
        and FaceModelError where nothing can be blurred.
        """
        picture = self._in_log(record)
        if isinstance(picture, FramePicture):
            return picture.blurred
        if picture is Missing.ERASED:
            return picture
        self._archive = self._archive or ArchivedPictures(self._settings)
        archived = self._archive.pixels(record)
        return picture if archived is None else archived

    def close(self) -> None:
        if self._log:
            self._log.close()
            self._log = None

    def _in_log(self, record: DetectionsRecord) -> FramePicture | Missing:
        if not self._log:
            self._log = FramePictures(self._settings, self._erasures)
        try:
            [(_, picture)] = self._log.fetch([record])
        except KafkaError:
            self.close()  # the next picture gets a new connection
            raise
        return picture
