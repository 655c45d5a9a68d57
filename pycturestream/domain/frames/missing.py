"""Why there is no picture of a frame that was processed."""

from enum import StrEnum


class Missing(StrEnum):
    """The reason in words; each completes `the picture is missing: …`."""

    EXPIRED = "no longer in the log"
    REPLACED = "the log holds another frame in its place"
    NO_REFERENCE = "no longer in the reference folder"
    NOT_A_FRAME = "its record names another topic than those of frames"
    BAD_RECORD = "its record can't be read"
    ERASED = "it is erased"
    NOT_DECODED = "it can't be decoded"
    CHANGED = "its archived picture was changed"
    ONLY_BLURRED = "the archive holds it blurred only"
