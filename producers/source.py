"""Opens a source by its name: a device number, an address, a folder, a picture or a video file."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from pathlib import Path

from producers.device import Device
from producers.pace import Rate
from producers.picture import Source, SourceError, printable
from producers.picture_file import SUFFIXES
from producers.picture_folder import PictureFolder
from producers.single_picture import SinglePicture
from producers.stream import Stream
from producers.video_file import VideoFile
from producers.watched_folder import WatchedFolder
from pycturestream.config.settings import PICTURE_PIXEL_LIMIT
from pycturestream.config.source_address import is_address
from pycturestream.domain.frames.frame import Mode
from pycturestream.domain.times import Millis
from pycturestream.public_address import without_secrets


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """How to play a source."""

    mode: Mode = "live"
    fps: float | Callable[[], float | None] | None = None
    """Pictures a second, or a function that returns them; None: the source's own rate."""
    loop: bool = False
    start: Millis | None = None
    default_fps: float = 2.0
    """Pictures a second of sources without a useful rate of their own."""
    watch: bool = False
    """Live: a folder is not played, but watched for new pictures."""
    timeout_s: float = 5.0
    """How many seconds a camera may give no picture before it counts as stalled."""
    pixel_limit: int = PICTURE_PIXEL_LIMIT
    """A source that declares larger pictures is not opened."""


def is_recorded(text: str) -> bool:
    """Whether the source is a file or folder, which can be played again."""
    return not (_is_device(text) or is_address(text))


def open_source(text: str, options: SourceOptions, *, folder: Path | None = None) -> Source:
    """Return the source that a text names; a relative path is one in `folder`.

    Raises SourceError if there is no such file or folder.
    """
    if _is_device(text):
        rate = _rate(options, options.default_fps)
        return Device(int(text), rate, options.timeout_s, options.pixel_limit)
    if is_address(text):
        rate = _rate(options, options.default_fps)
        return Stream(text, rate, options.timeout_s, options.pixel_limit)
    path = (folder or Path()) / Path(text).expanduser()
    if path.is_dir() and options.watch:
        return WatchedFolder(path, _rate(options, options.default_fps))
    if path.is_dir():
        return PictureFolder(path, options.mode, _rate(options, options.default_fps), options.loop)
    if path.is_file() and path.suffix.lower() in SUFFIXES:
        rate = _rate(options, options.default_fps)
        return SinglePicture(path, options.mode, rate, options.loop, options.start)
    if path.is_file():
        fps = None if options.fps is None else _rate(options, inf)  # its own rate at most
        return VideoFile(path, options.mode, fps, options.loop, options.start, options.pixel_limit)
    # It may be an address with a mistake, and a secret in it.
    shown = path if without_secrets(text) == text else without_secrets(text)
    raise SourceError(f"{printable(str(shown))}: no such file or folder")


def _rate(options: SourceOptions, default: float) -> Rate:
    asked = options.fps
    return (lambda: asked() or default) if callable(asked) else asked or default


def _is_device(text: str) -> bool:
    return text.isascii() and text.isdigit()
