"""Erasures: which times of which cameras are erased, and what lies in one of them.

A record is erased if any moment that it tells of is: see `Record.spans` in
`pycturestream.stores.record` for which moments these are.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from pycturestream.domain.times import Millis, compact

Span = tuple[Millis, Millis]
"""From the first moment until just before the second."""


class Erasure(Struct, frozen=True):
    """All that one camera saw from `since` until just before `until` is erased."""

    camera_id: str
    since: Millis
    until: Millis
    asked_at: Millis
    reason: str = ""
    """Such as the number of a request. It is kept: no name belongs here."""

    @property
    def key(self) -> str:
        """The key on the topic: asked again for the same, it is the same erasure.

        It is unique, as no camera id contains a colon.
        """
        return f"{self.camera_id}:{compact(self.since)}:{compact(self.until)}"

    def needed_until(self, log_keep_ms: int) -> Millis:
        """Return until when something that it covers may come back from a log that keeps so long.

        What was in the log when it was asked for is gone after `log_keep_ms`. A situation that
        went on then is written once more with each of its changes, so it is held for twice that.
        """
        return self.asked_at + 2 * log_keep_ms


class Erasures(Struct, frozen=True):
    """The erasures in force at one moment."""

    spans: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    """By camera: in order, with gaps between them."""

    @classmethod
    def of(cls, erasures: Iterable[Erasure]) -> "Erasures":
        """Merge erasures: those of a camera that overlap or meet become one span."""
        spans: dict[str, list[Span]] = {}
        for one in sorted(erasures, key=lambda each: each.since):
            merged = spans.setdefault(one.camera_id, [])
            if merged and one.since <= merged[-1][1]:
                since, until = merged[-1]
                merged[-1] = since, max(until, one.until)
            else:
                merged.append((one.since, one.until))
        return cls({camera_id: tuple(merged) for camera_id, merged in spans.items()})

    def covers(self, camera_id: str, at: Millis) -> bool:
        """Whether this moment of a camera is erased."""
        return self.touches(camera_id, at, at)

    def touches(self, camera_id: str, first: Millis, last: Millis) -> bool:
        """Whether any moment of a camera from `first` to `last`, both included, is erased."""
        spans = self.spans.get(camera_id)
        if not spans:  # as nearly always
            return False
        # The last span that begins before all of it is over is the only one that can reach it.
        place = bisect_right(spans, last, key=lambda span: span[0])
        return place > 0 and spans[place - 1][1] > first


NO_ERASURES = Erasures()


class PlaceReport(Struct, frozen=True):
    """What an erasure found in one place, such as a store: only numbers, by kind."""

    place: str
    erased: Mapping[str, int] = field(default_factory=dict)
    """What is deleted; of a count, what would be."""
    left: Mapping[str, int] = field(default_factory=dict)
    """What can't be deleted before it expires. No reader shows it."""
    gone_at: Millis | None = None
    """When the last bytes of it are gone; None where they are gone already."""
    note: str = ""
    failure: str = ""
    """Why the place could not be reached or read; empty where it could."""
