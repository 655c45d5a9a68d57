"""A video file, network stream or device, decoded by FFmpeg: its pictures, and what is damaged.

FFmpeg is called through PyAV (docs/decisions/0036).
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from producers.picture import Pixels, SourceError
from producers.upright import to_pixels
from pycturestream.config.settings import PICTURE_PIXEL_LIMIT

if TYPE_CHECKING:
    from av.packet import Packet  # generic for type checkers only

_HIGHEST_RATE = 1000
"""Pictures a second. Who claims that many states the unit of its times, not a rate."""
_BROKEN_PIECES = 10_000
"""Read one after the other without a picture between them, a source counts as ended. A foreign
part of an HTTP stream comes as a piece for each of its lines."""
_HELD_BACK = 100
"""Pictures: many more than a decoder holds back to put them into order, at most 16."""
_SEEN = 4
"""How many times larger than allowed a picture may be for its size to be named."""
_BEGINS_INSIDE = "without the picture on which they build"
_STILL = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
"""A cover or a preview, which is a video stream too."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Pictures of a video that can't be decoded."""

    number: int
    """Of the first of them."""
    count: int
    why: str
    """For people, in the decoder's words."""


class VideoPicture:
    """A decoded picture, which is converted only when asked for."""

    __slots__ = ("_frame", "_video", "number", "second")

    def __init__(
        self, frame: VideoFrame, number: int, second: float | None, video: "Video"
    ) -> None:
        self.number = number
        """From 0; those that were lost are counted too."""
        self.second = second
        """Its own time, in seconds since the source began; None if it has none."""
        self._frame = frame
        self._video = video

    def pixels(self) -> Pixels | Lost:
        """Return it upright, without comb lines, and with square pixels."""
        return self._video.convert(self._frame, self.number)


class Video:
    """An open file, stream or device."""

    def __init__(
        self, container: InputContainer, stream: VideoStream, pixel_limit: int, *, recorded: bool
    ) -> None:
        """Decode one stream of a container. A recorded one should begin with a whole picture."""
        self._container = container
        self._stream = stream
        self._decoder = stream.codec_context
        # Each further thread holds a picture back, needs memory of its own, and costs more than it
        # saves: cameras are decoded side by side anyway.
        self._decoder.thread_count = 1
        self._decoder.options = {"max_pixels": str(pixel_limit)}
        self._first_size = self.size
        self._pixel_limit = pixel_limit
        self._reformatter = VideoReformatter()
        self._number = 0
        """Of the next picture."""
        self._waiting: list[int] = []
        """Times of the pictures that the decoder was given and has not returned."""
        self._begin: int | None = None
        """The time of the first picture, also if that one is damaged."""
        self._has_begun = False
        self._codec = self._decoder.codec.canonical_name
        # AV1's decoder skips damage without a word. There each packet holds a picture that shows.
        self._silent_damage = f"{self._codec}: no picture came out" if self._codec == "av1" else ""
        self._damage = _BEGINS_INSIDE if recorded else self._silent_damage
        """Why pictures before the next one may be missing."""
        self._last_damage = self._silent_damage

    @property
    def size(self) -> tuple[int, int]:
        """Width and height that a source declares; zeros if it declares none."""
        return self._decoder.width, self._decoder.height

    @property
    def fps(self) -> float | None:
        """The rate that a file claims; None if the claim can't be true."""
        rate = self._stream.average_rate or self._stream.guessed_rate
        return float(rate) if rate and 0 < rate < _HIGHEST_RATE else None

    @property
    def declared_pictures(self) -> int:
        """How many pictures a file claims to hold; 0 if it makes no claim."""
        return max(0, self._stream.frames)

    def pictures(self) -> Iterator[VideoPicture | Lost]:
        """Yield the pictures in the order of their times, and what was lost between them.

        Ends where the source ends or breaks off. Raises MemoryError.
        """
        for packet in self._packets():
            if isinstance(packet, Lost):
                yield packet
            # An empty one repeats the picture before it; FFmpeg would take it for the end.
            elif packet.size:
                yield from self._decode(packet)
        yield from self._decode(None)
        self._damage = self._damage or self._last_damage
        yield from self._lost_before(None)

    def convert(self, frame: VideoFrame, number: int) -> Pixels | Lost:
        """Return the pixels of a picture."""
        try:
            return to_pixels(frame, self._pixel_shape(frame), self._reformatter, self._pixel_limit)
        except MemoryError:
            raise
        except (av.FFmpegError, ValueError) as error:
            return Lost(number, 1, self._words(error))

    def _packets(self) -> Iterator["Packet[VideoStream] | Lost"]:
        """Yield what the source holds, and go on behind pieces that are none of it."""
        broken, why = 0, ""
        while broken < _BROKEN_PIECES:
            try:
                for packet in self._container.demux(self._stream):
                    if broken:
                        yield self._lose(1, why)
                        broken = 0
                    yield packet
            except (OSError, av.HTTPError, av.HTTPClientError, av.ExitError):
                return  # the end of a connection, or of a disk
            except av.FFmpegError as error:
                broken, why = broken + 1, self._words(error)
            except IndexError:  # PyAV knows only the streams that there were at the beginning
                broken, why = broken + 1, "a piece of an unknown stream"
            else:
                return

    def _decode(self, packet: "Packet[VideoStream] | None") -> Iterator[VideoPicture | Lost]:
        """Yield what comes out of the decoder with a packet, or at the end."""
        at = None if packet is None or packet.is_discard else packet.pts
        if at is not None:
            self._waiting.append(at)
            if not self._has_begun:
                self._begin = min(self._waiting)
        try:
            frames = self._decoder.decode(packet)
        except MemoryError:
            raise
        except (av.FFmpegError, ValueError) as error:
            self._damage = self._last_damage = self._words(error)
            if packet is not None and packet.pts is None:
                yield self._lose(1, self._damage)
            elif len(self._waiting) > _HELD_BACK:
                yield from self._lost_before(None)
            return
        for frame in frames:
            self._has_begun = True
            if frame.pts is not None:
                yield from self._lost_before(frame.pts)
            yield VideoPicture(frame, self._number, self._second(frame), self)
            self._number += 1

    def _lost_before(self, at: int | None) -> Iterator[Lost]:
        """Forget the pictures that were to come before that time, and yield them if one is damaged.

        If none is, they were not meant to be seen: some codecs send pictures only to build on.
        """
        lost = sum(at is None or each < at for each in self._waiting)
        self._waiting = [each for each in self._waiting if at is not None and each > at]
        if lost and self._damage:
            yield self._lose(lost, self._damage)
        if lost or self._damage is _BEGINS_INSIDE:
            self._damage = self._silent_damage

    def _lose(self, count: int, why: str) -> Lost:
        lost = Lost(self._number, count, why)
        self._number += count
        return lost

    def _second(self, frame: VideoFrame) -> float | None:
        at = frame.pts if frame.pts is not None else frame.dts
        unit = self._stream.time_base
        return None if at is None or unit is None else float((at - (self._begin or 0)) * unit)

    def _pixel_shape(self, frame: VideoFrame) -> Fraction:
        """Return how many times as wide as high a pixel is."""
        # What a container says of it holds for its beginning.
        is_first = (frame.width, frame.height) == self._first_size
        return (self._stream if is_first else self._decoder).sample_aspect_ratio or Fraction(1)

    def _words(self, error: Exception) -> str:
        words = error.strerror if isinstance(error, av.FFmpegError) else str(error)
        return f"{self._codec}: {words}"


