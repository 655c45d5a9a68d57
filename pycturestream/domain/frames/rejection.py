"""Why a record is refused: bad input is data, and becomes a dead letter."""

from typing import Literal, get_args

from pycturestream.errors import DataError

Reason = Literal[
    "not-an-image",
    "not-jpeg",
    "truncated",
    "too-large",
    "too-many-pixels",
    "too-small",
    "wrong-resolution",
    "bad-camera-id",
    "unknown-camera",
    "bad-timestamp",
    "bad-name",
    "bad-record",
    "bad-reference",
    "detector-failed",
]
REASONS: tuple[Reason, ...] = get_args(Reason)


class Rejection(DataError):  # noqa: N818 - it is a verdict on a record, not a fault of ours
    """A record can't be used. The message is the detail that a person needs to see why."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
