"""Pictures of detections records from the archive: what the log no longer holds."""

from pycturestream.archive.archive import Archive, ChangedError, NotArchivedError
from pycturestream.archive.storage import UnusableError
from pycturestream.config.settings import Settings
from pycturestream.contracts.archived import ArchivedRecord
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.detections import DetectionsRecord, people_in
from pycturestream.domain.archive.names import of_frame
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.frames.missing import Missing
from pycturestream.domain.frames.rejection import Rejection
from pycturestream.pictures.blurring import blur
from pycturestream.pixels import Pixels, decode, encode_outgoing


class ArchivedPictures:
    """Fetches them, and blurs them, though most were archived so."""

    def __init__(self, settings: Settings) -> None:
        """Raise StorageError where the settings name no storage."""
        self._archive = Archive.of(settings)
        self._pixel_limit = settings.picture_pixel_limit

    def fetch(self, record: DetectionsRecord, *, original: bool) -> bytes | Missing | None:
        """Return a picture as it may leave, or why it may not; None: it is not archived.

        It is a fresh JPEG: blurred, or `original`, which whoever asks has found to be allowed.
        Raises StorageError where the storage does not answer, and FaceModelError.
        """
        found = self.pixels(record, original=original)
        return found if found is None or isinstance(found, Missing) else encode_outgoing(found)

    def pixels(
        self, record: DetectionsRecord, *, original: bool = False
    ) -> Pixels | Missing | None:
        """Return the same as pixels, to be drawn on or scaled."""
        archived = self._find(record)
        if archived is None or archived.path is None:
            return None
        if original and not archived.original:
            return Missing.ONLY_BLURRED
        try:
            jpeg = self._archive.picture(archived.path, archived.sha256)
            pixels = decode(jpeg, self._pixel_limit)
        except NotArchivedError:
            return None  # removed since
        except (ChangedError, UnusableError):
            return Missing.CHANGED
        except Rejection:
            return Missing.NOT_DECODED
        # Blurred also what is blurred by its description, which anybody may have changed.
        return pixels if original else blur(pixels, people_in(record)).pixels

    def _find(self, record: DetectionsRecord) -> ArchivedRecord | None:
        """Return the description of a live frame's picture, None where there is none."""
        if record.run != LIVE:
            return None
        try:
            return self._archive.find(of_frame(record.frame_id))
        except (ValueError, CodecError):
            return None
