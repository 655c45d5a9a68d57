"""Records that a reader leaves out: all are counted, and the log is not flooded."""

import logging

_log = logging.getLogger(__name__)  # standard logging: Flink's workers collect it
_ALL_OF_THE_FIRST = 10


class RejectedRecords:
    """What one reader left out of a source, such as a topic.

    The first ten are logged, then the sixteenth, the thirty-second and so on, each with the count:
    a million of them are thirty lines.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self.count = 0

    def add(self) -> bool:
        """Count one; return whether it is to be logged."""
        self.count += 1
        return self.count <= _ALL_OF_THE_FIRST or self.count & (self.count - 1) == 0

    def report(self, place: str, reason: object) -> None:
        """Count one that was in this place, and log it if it is time to."""
        if not self.add():
            return
        so_far = f" ({self.count} so far)" if self.count > _ALL_OF_THE_FIRST else ""
        _log.warning("%s: no record of %s, left out%s: %s", place, self._source, so_far, reason)

    def report_message(self, message: object, reason: object) -> None:
        """Report a message of Kafka."""
        topic, partition, offset = (
            getattr(message, name) for name in ("topic", "partition", "offset")
        )
        self.report(f"{topic}/{partition}/{offset}", reason)
