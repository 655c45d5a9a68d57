"""The metrics of one operator, each made when it is first needed or declared."""

from typing import Any

from udfs.histogram import LATENCY_MS, Histogram

CounterKey = tuple[Any, ...]
"""A name, and label and value if it has one."""


class OperatorMetrics:
    """Counters and histograms in a metric group of Flink."""

    def __init__(self, group: Any) -> None:
        self._group = group
        self._counters: dict[CounterKey, Any] = {}
        self._latencies: dict[str, Histogram] = {}

    def count(self, name: str, **label: str) -> None:
        """Count one event, under a label if there are several kinds of it."""
        self.declare(name, **label).inc()

    def declare(self, name: str, **label: str) -> Any:
        """Return a counter, which is made if it is not there yet.

        Of one that is there before its first event, Prometheus counts that event too: it can't see
        that a series which begins with 1 was 0 before.
        """
        key = name, *label.items()
        counter = self._counters.get(key)
        if counter is None:
            group = self._group
            for pair in label.items():
                group = group.add_group(*pair)
            counter = self._counters[key] = group.counter(name)
        return counter

    def latency(self, name: str, milliseconds: int) -> None:
        """Add one value to a histogram of latencies."""
        if name not in self._latencies:
            self._latencies[name] = Histogram(self._group, name, LATENCY_MS)
        self._latencies[name].update(milliseconds)
