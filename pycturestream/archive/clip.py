"""Archived pictures as a video: MP4 with H.264, which every browser and phone plays.

Where FFmpeg was built without the encoder, which is under the GPL, it is VP9, which most play.
"""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from pycturestream.domain.times import Millis
from pycturestream.errors import DataError
from pycturestream.pixels import Pixels

_ENCODERS = {
    "libx264": {"crf": "20", "preset": "veryfast"},
    "libvpx-vp9": {"crf": "30", "b": "0", "deadline": "realtime", "cpu-used": "6"},
}
"""The first that there is is used, at a quality close to that of the pictures themselves."""
_TIME_BASE = Fraction(1, 1000)
LONGEST_GAP_MS = 2_000
"""Between two pictures of a clip: nobody watches a still picture for longer."""
LAST_SHOWN_MS = 1_000


class ClipError(DataError):
    """There is no picture to make a clip of, or nothing that encodes it."""


def write_clip(pictures: Iterable[tuple[Millis, Pixels]], output: Path) -> tuple[int, Millis]:
    """Write pictures in the order of their times; return how many there are, and how long it is.

    It plays as fast as it happened, but for pauses. All get the size of the first one, with grey
    where their shape differs, and even sides, as the codec asks for. Raises ClipError without any
    picture; lets OSError through, and av.error.FFmpegError, which is one.
    """
    with av.open(str(output), "w", format="mp4") as container:
        video = _Video(container)
        for captured_at, pixels in pictures:
            video.add(captured_at, pixels)
        return video.pictures, video.end()


class _Video:
    """A video, and how far it is."""

    def __init__(self, container: av.container.OutputContainer) -> None:
        self._container = container
        self._stream: av.VideoStream | None = None
        self._frame: av.VideoFrame | None = None
        self._at = self._before = Millis(0)
        self.pictures = 0

    def add(self, captured_at: Millis, pixels: Pixels) -> None:
        if self._stream is None:
            self._stream = self._add_stream(pixels)
        else:
            self._at += min(max(captured_at - self._before, 1), LONGEST_GAP_MS)
        self._before = captured_at
        shown = _fit(pixels, self._stream.width, self._stream.height)
        self._frame = av.VideoFrame.from_ndarray(shown, format="bgr24")
        self._frame.time_base = _TIME_BASE
        self._encode(self._frame)
        self.pictures += 1

    def end(self) -> Millis:
        """Return how long it is. Raises ClipError where there is no picture."""
        if self._frame is None:
            raise ClipError("the archive holds no picture of it")
        # The last picture is shown for a moment too: its end is where this one begins.
        self._at += LAST_SHOWN_MS
        self._encode(self._frame)
        self._encode(None)
        return self._at

    def _encode(self, frame: av.VideoFrame | None) -> None:
        assert self._stream  # noqa: S101 - there is a picture
        if frame:
            frame.pts = self._at
        self._container.mux(self._stream.encode(frame))

    def _add_stream(self, pixels: Pixels) -> av.VideoStream:
        encoder = _encoder()
        stream = self._container.add_stream(encoder, rate=25, options=_ENCODERS[encoder])
        if not isinstance(stream, av.VideoStream):
            raise ClipError(f"{encoder} makes no video")
        stream.height, stream.width = (side + side % 2 for side in pixels.shape[:2])
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = _TIME_BASE
        return stream


def _encoder() -> str:
    """Return an encoder. Raises ClipError where FFmpeg has none of them."""
    for name in _ENCODERS:
        try:
            av.codec.Codec(name, "w")
        except av.codec.codec.UnknownCodecError:
            continue
        return name
    raise ClipError(f"FFmpeg has no encoder: it needs {' or '.join(_ENCODERS)}")


def _fit(pixels: Pixels, width: int, height: int) -> Pixels:
    """Return a picture in this size, whole, with grey beside it where its shape differs."""
    rows, columns = pixels.shape[:2]
    if (columns, rows) != (width, height):
        scale = min(width / columns, height / rows)
        size = max(1, round(columns * scale)), max(1, round(rows * scale))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    canvas = np.full((height, width, 3), 128, np.uint8)
    top, left = (height - pixels.shape[0]) // 2, (width - pixels.shape[1]) // 2
    canvas[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    return canvas
