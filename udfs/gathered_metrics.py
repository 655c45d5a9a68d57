"""Metrics that are gathered in Python and reported to Flink every so often.

In thread mode each update of a metric is a call into Java, which takes as long as a tenth of a
frame's whole processing.
"""

from collections.abc import Callable
from typing import Any

from pycturestream.domain.times import Millis

EVERY_MS = 1_000
CounterKey = tuple[Any, ...]
"""A name, and label and value if it has one."""


class GatheredMetrics:
    """The counters and distributions of one operator, by name."""

    def __init__(self, group: Any, now: Callable[[], Millis]) -> None:
        self._group = group
        self._now = now
        self._counts: dict[CounterKey, int] = {}
        self._observed: dict[str, list[int]] = {}
        self._counters: dict[CounterKey, Any] = {}
        self._distributions: dict[str, Any] = {}
        self._reported_at = now()

    def count(self, name: str, **label: str) -> None:
        """Count one event, under a label if there are several kinds of it."""
        key = name, *label.items()
        self._counts[key] = self._counts.get(key, 0) + 1

    def observe(self, name: str, value: int) -> None:
        """Note one value of a distribution; of those of one period only the extremes are kept."""
        values = self._observed.setdefault(name, [value, value])
        values[0], values[1] = min(values[0], value), max(values[1], value)

    def report(self, *, at_once: bool = False) -> None:
        """Report to Flink what was gathered, if it is time to."""
        now = self._now()
        if not at_once and now - self._reported_at < EVERY_MS:
            return
        self._reported_at = now
        for key, number in self._counts.items():
            self._counter(*key).inc(number)
        for name, values in self._observed.items():
            for value in values:
                self._distribution(name).update(value)
        self._counts, self._observed = {}, {}

    def _counter(self, name: str, *labels: tuple[str, str]) -> Any:
        key = name, *labels
        if key not in self._counters:
            group = self._group
            for label in labels:
                group = group.add_group(*label)
            self._counters[key] = group.counter(name)
        return self._counters[key]

    def _distribution(self, name: str) -> Any:
        if name not in self._distributions:
            self._distributions[name] = self._group.distribution(name)
        return self._distributions[name]
