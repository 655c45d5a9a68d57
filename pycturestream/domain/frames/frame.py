"""A frame: one picture of one camera at one time, as it travels on the topic `frames`."""

import re
from collections.abc import Iterable, Mapping
from typing import Final, Literal

from msgspec import Struct

from pycturestream.domain.times import Millis, compact, parse_compact

Mode = Literal["live", "replay"]

LIVE: Final = "live"
"""The mode of live frames, and the run of all records that are not of a replay."""

CAMERA_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


RUN_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
RUN_NAME_RULE: Final = (
    "use lower-case letters, digits, _ and -, 40 at most and a letter or digit first"
)


def is_camera_id(text: str) -> bool:
    """Whether the text may be a camera id: 1 to 64 of `A-Z a-z 0-9 . _ -`, no sign first."""
    return CAMERA_ID.fullmatch(text) is not None


def is_run_name(text: str) -> bool:
    """Whether the text may name a run: it becomes part of the names of indices.

    1 to 40 of `a-z 0-9 _ -`, no sign first. The run of live records is LIVE.
    """
    return RUN_NAME.fullmatch(text) is not None


class Frame(Struct, frozen=True):
    """A picture as a producer publishes it.

    Both times are by the camera's own clock, so that `sent_at - captured_at` is the
    picture's age whatever that clock says.
    """

    camera_id: str
    captured_at: Millis
    jpeg: bytes
    mode: Mode = "live"
    source: str = ""
    """Where the picture came from, without passwords; for people who look for a fault."""
    clock_ahead: Millis = 0
    """How far the camera's clock runs ahead of the sender's, where they are two."""
    reference: str = ""
    """The path in the folder of references of a picture too large for the broker; then `jpeg`
    is empty."""

    def headers(self, now: Millis) -> list[tuple[str, bytes]]:
        """Return the Kafka headers of this frame, sent `now` by the sender's clock."""
        headers = [
            ("captured_at", str(self.captured_at).encode()),
            ("sent_at", str(now + self.clock_ahead).encode()),
            ("mode", self.mode.encode()),
            ("content_type", b"image/jpeg"),
        ]
        if self.source:
            headers.append(("source", self.source.encode()))
        if self.reference:
            headers.append(("reference", self.reference.encode()))
        return headers


def frame_id(camera_id: str, captured_at: int) -> str:
    """Return the frame's id, which is also its file name in an archive."""
    return f"{camera_id}_{compact(captured_at)}"


def parse_frame_id(text: str) -> tuple[str, Millis]:
    """Return the camera and time of a frame id; ValueError if it is not one."""
    camera_id, _, at = text.rpartition("_")
    if not is_camera_id(camera_id):
        raise ValueError(f"not a frame id: {text}")
    return camera_id, parse_compact(at)


def header_texts(headers: Iterable[tuple[str, bytes]]) -> Mapping[str, str]:
    """Return headers as text, the last one of a name; bytes that are no text are replaced."""
    return {name: (value or b"").decode("utf-8", "replace") for name, value in headers}
