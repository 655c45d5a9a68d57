"""A video file, played by the clock (live) or as fast as it is read (replay)."""

import os
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from producers.pace import Rate, index_at, now, steps, ticks
from producers.picture import Picture, Pictures, SourceError, printable
from producers.video_capture import VideoCapture, open_capture
from pycturestream.clock import Clock
from pycturestream.config.settings import PICTURE_PIXEL_LIMIT
from pycturestream.domain.frames.frame import Mode
from pycturestream.domain.times import Millis

DEFAULT_FPS = 25.0
"""For a file that does not state its rate: the rate of European television."""


@dataclass(frozen=True, slots=True)
class VideoFile:
    """A video file as a camera."""

    path: Path
    mode: Mode
    fps: Rate | None = None
    """Pictures a second: at most, and by default, the file's own rate."""
    loop: bool = False
    start: Millis | None = None
    """Replay: when the first picture was taken; default: when the file was last changed."""
    pixel_limit: int = PICTURE_PIXEL_LIMIT
    """A file that declares larger pictures is not opened."""

    def pictures(self, clock: Clock) -> Pictures:
        while True:
            empty = True
            with closing(self._play(clock)) as pictures:
                for picture in pictures:
                    empty = False
                    yield picture
            if empty:
                raise SourceError(f"{printable(str(self.path))}: holds no picture that can be read")
            if not self.loop:
                return

    def _play(self, clock: Clock) -> Pictures:
        # OpenCV takes bytes as well, and crashes the process for a text with surrogates.
        address = os.fsencode(self.path)
        name = printable(str(self.path))
        with open_capture(address, name, pixel_limit=self.pixel_limit) as capture:
            own_fps = capture.fps or DEFAULT_FPS
            rate = self._rate(own_fps)
            start = self._start()
            name = printable(self.path.name)
            position = 0
            for second in ticks(rate, clock) if self.mode == "live" else steps(now(rate)):
                index = index_at(second, own_fps)
                if not _skip(capture, index - position):
                    return
                pixels = capture.read()
                if pixels is None:
                    return
                position = index + 1
                at = clock.now() if self.mode == "live" else start + round(1000 * index / own_fps)
                yield Picture(pixels, Millis(at), f"{name}#{index}")

    def _rate(self, own_fps: float) -> Rate:
        asked = self.fps or own_fps
        return lambda: min(now(asked), own_fps)

    def _start(self) -> Millis:
        if self.start is not None:
            return self.start
        return Millis(self.path.stat().st_mtime_ns // 1_000_000)


def _skip(capture: VideoCapture, pictures: int) -> bool:
    """Skip pictures without converting them; False if the file ends."""
    return all(capture.grab() for _ in range(pictures))
