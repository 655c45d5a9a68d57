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

    `too_many` is the excess in bytes. It ends at the first one that stays, so that the rest is not
    even listed.
    """
    for one in held:
        if one.locked:
            continue
        if is_too_old(one):
            yield one, "days"
        elif too_many > 0:
            yield one, "bytes"
        else:
            return
        too_many -= one.size