@contextmanager
def open_video(
    address: str,
    name: str,
    *,
    options: Mapping[str, str] | None = None,
    form: str | None = None,
    pixel_limit: int = PICTURE_PIXEL_LIMIT,
    recorded: bool = True,
) -> Iterator[Video]:
    """Open a source by FFmpeg's address of it, and close it at the end.

    `options` and `form` are FFmpeg's: options, and the name of a format that it can't know by
    itself. Raises SourceError with `name`; so it does for a source that declares more than
    `pixel_limit` pixels, before any is decoded, and for one that nothing here can decode.
    """
    try:
        # To learn the size of its pictures, FFmpeg decodes one.
        limits = {"max_pixels": str(_SEEN * pixel_limit)}
        container = av.open(address, format=form, options={**(options or {}), **limits})
    except (av.FFmpegError, ValueError) as error:
        raise SourceError(f"{name}: can't be opened") from error
    with container:
        streams = [each for each in container.streams.video if not each.disposition & _STILL]
        if not streams:
            raise SourceError(f"{name}: holds no video")
        stream = max(streams, key=lambda each: each.disposition & Disposition.default)
        if stream.codec_context is None:
            raise SourceError(f"{name}: there is no decoder for {_codec_of(container)} here")
        video = Video(container, stream, pixel_limit, recorded=recorded)
        width, height = video.size
        if width * height > pixel_limit:
            raise SourceError(f"{name}: {width}x{height}, allowed {pixel_limit} pixels")
        yield video


def _codec_of(container: InputContainer) -> str:
    """Return the name of a video's codec, where PyAV has no decoder that would know it."""
    av.logging.set_level(av.logging.INFO)
    dumped: str = container.dumps_format()  # type: ignore[attr-defined]  # not in PyAV's types
    found = re.search(r"Video: (\w+)", dumped)
    av.logging.set_level(None)
    return found[1] if found else "its codec"


def file_address(path: str) -> str:
    """Return FFmpeg's address of a file, whatever characters its name has."""
    return f"file:{path}"
