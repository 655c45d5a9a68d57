"""How long each topic keeps its records: the one place where that is promised.

Kafka deletes whole segments, those whose newest record is older than `retention.ms`. A record
therefore stays for at least that long. It goes at the latest when all of this has passed, too:

- `segment.ms`, the time that one segment may span: it is deleted as late as its newest record,
- the interval in which the broker looks for what is due,
- the time that the broker leaves a deleted file in place (`file.delete.delay.ms`).

Kafka also does this to the segment that is being written, so that a topic without new records
forgets its last ones as well. A broker that does not run deletes nothing: `segments.py` does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pycturestream.config.settings import Settings
from pycturestream.contracts import topics

DELETE_DELAY_MS: Final = 10_000
"""Readers that have a deleted file open can finish; Kafka's default is a minute."""
LATE_MS: Final = 20_000
"""How late a broker on a busy machine may be with all that, and how far clocks may differ."""
SEGMENTS: Final = 48
"""In which a long time is cut: one of them is what is kept too long. More would cost open files,
of which each of hundreds of partitions has three a segment."""
SHORTEST_SEGMENT_MS: Final = 1_000

COMPACTED: Final[Mapping[str, object]] = {
    "cleanup.policy": "compact",
    # Compacted within minutes, so that a new reader does not read all former values.
    "segment.ms": 600_000,
    "min.cleanable.dirty.ratio": 0.1,
    # A former value, such as the settings of a camera that were changed, goes within the hour
    # however few there are; what marks a deleted one, a day after it.
    "max.compaction.lag.ms": 3_600_000,
    "delete.retention.ms": 86_400_000,
}
"""Settings of the topics that keep the newest record of each key. The last segment is compacted
only after another one has begun, so a former value stays until a record follows that arrives more
than `segment.ms` after it."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a topic keeps a record."""

    at_least_ms: int
    """For so long it can be read."""
    segment_ms: int
    check_ms: int

    @property
    def readable_ms(self) -> int:
        """For so long it may be that it can be read."""
        return self.at_least_ms + self.segment_ms + self.check_ms

    @property
    def at_most_ms(self) -> int:
        """After so long nothing of it is left in the broker's files."""
        return self.readable_ms + DELETE_DELAY_MS + LATE_MS

    @property
    def configs(self) -> Mapping[str, object]:
        """The settings of a topic that keep the promise."""
        return {
            "retention.ms": self.at_least_ms,
            "segment.ms": self.segment_ms,
            "file.delete.delay.ms": DELETE_DELAY_MS,
        }


def live_picture_topics(settings: Settings) -> tuple[str, ...]:
    """Return the topics of live pictures, which are worth nothing when the stack has stopped."""
    return topics.FRAMES, topics.FRAMES_ANNOTATED, topics.DEAD_LETTER, settings.legacy_topic


def picture_topics(settings: Settings) -> tuple[str, ...]:
    """Return all topics that may hold pictures. None may stand in any other."""
    return *live_picture_topics(settings), topics.FRAMES_REPLAY


def kept_at_most_ms(settings: Settings, topic: str) -> int:
    """Return how long after its arrival a record of a topic is gone for certain.

    Raises KeyError for a topic that keeps the newest record of each key.
    """
    return retentions(settings)[topic].at_most_ms


def retentions(settings: Settings) -> Mapping[str, Retention]:
    """Return the retention of every topic that forgets by age."""
    check_ms = settings.retention_check_ms
    live = Retention(settings.frame_retention_ms, settings.frame_segment_ms, check_ms)
    history = _in_segments(settings.replay_retention_ms, check_ms)
    results = _in_segments(settings.result_retention_ms, check_ms)
    return {
        **dict.fromkeys(live_picture_topics(settings), live),
        topics.FRAMES_REPLAY: history,
        **dict.fromkeys((*topics.SERVED, topics.REJECTED_RESULTS), results),
    }


def _in_segments(at_least_ms: int, check_ms: int) -> Retention:
    return Retention(at_least_ms, max(at_least_ms // SEGMENTS, SHORTEST_SEGMENT_MS), check_ms)
