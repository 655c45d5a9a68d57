"""A picture in a file whose name holds a time, such as `id_timestamp.jpg`."""

from dataclasses import dataclass
from pathlib import Path

from producers.picture import Picture, Skipped, SourceError, printable
from producers.picture_name import captured_at
from pycturestream.domain.times import EARLIEST, LATEST, Millis, rfc3339

SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".jfif"})
BYTE_LIMIT = 50_000_000
"""More than any camera's picture; a video with such a name would fill the memory."""


@dataclass(frozen=True, slots=True, order=True)
class PictureFile:
    """A file whose name holds a time; files sort by their times."""

    captured_at: Millis
    path: Path

    @property
    def name(self) -> str:
        """The file's name in a form that is safe to print."""
        return printable(self.path.name)

    def read(self, at: Millis, clock_ahead: Millis = 0) -> Picture | Skipped:
        """Return the picture as one taken at that time, with the file's bytes as they are."""
        try:
            with self.path.open("rb") as file:
                content = file.read(BYTE_LIMIT + 1)
        except OSError as error:
            return Skipped("unreadable", f"{self.name}: {error.strerror}")
        if len(content) > BYTE_LIMIT:
            return Skipped("too-large", f"{self.name}: more than {BYTE_LIMIT} bytes")
        return Picture(content, at, self.name, clock_ahead)


def read_name(path: Path, *, is_history: bool = False) -> PictureFile | Skipped:
    """Return the file as a picture with its time, or why it is not one.

    Any clock will do for a picture of now, whose time is corrected. History has nothing else to go
    by: its times must be from 2000 to 2099.
    """
    name = printable(path.name)
    if path.suffix.lower() not in SUFFIXES:
        return Skipped("not-a-picture", f"{name}: expected .jpg")
    try:
        at = captured_at(path.stem)
    except ValueError as error:
        return Skipped("bad-name", f"{name}: {printable(str(error))}")
    if is_history and not EARLIEST <= at < LATEST:
        return Skipped("bad-name", f"{name}: {rfc3339(at)} is not from 2000 to 2099")
    return PictureFile(at, path)


def last_changed(path: Path) -> Millis:
    """Return when a file was last changed, as the time of what it shows.

    Raises SourceError where that can't be: nothing would correct it.
    """
    name = printable(str(path))
    try:
        at = Millis(path.stat().st_mtime_ns // 1_000_000)
    except OSError as error:
        raise SourceError(f"{name}: {error.strerror}") from error
    if not EARLIEST <= at < LATEST:
        raise SourceError(
            f"{name}: it was last changed at {rfc3339(at)}, which is not from 2000 to 2099; "
            "--start says when it was taken"
        )
    return at
