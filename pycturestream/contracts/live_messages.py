"""Messages between a live page and the server, version 1.

Text messages are JSON objects with a `type`. A picture is a binary message, as the picture service
publishes it (`live_pictures`).
"""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from pycturestream.contracts.codec import CodecError, decode_json
from pycturestream.contracts.live_pictures import CAMERA_LIMIT, CameraId
from pycturestream.domain.cameras.health import HealthState
from pycturestream.domain.frames.live_picture import LiveSize

TEXT_LIMIT: Final = 200_000
"""Characters of a message: the names of 2,000 cameras, 64 characters each."""


class Watch(Struct, tag="watch", frozen=True):
    """What the page shows from now on."""

    cameras: Annotated[dict[CameraId, LiveSize], Meta(max_length=CAMERA_LIMIT)]
    """Those in view, each with the size of its pictures."""
    paused: bool = False
    """Whether nobody looks: nothing is sent but that the server is still there."""


class Shown(Struct, tag="shown", frozen=True):
    """Pictures have been drawn: the camera of each, more than once where it had several."""

    cameras: Annotated[tuple[CameraId, ...], Meta(max_length=CAMERA_LIMIT)]


ToServer = Watch | Shown


class LiveObject(Struct, frozen=True):
    """An object in view."""

    label: str
    score: float
    box: tuple[float, float, float, float]
    """As in the detections record, to four places: a tenth of a pixel."""
    track_id: str
    zones: tuple[str, ...]
    colour: str
    """Of its label: `#rrggbb`, as on annotated pictures."""


class LiveFrame(Struct, frozen=True):
    """What was detected in one frame."""

    camera_id: str
    frame_id: str
    captured_at: str
    width: int
    height: int
    in_view: str
    """In words for people: `3 people, 2 cars`; empty: nothing."""
    objects: tuple[LiveObject, ...]


class LiveAlert(Struct, frozen=True):
    """An open alert."""

    id: str
    rule: str
    level: int
    reason: str
    raised_at: str
    track_ids: tuple[str, ...]
    acknowledged_by: str
    """Empty: nobody handles it."""
    is_false: bool
    """Whether somebody marked it as a false alarm."""


class LiveSentence(Struct, frozen=True):
    """What was last said about a camera."""

    text: str
    language: str
    captured_at: str


class LiveHealth(Struct, frozen=True):
    """What is wrong with a camera, and since when."""

    state: HealthState
    since: str | None
    detail: str


class LiveCamera(Struct, frozen=True):
    """A camera, without what is in view."""

    camera_id: str
    site: str
    timezone: str
    """Of its settings; empty: it has none."""
    revision: int
    """Of its settings; 0: it has none."""
    health: LiveHealth
    alerts: tuple[LiveAlert, ...]
    """The open ones, most dangerous first."""
    sentence: LiveSentence | None
    has_pictures: bool
    """False for phones of the seeing aid, whose pictures nobody else sees."""


class News(Struct, tag="news", frozen=True, kw_only=True):
    """What has changed since the last one; also sent when nothing has, to say that the line is."""

    now: str
    """By the server's clock."""
    is_complete: bool
    """Whether what Redis holds has been read since the start."""
    is_connected: bool
    """Whether Redis answers."""
    order: Sequence[str] | UnsetType = UNSET
    """All cameras, in order; left out where they are still the same."""
    cameras: Sequence[Raw] = ()
    """LiveCamera."""
    frames: Sequence[Raw] = ()
    """LiveFrame: the newest of each camera."""


class OfPicture(Struct, tag="frame", frozen=True):
    """What was detected in the frame whose picture is the next message."""

    frame: Raw


_DECODER: msgspec.json.Decoder[ToServer] = msgspec.json.Decoder(ToServer)


def read_page_message(text: str) -> ToServer:
    """Return a message of a page. Raises CodecError, and nothing else, for what is none."""
    if len(text) > TEXT_LIMIT:
        raise CodecError(f"{len(text)} characters, allowed {TEXT_LIMIT}")
    return decode_json(_DECODER, text.encode("utf-8", "replace"))


def encode_to_page(message: News | OfPicture) -> str:
    return msgspec.json.encode(message).decode()
