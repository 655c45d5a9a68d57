"""A folder that others write pictures into, such as a camera that uploads by FTP."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import inf
from pathlib import Path

from producers.pace import Rate, now
from producers.picture import Picture, Pictures, Skipped, SourceError
from producers.picture_file import BYTE_LIMIT, SUFFIXES, PictureFile, read_name
from pycturestream.clock import Clock
from pycturestream.domain.frames.jpeg import END_OF_IMAGE, read_header
from pycturestream.domain.frames.rejection import Rejection
from pycturestream.domain.times import Millis

_POLL_S = 0.25
"""How often the folder is listed: network folders send no notice of new files."""
_POLL_SHARE = 0.1
"""The share of the time for listing, so that a folder of 100,000 files does not occupy a core."""
_LONGEST_POLL_S = 5.0
"""A folder on a network may hang for a minute once, and would not be looked at for ten."""
_COMPLETE_AFTER_S = 10.0
"""How long an unfinished file is waited for: an upload over a bad line pauses. After so long
without a change it was broken off, and is taken as it is."""
_TAIL_BYTES = 4096
"""Most pictures end here. Only those that a camera pads with more, or appends a video to, are read
as a whole to find where they end."""


@dataclass(frozen=True, slots=True)
class _State:
    """An unfinished file, as it was last listed."""

    size: int
    changed_ns: int
    since: float
    """Seconds of the clock at which it was first listed in this state."""


@dataclass(frozen=True, slots=True)
class WatchedFolder:
    """A folder as a live camera: each new picture is published once, when it is complete.

    The pictures that are there at the start are history, also after a restart, and the same name
    is the same picture. Files may be moved and deleted at any time. A picture counts as sent when
    its file was complete, so that a camera whose clock is wrong, or that names files by its local
    time, is corrected like any other.
    """

    path: Path
    fps: Rate
    """Pictures a second, at most."""

    def history(self) -> int:
        """Return how many pictures there are now. Raises SourceError."""
        return sum(Path(name).suffix.lower() in SUFFIXES for name in self._names())

    def pictures(self, clock: Clock) -> Pictures:
        slot = -inf
        for batch in self._batches(clock):
            files = []
            for path, complete_at in batch:
                file = read_name(path)
                if isinstance(file, Skipped):
                    yield file
                else:
                    files.append((file, complete_at))
            files.sort()
            interval, seconds = 1 / now(self.fps), clock.seconds()
            # Somewhat early is in time: neither cameras nor polling are exact.
            due = slot + interval - min(interval / 2, _POLL_S)
            wanted = files.pop() if files and seconds >= due else None
            for file, _ in files:
                yield Skipped("superseded", f"{file.name}: more pictures come than are wanted")
            if wanted:
                picture = _read(*wanted)
                if isinstance(picture, Picture):
                    slot = max(slot + interval, seconds)
                yield picture

    def _batches(self, clock: Clock) -> Iterator[list[tuple[Path, Millis]]]:
        """Yield the files that were found complete at once, each with the time it was complete."""
        done = self._names()
        growing: Mapping[str, _State] = {}
        busy = 0.0
        while not clock.stopped:
            clock.sleep(min(max(_POLL_S, busy / _POLL_SHARE), _LONGEST_POLL_S))
            seconds = clock.seconds()
            names = self._names()
            growing = self._update(names - done, growing, seconds)
            complete = {
                name: clock.now() - round(1000 * (seconds - state.since))
                for name, state in growing.items()
                if self._is_complete(name, seconds - state.since)
            }
            done = done & names | complete.keys()
            busy = clock.seconds() - seconds
            yield [(self.path / name, Millis(at)) for name, at in complete.items()]

    def _names(self) -> set[str]:
        """Return the names of all files. Links are left out: they might lead anywhere."""
        try:
            with os.scandir(self.path) as entries:
                return {
                    entry.name
                    for entry in entries
                    if not entry.name.startswith(".") and _may_be_file(entry)
                }
        except OSError as error:
            raise SourceError(f"{self.path}: {error.strerror}") from error

    def _update(
        self, names: Iterable[str], before: Mapping[str, _State], seconds: float
    ) -> dict[str, _State]:
        states = {}
        for name in names:
            try:
                found = (self.path / name).lstat()
            except OSError:
                continue  # it has just been removed
            state = _State(found.st_size, found.st_mtime_ns, seconds)
            known = before.get(name)
            same = known and (known.size, known.changed_ns) == (state.size, state.changed_ns)
            states[name] = known if known and same else state
        return states

    def _is_complete(self, name: str, unchanged_s: float) -> bool:
        return unchanged_s >= _COMPLETE_AFTER_S or (unchanged_s > 0 and _has_end(self.path / name))


def _may_be_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file(follow_symlinks=False)
    except OSError:
        return True  # it can't be looked at now; if it were forgotten, it would be new later


def _has_end(path: Path) -> bool:
    """Whether a file holds a whole JPEG; files of other types never count as complete."""
    if path.suffix.lower() not in SUFFIXES:
        return False
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL_BYTES))
            if END_OF_IMAGE in file.read(_TAIL_BYTES):
                return True
            file.seek(0)
            read_header(file.read(BYTE_LIMIT))
    except (OSError, Rejection):
        return False
    return True


def _read(file: PictureFile, complete_at: Millis) -> Picture | Skipped:
    return file.read(file.captured_at, file.captured_at - complete_at)
