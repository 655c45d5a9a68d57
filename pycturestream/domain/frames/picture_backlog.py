"""What waits for the picture service: the newest first, and never more than a limit.

A live picture is worth most at once, and is gone from the log some minutes later. So who falls
behind serves the newest, and what it never comes to is dropped from the other end.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pycturestream.domain.times import Millis

Item = TypeVar("Item")
Partition = int
Offset = int


@dataclass(slots=True, eq=False)
class Waiting(Generic[Item]):
    """A frame whose picture somebody wants."""

    id: str
    partition: Partition
    offset: Offset
    """Where the record is that made somebody want it: until it is done, it is not behind us."""
    captured_at: Millis
    expires_at: Millis
    """When the log may have forgotten its picture."""
    item: Item
    wanted_by: set[str] = field(default_factory=set)


class PictureBacklog(Generic[Item]):
    """At most `limit` frames, each once, whoever wants it."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: dict[str, Waiting[Item]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, waiting: Waiting[Item]) -> Waiting[Item] | None:
        """Take a frame; return the oldest one, where that has to give way.

        One that waits already is then wanted by more.
        """
        if known := self._waiting.get(waiting.id):
            known.wanted_by |= waiting.wanted_by
            return None
        self._waiting[waiting.id] = waiting
        if len(self._waiting) <= self._limit:
            return None
        oldest = min(self._waiting.values(), key=lambda each: each.captured_at)
        return self._waiting.pop(oldest.id)

    def newest(self, limit: int, ready: Collection[str]) -> list[Waiting[Item]]:
        """Return the newest that somebody wants who is ready, in the order of their times.

        They go on waiting until they are done.
        """
        wanted = [each for each in self._waiting.values() if not each.wanted_by.isdisjoint(ready)]
        wanted.sort(key=lambda each: each.captured_at)
        return wanted[-limit:]

    def done(self, waiting: Waiting[Item], name: str) -> None:
        """Take note that somebody has what it wanted."""
        waiting.wanted_by.discard(name)
        if not waiting.wanted_by:
            self.remove(waiting)

    def remove(self, waiting: Waiting[Item]) -> None:
        """Forget a frame: its picture is missing."""
        self._waiting.pop(waiting.id, None)

    def expire(self, now: Millis) -> int:
        """Forget the frames whose pictures the log may have forgotten; return how many."""
        expired = [each for each in self._waiting.values() if each.expires_at <= now]
        for each in expired:
            self.remove(each)
        return len(expired)

    def first_offsets(self) -> dict[Partition, Offset]:
        """Return the first offset of each partition that is not done."""
        first: dict[Partition, Offset] = {}
        for each in self._waiting.values():
            first[each.partition] = min(each.offset, first.get(each.partition, each.offset))
        return first
