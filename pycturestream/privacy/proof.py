"""The proof: everything that was searched, every picture that was found, and what was not searched.

Nothing is held but sums, and the first of each kind of finding.
"""

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct

from pycturestream.clock import now
from pycturestream.domain.times import Millis, rfc3339
from pycturestream.privacy.picture_search import find_in_bytes, find_in_file
from pycturestream.privacy.rules import Judgement, Rules

EXAMPLES: Final = 20
"""Places of a finding that are named; their number is told in any case."""

Outcome = Literal["clean", "not allowed", "incomplete"]
Advance = Callable[[int], None]
"""Called with a number of bytes that have been searched since the last call."""


class Searched(Struct, frozen=True):
    """A folder or an index that was searched."""

    what: str
    files: int
    """Files, or documents."""
    bytes: int


class Finding(Struct, frozen=True):
    """Pictures of one kind of place, all allowed or none."""

    where: str
    allowed: bool
    why: str
    pictures: int
    until: str
    """When the last of them should be gone; empty where they should not be there at all."""
    places: tuple[str, ...]
    """The first of them: a file and an offset, or an index and an id."""


class NotSearched(Struct, frozen=True):
    """What could not be searched, or was left out."""

    what: str
    why: str
    by_request: bool = False
    """Whether it was left out on purpose; the proof is complete without it."""


class Report(Struct, frozen=True):
    """What a proof says."""

    began_at: str
    ended_at: str
    outcome: Outcome
    searched: tuple[Searched, ...]
    found: tuple[Finding, ...]
    not_searched: tuple[NotSearched, ...]

    @property
    def encoded(self) -> bytes:
        """The report as JSON, on one line."""
        return msgspec.json.encode(self) + b"\n"

    @property
    def checksum(self) -> str:
        """SHA-256 of these bytes."""
        return hashlib.sha256(self.encoded).hexdigest()


@dataclass(slots=True)
class _Sum:
    pictures: int = 0
    until: Millis = 0
    places: list[str] = field(default_factory=list)


class Proof:
    """Searches one place after the other, and reports."""

    def __init__(self, rules: Rules, clock: Callable[[], Millis] = now) -> None:
        self._rules = rules
        self._clock = clock
        self._began_at = clock()
        self._searched: list[Searched] = []
        self._found: dict[tuple[str, bool, str], _Sum] = {}
        self._not_searched: list[NotSearched] = []

    def search_folder(
        self, folder: Path, left_out: Sequence[Path] = (), advance: Advance | None = None
    ) -> None:
        """Search all files of a folder but those in `left_out`.

        A link is not followed: where it leads to is searched by itself, or left out, or the proof
        is incomplete.
        """
        files = size = 0
        for path in self._files(folder, left_out):
            read = 0

            def count(more: int) -> None:
                nonlocal read
                read += more
                if advance:
                    advance(more)

            if self._search_file(path, count):
                files, size = files + 1, size + read
        self._searched.append(Searched(str(folder), files, size))

    def search_documents(
        self, what: str, documents: Iterable[tuple[str, bytes]], advance: Advance | None = None
    ) -> None:
        """Search documents, each with its name. None of them may hold a picture.

        Lets through what reading them raises; what was searched until then is reported.
        """
        number = size = 0
        try:
            for name, data in documents:
                number, size = number + 1, size + len(data)
                judgement = Judgement(what, allowed=False, why="no picture may be here")
                for found in find_in_bytes(data):
                    self._note(judgement, f"{name} ({found.kind})")
                if advance:
                    advance(1)
        finally:
            self._searched.append(Searched(what, number, size))

    def leave_out(self, what: str, why: str, *, by_request: bool = False) -> None:
        """Note what is not searched."""
        self._not_searched.append(NotSearched(what, why, by_request))

    def report(self) -> Report:
        """Return what has been found so far."""
        found = tuple(
            Finding(
                where,
                allowed,
                why,
                each.pictures,
                rfc3339(each.until) if each.until else "",
                tuple(each.places),
            )
            for (where, allowed, why), each in sorted(self._found.items())
        )
        outcome: Outcome = "clean"
        if not all(each.by_request for each in self._not_searched):
            outcome = "incomplete"
        if not all(each.allowed for each in found):
            outcome = "not allowed"
        return Report(
            rfc3339(self._began_at),
            rfc3339(self._clock()),
            outcome,
            tuple(self._searched),
            found,
            tuple(self._not_searched),
        )

    def _search_file(self, path: Path, count: Advance) -> bool:
        """Return whether the file was there to be searched."""
        try:
            # Without O_NONBLOCK, opening a pipe would wait for its other end.
            number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(number, "rb") as file:
                if not stat.S_ISREG(os.fstat(number).st_mode):
                    return False
                for found in find_in_file(file, count):
                    judgement = self._rules.judge(path, found.offset, self._clock())
                    self._note(judgement, f"{path}:{found.offset} ({found.kind})")
        except FileNotFoundError:
            return False  # it was removed meanwhile, with its pictures
        except OSError as error:
            self.leave_out(str(path), error.strerror or str(error))
            return False
        return True

    def _note(self, judgement: Judgement, place: str) -> None:
        key = judgement.where, judgement.allowed, judgement.why
        noted = self._found.setdefault(key, _Sum())
        noted.pictures += 1
        noted.until = max(noted.until, judgement.until)
        if len(noted.places) < EXAMPLES:
            noted.places.append(place)

    def _files(self, folder: Path, left_out: Sequence[Path]) -> Iterator[Path]:
        for path, error in files_in(folder, left_out):
            if error:
                self.leave_out(str(path), error)
            elif not path.is_symlink():
                yield path
            elif not any(path.resolve().is_relative_to(each) for each in (folder, *left_out)):
                self.leave_out(str(path), f"a link to {path.resolve()}: search that with --folder")


def files_in(folder: Path, left_out: Sequence[Path] = ()) -> Iterator[tuple[Path, str]]:
    """Yield each file and link of a folder, or a folder that can't be read, with the reason."""
    failed: list[OSError] = []
    for parent, folders, files in os.walk(folder, onerror=failed.append):
        folders[:] = sorted(name for name in folders if Path(parent, name) not in left_out)
        links = [name for name in folders if Path(parent, name).is_symlink()]
        yield from ((Path(parent, name), "") for name in sorted([*files, *links]))
    for error in failed:
        if not isinstance(error, FileNotFoundError) or Path(error.filename) == folder:
            yield Path(error.filename), error.strerror or str(error)
