"""What of dead letters may leave: a picture that can be blurred, and other bytes only on request.

Of a dead letter there is no detections record, and its bytes may be anything: a picture with people
in it may hide in what can't be decoded.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pycturestream.config.settings import Settings
from pycturestream.domain.frames.rejection import Rejection
from pycturestream.log.dead_letters import LoggedDeadLetter
from pycturestream.pictures.originals import require_originals
from pycturestream.pictures.unrecorded_pictures import UnrecordedPictures
from pycturestream.pixels import encode_anew, encode_outgoing

_DANGEROUS = "detector-failed"
"""The reason of pictures that made the detector fail: decoding them may take this process down."""
_HOW = "--original saves the bytes, where the camera allows it"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What leaves of a dead letter: a picture, or other bytes, or nothing."""

    jpeg: bytes | None = None
    other: bytes | None = None
    left_out: str = ""
    """Why nothing leaves; empty where something does."""


def take_out(
    settings: Settings, letters: Sequence[LoggedDeadLetter], *, original: bool = False
) -> Iterator[tuple[LoggedDeadLetter, Outgoing]]:
    """Yield each dead letter with what leaves of it.

    A picture is a fresh JPEG without metadata, of at most 200 kB: blurred, or `original` where all
    the cameras allow it. Only then do other bytes leave: those of what can't be decoded, or made
    the detector fail. Raises OriginalsNotAllowedError, and ModelError and FaceModelError where
    nothing can be blurred. Lets kafka.errors.KafkaError through.
    """
    if original:
        require_originals(settings, {letter.camera_id for letter in letters})
    pictures = UnrecordedPictures(settings)
    for letter in letters:
        if not letter.value:
            yield letter, Outgoing(left_out="the log holds no bytes of it")
        elif original:
            yield letter, _original(letter, settings.picture_pixel_limit)
        else:
            yield letter, _blurred(letter, pictures)


def _blurred(letter: LoggedDeadLetter, pictures: UnrecordedPictures) -> Outgoing:
    if letter.reason == _DANGEROUS:
        why = "the detector failed on it, so it is neither decoded nor blurred"
        return Outgoing(left_out=f"{why}; {_HOW}")
    try:
        return Outgoing(jpeg=encode_outgoing(pictures.blur(letter.value).pixels))
    except Rejection as rejection:
        why = f"it can't be decoded, and so not blurred ({rejection.reason})"
        return Outgoing(left_out=f"{why}; {_HOW}")


def _original(letter: LoggedDeadLetter, pixel_limit: int) -> Outgoing:
    if letter.reason == _DANGEROUS:
        return Outgoing(other=letter.value)
    try:
        return Outgoing(jpeg=encode_anew(letter.value, pixel_limit))
    except Rejection:
        return Outgoing(other=letter.value)
