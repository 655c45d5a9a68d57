"""A video file, played by the clock (live) or as fast as it is read (replay)."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from producers.pace import DuePictures, Rate
from producers.picture import Picture, Pictures, Skipped, SourceError, printable
from producers.picture_file import last_changed
from producers.recording_times import TimedPicture, timed
from producers.video import Lost, file_address, open_video
from pycturestream.clock import Clock
from pycturestream.config.settings import PICTURE_PIXEL_LIMIT
from pycturestream.domain.frames.frame import Mode
from pycturestream.domain.times import Millis

DEFAULT_FPS = 25.0
"""For a file that does not state its rate: the rate of European television."""
_AHEAD_S = 0.5
"""The longest that pictures are decoded before their time: the rate may change meanwhile."""


@dataclass(frozen=True, slots=True)
class VideoFile:
    """A video file as a camera."""

    path: Path
    mode: Mode
    fps: Rate | None = None
    """Pictures a second, at most; by default all that the file has."""
    loop: bool = False
    start: Millis | None = None
    """Replay: when the first picture was taken; default: when the file was last changed."""
    pixel_limit: int = PICTURE_PIXEL_LIMIT
    """A file that declares larger pictures is not opened."""

    def pictures(self, clock: Clock) -> Pictures:
        while True:
            is_empty, why = True, ""
            with closing(self._play(clock)) as pictures:
                for picture in pictures:
                    if isinstance(picture, Picture):
                        is_empty = False
                    else:
                        why = why or f" ({picture.detail})"
                    yield picture
            if is_empty and not clock.stopped:
                name = printable(str(self.path))
                raise SourceError(f"{name}: holds no picture that can be read{why}")
            if not self.loop or clock.stopped:
                return

    def _play(self, clock: Clock) -> Pictures:
        name, start = printable(self.path.name), self._start()
        address = file_address(str(self.path))
        with open_video(address, printable(str(self.path)), pixel_limit=self.pixel_limit) as video:
            player = _Player(DuePictures(self.fps), clock if self.mode == "live" else None)
            interval_ms = round(1000 / (video.fps or DEFAULT_FPS))
            for timed_picture in timed(video.pictures(), interval_ms):
                if clock.stopped:
                    return
                if isinstance(timed_picture, Lost):
                    yield _skipped(timed_picture, name)
                elif player.wants(timed_picture):
                    content = timed_picture.picture.pixels()
                    if isinstance(content, Lost):
                        yield _skipped(content, name)
                    else:
                        at = clock.now() if self.mode == "live" else start + timed_picture.at
                        origin = f"{name}#{timed_picture.picture.number}"
                        yield Picture(content, Millis(at), origin)
            player.finish()

    def _start(self) -> Millis:
        if self.start is None and self.mode == "replay":
            return last_changed(self.path)
        return self.start or Millis(0)  # live, nobody asks


def fault_of_video(path: Path, pixel_limit: int) -> str | None:
    """Return why a file can't be played; None if it can be opened, and has a decoder."""
    try:
        with open_video(file_address(str(path)), printable(str(path)), pixel_limit=pixel_limit):
            return None
    except SourceError as error:
        return str(error)


class _Player:
    """Says which pictures of a recording are to be published; live, it waits until they are due."""

    def __init__(self, due: DuePictures, clock: Clock | None) -> None:
        """Play by the clock, or without one as fast as pictures come."""
        self._due = due
        self._clock = clock
        self._begin = self._now()
        self._late = 0.0
        """Pictures that show before this second are left out: live means now, not all."""
        self._was_wanted = False
        self._end = 0.0

    def wants(self, picture: TimedPicture) -> bool:
        """Return whether a picture is to be published, when it is due."""
        at, self._end = picture.at / 1000, picture.until / 1000
        if self._was_wanted:
            self._late = self._now() - self._begin
        is_late = self._clock is not None and (at + self._end) / 2 < self._late
        self._was_wanted = not is_late and self._due.take(at, self._end)
        self._wait_until(at if self._was_wanted else at - _AHEAD_S)
        return self._was_wanted

    def finish(self) -> None:
        """Wait until the last picture has been shown for its time."""
        self._wait_until(self._end)

    def _now(self) -> float:
        return self._clock.seconds() if self._clock else 0.0

    def _wait_until(self, second: float) -> None:
        if self._clock and (wait := self._begin + second - self._now()) > 0:
            self._clock.sleep(wait)


def _skipped(lost: Lost, name: str) -> Skipped:
    last = f" to #{lost.number + lost.count - 1}" if lost.count > 1 else ""
    return Skipped("damaged", f"{name}#{lost.number}{last}: {lost.why}", lost.count)
