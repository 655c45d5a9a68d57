"""A picture in a file of its own, as a camera."""

from dataclasses import dataclass
from pathlib import Path

from producers.pace import Rate, ticks
from producers.picture import Pictures, Skipped, SourceError
from producers.picture_file import PictureFile, last_changed, read_name
from pycturestream.clock import Clock
from pycturestream.domain.frames.frame import Mode
from pycturestream.domain.times import Millis


@dataclass(frozen=True, slots=True)
class SinglePicture:
    """A file that is published as it is: the job judges it, as it does those of a folder."""

    path: Path
    mode: Mode
    fps: Rate
    """Live, in a loop: how often a second."""
    loop: bool = False
    start: Millis | None = None
    """Replay: when it was taken; default: the time in its name, or when it was last changed."""

    def pictures(self, clock: Clock) -> Pictures:
        due = ticks(self.fps, clock)
        while True:
            if self.mode == "live":
                next(due)
            at = clock.now() if self.mode == "live" else self._taken_at()
            picture = PictureFile(at, self.path).read(at)
            if isinstance(picture, Skipped):
                raise SourceError(picture.detail)
            yield picture
            if not self.loop:
                return

    def _taken_at(self) -> Millis:
        if self.start is not None:
            return self.start
        file = read_name(self.path, is_history=True)
        if isinstance(file, PictureFile):
            return file.captured_at
        return last_changed(self.path)
