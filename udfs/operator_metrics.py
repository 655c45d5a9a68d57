"""The metrics of one operator, each made when it is first needed."""

from typing import Any

CounterKey = tuple[Any, ...]
"""A name, and label and value if it has one."""


class OperatorMetrics:
    """Counters and distributions in a metric group of Flink."""

    def __init__(self, group: Any) -> None:
        self._group = group
        self._counters: dict[CounterKey, Any] = {}
        self._distributions: dict[str, Any] = {}

    def count(self, name: str, **label: str) -> None:
        """Count one event, under a label if there are several kinds of it."""
        key = name, *label.items()
        counter = self._counters.get(key)
        if counter is None:
            group = self._group
            for pair in label.items():
                group = group.add_group(*pair)
            counter = self._counters[key] = group.counter(name)
        counter.inc()

    def observe(self, name: str, value: int) -> None:
        """Add one value to a distribution."""
        if name not in self._distributions:
            self._distributions[name] = self._group.distribution(name)
        self._distributions[name].update(value)
