"""Which pictures of a camera are removed: those that are too old, then the oldest of too many."""

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from msgspec import Struct

from pycturestream.domain.archive.names import ArchiveName
from pycturestream.domain.cameras.camera import Archiving
from pycturestream.domain.times import DAY_MS, Millis

MEGABYTE = 1_000_000
Due = Literal["days", "bytes"]
"""Why a picture is removed: it was kept for its days, or the camera has no room for more."""


class Held(Struct, frozen=True):
    """A picture that the archive holds."""

    name: ArchiveName
    size: int
    """Bytes of all its files."""
    locked: bool = False


def kept_since(archiving: Archiving, now: Millis) -> Millis:
    """Return the time of the oldest picture that is kept."""
    return now - archiving.days * DAY_MS


def excess(unlocked: int, archiving: Archiving) -> int:
    """Return by how many bytes a camera's unlocked pictures are more than it may have.

    Locked ones don't count: one long alert that somebody locked would leave no room for others.
    """
    return max(0, unlocked - archiving.megabytes * MEGABYTE)


def due(
    held: Iterable[Held], is_too_old: Callable[[Held], bool], too_many: int
) -> Iterator[tuple[Held, Due]]:
    """Yield what is to be removed of a camera's pictures, which come in the order of their times.

    `too_many` is the excess in bytes. First come all that are too old: each was archived with a
    plan of its own, so that an older one may stay for longer. Then come the oldest of the rest.
    """
    rest: list[Held] = []
    for one in held:
        if one.locked:
            continue
        if is_too_old(one):
            too_many -= one.size
            yield one, "days"
        else:
            rest.append(one)
    for one in rest:
        if too_many <= 0:
            return
        too_many -= one.size
        yield one, "bytes"
