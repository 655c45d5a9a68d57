"""A folder of pictures whose names hold times, in the order of these."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from producers.pace import Rate, ticks
from producers.picture import Pictures, Skipped, SourceError
from producers.picture_file import PictureFile, read_name
from pycturestream.clock import Clock
from pycturestream.domain.frames.frame import Mode


@dataclass(frozen=True, slots=True)
class PictureFolder:
    """A folder as a camera. Its pictures stay as they are, damaged ones too.

    A damaged picture belongs in the job's dead letters, with its bytes, rather than in a
    warning that is not stored.
    """

    path: Path
    mode: Mode
    fps: Rate
    """Live: pictures a second. A replay goes by the times in the names."""
    loop: bool = False

    def pictures(self, clock: Clock) -> Pictures:
        files, skipped = self._list()
        yield from skipped
        if not files:
            raise SourceError(f"{self.path}: holds no id_timestamp.jpg")
        due = ticks(self.fps, clock)
        while True:
            yield from self._play(files, due, clock)
            if not self.loop:
                return

    def _play(self, files: Sequence[PictureFile], due: Iterator[float], clock: Clock) -> Pictures:
        for file in files:
            if self.mode == "live":
                next(due)
                yield file.read(clock.now())
            else:
                yield file.read(file.captured_at)

    def _list(self) -> tuple[list[PictureFile], list[Skipped]]:
        try:
            paths = sorted(path for path in self.path.iterdir() if not path.name.startswith("."))
        except OSError as error:
            raise SourceError(f"{self.path}: {error.strerror}") from error
        is_history = self.mode == "replay"
        named = [read_name(path, is_history=is_history) for path in paths if _is_file(path)]
        files = sorted(file for file in named if isinstance(file, PictureFile))
        return files, [skipped for skipped in named if isinstance(skipped, Skipped)]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False  # one entry that can't be looked at must not hide the others
