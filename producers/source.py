"""Which kind of source a text names: a device number, an address, a folder, a video file."""

import re
from dataclasses import dataclass
from pathlib import Path

from producers.device import Device
from producers.picture import Source, SourceError
from producers.picture_folder import PictureFolder
from producers.stream import Stream
from producers.video_file import VideoFile
from pycturestream.frame import Mode
from pycturestream.times import Millis

_ADDRESS = re.compile(r"(rtsps?|rtmps?|https?|rtp|udp|tcp|srt)://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wish:
    """How a source is to be played."""

    mode: Mode = "live"
    fps: float | None = None
    loop: bool = False
    start: Millis | None = None
    default_fps: float = 2.0
    """For sources without a rate of their own that is worth following."""


def is_recorded(text: str) -> bool:
    """Whether the source is a file or folder, which can be played again."""
    return not (_is_device(text) or is_address(text))


def is_address(text: str) -> bool:
    """Whether the source is a camera in the network."""
    return _ADDRESS.match(text) is not None


def open_source(text: str, wish: Wish, *, folder: Path | None = None) -> Source:
    """Return the source that a text names; a relative path is one in `folder`.

    Raises SourceError where no such file or folder is.
    """
    fps = wish.fps or wish.default_fps
    if _is_device(text):
        return Device(int(text), fps)
    if is_address(text):
        return Stream(text, fps)
    path = (folder or Path()) / Path(text).expanduser()
    if path.is_dir():
        return PictureFolder(path, wish.mode, fps, wish.loop)
    if path.is_file():
        return VideoFile(path, wish.mode, wish.fps, wish.loop, wish.start)
    raise SourceError(f"{path}: no such file or folder")


def _is_device(text: str) -> bool:
    return text.isascii() and text.isdigit()
