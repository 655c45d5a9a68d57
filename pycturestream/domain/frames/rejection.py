"""Why a record is rejected: bad input is data, and becomes a dead letter."""

from typing import Literal

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


class Rejection(DataError):  # noqa: N818 - the outcome of a record, not an error of the program
    """A record can't be used. The message is the detail of the dead letter, for people."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
