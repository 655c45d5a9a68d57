"""Archived pictures as a video: MP4 with H.264, which every browser and phone plays."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from pycturestream.domain.times import Millis
from pycturestream.errors import DataError
from pycturestream.pixels import Pixels

_CODEC = "libx264"
_QUALITY = {"crf": "20", "preset": "veryfast"}
"""Close to what the pictures themselves show, in a tenth of their bytes."""
_TIME_BASE = Fraction(1, 1000)
LONGEST_GAP_MS = 2_000
"""Between two pictures of a clip: nobody watches a still picture for longer."""
LAST_SHOWN_MS = 1_000


class ClipError(DataError):
    """There is no picture to make a clip of."""


def write_clip(pictures: Iterable[tuple[Millis, Pixels]], output: Path) -> tuple[int, Millis]:
    """Write pictures in the order of their times; return how many there are, and how long it is.

    It plays as fast as it happened, but for pauses. All get the size of the first one, with grey
    where their shape differs, and even sides, as the codec asks for. Raises ClipError without any
    picture; lets OSError through, and av.error.FFmpegError, which is one.
    """
    written, at, before = 0, Millis(0), Millis(0)
    with av.open(str(output), "w", format="mp4") as container:
        stream = None
        last: av.VideoFrame | None = None
        for captured_at, pixels in pictures:
            if stream is None:
                height, width = (side + side % 2 for side in pixels.shape[:2])
                stream = container.add_stream(_CODEC, rate=25, options=_QUALITY)
                stream.width, stream.height = width, height
                stream.pix_fmt = "yuv420p"
                stream.codec_context.time_base = _TIME_BASE
            else:
                at += min(max(captured_at - before, 1), LONGEST_GAP_MS)
            before = captured_at
            last = av.VideoFrame.from_ndarray(_fit(pixels, width, height), format="bgr24")
            last.pts, last.time_base = at, _TIME_BASE
            container.mux(stream.encode(last))
            written += 1
        if stream is None or last is None:
            raise ClipError("the archive holds no picture of it")
        # The last picture is shown for a moment too: its end is where this one begins.
        last.pts = at + LAST_SHOWN_MS
        container.mux(stream.encode(last))
        container.mux(stream.encode(None))
    return written, at + LAST_SHOWN_MS


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
