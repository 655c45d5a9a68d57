"""Whether a picture of a phone may be looked at, by its size and its markers, before decoding."""

from pycturestream.config.settings import Settings
from pycturestream.contracts.eye_messages import RefusedBecause
from pycturestream.domain.frames.jpeg import check_cost, read_header
from pycturestream.domain.frames.rejection import Rejection
from pycturestream.errors import DataError


class PictureRejection(DataError):  # noqa: N818 - the outcome of a picture, not an error of the program
    """A picture is not used; the message is for people who look for the reason."""

    def __init__(self, reason: RefusedBecause, text: str) -> None:
        super().__init__(text)
        self.reason = reason


def check_picture(jpeg: bytes, settings: Settings) -> None:
    """Raise PictureRejection for what is no JPEG, or takes too much memory or time."""
    if len(jpeg) > settings.eye_byte_limit:
        raise PictureRejection("too-large", f"{len(jpeg)} bytes, allowed {settings.eye_byte_limit}")
    try:
        header = read_header(jpeg)
    except Rejection as rejection:
        raise PictureRejection(
            "not-jpeg", f"not a complete JPEG: {rejection.reason}"
        ) from rejection
    size, least = header.size, settings.picture_side_minimum
    if min(size.width, size.height) < least:
        raise PictureRejection(
            "too-small", f"{size.width}x{size.height}, each side at least {least}"
        )
    try:
        check_cost(header, settings.eye_side_limit**2)
    except Rejection as rejection:
        raise PictureRejection("too-costly", str(rejection)) from rejection
