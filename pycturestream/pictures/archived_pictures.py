"""Pictures of detections records from the archive: what the log no longer holds."""

from pycturestream.archive.archive import Archive, ChangedError, NotArchivedError
from pycturestream.config.settings import Settings
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.detections import DetectionsRecord, people_in
from pycturestream.domain.archive.names import of_frame
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.frames.missing import Missing
from pycturestream.domain.frames.rejection import Rejection
from pycturestream.pictures.blurring import blur
from pycturestream.pixels import decode, encode_anew, encode_outgoing


class ArchivedPictures:
    """Fetches them, and blurs those that were archived as they were."""

    def __init__(self, settings: Settings) -> None:
        """Raises StorageError."""
        self._archive = Archive.of(settings)
        self._pixel_limit = settings.picture_pixel_limit

    def fetch(self, record: DetectionsRecord, *, original: bool) -> bytes | Missing | None:
        """Return a picture as it may leave, or why it may not; None: it is not archived.

        It is a fresh JPEG: blurred, or `original`, which whoever asks has found to be allowed.
        Raises StorageError where the storage does not answer, and FaceModelError.
        """
        try:
            name = of_frame(record.frame_id)
            archived = self._archive.find(name)
        except (ValueError, CodecError):
            return None
        if record.run != LIVE or archived is None or archived.path is None:
            return None
        try:
            jpeg = self._archive.picture(archived.path, archived.sha256)
        except NotArchivedError:
            return None  # removed since
        except ChangedError:
            return Missing.CHANGED
        if original and not archived.original:
            return Missing.ONLY_BLURRED
        try:
            if archived.original and not original:
                pixels = decode(jpeg, self._pixel_limit)
                return encode_outgoing(blur(pixels, people_in(record)).pixels)
            return encode_anew(jpeg, self._pixel_limit)
        except Rejection:
            return Missing.NOT_DECODED
