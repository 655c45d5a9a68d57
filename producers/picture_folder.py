"""A folder of pictures named `id_timestamp.jpg`, in the order of their times."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from producers.clock import Clock
from producers.pace import ticks
from producers.picture import Picture, Pictures, Skipped, SourceError
from producers.picture_name import captured_at
from pycturestream.frame import Mode
from pycturestream.times import Millis

_SUFFIXES = frozenset({".jpg", ".jpeg"})


@dataclass(frozen=True, slots=True, order=True)
class _Entry:
    captured_at: Millis
    path: Path


@dataclass(frozen=True, slots=True)
class PictureFolder:
    """A folder as a camera. Its pictures stay as they are, also the damaged ones.

    A damaged picture belongs to the job's dead letters, with its bytes, and not to a warning
    that nobody keeps.
    """

    path: Path
    mode: Mode
    fps: float
    """Live: pictures a second. A replay has the times of the names."""
    loop: bool = False

    def pictures(self, clock: Clock) -> Pictures:
        entries, skipped = self._list()
        yield from skipped
        if not entries:
            raise SourceError(f"{self.path}: holds no id_timestamp.jpg")
        due = ticks(self.fps, clock)
        while True:
            yield from self._play(entries, due, clock)
            if not self.loop:
                return

    def _play(self, entries: Sequence[_Entry], due: Iterator[float], clock: Clock) -> Pictures:
        for entry in entries:
            at = entry.captured_at
            if self.mode == "live":
                next(due)
                at = clock.now()
            try:
                content = entry.path.read_bytes()
            except OSError as error:
                yield Skipped("unreadable", f"{entry.path.name}: {error.strerror}")
            else:
                yield Picture(content, at, entry.path.name)

    def _list(self) -> tuple[list[_Entry], list[Skipped]]:
        entries: list[_Entry] = []
        skipped: list[Skipped] = []
        for path in sorted(self.path.iterdir()):
            if path.is_dir() or path.name.startswith("."):
                continue
            if path.suffix.lower() not in _SUFFIXES:
                skipped.append(Skipped("not-a-picture", f"{path.name}: expected .jpg"))
                continue
            try:
                entries.append(_Entry(captured_at(path.stem), path))
            except ValueError as error:
                skipped.append(Skipped("bad-name", f"{path.name}: {error}"))
        return sorted(entries), skipped
