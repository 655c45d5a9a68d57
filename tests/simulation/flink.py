"""A fake Flink for the job's operators: a clock, state and timers by key, no metrics."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pycturestream.domain.times import Millis

StateOfKeys = dict[str, dict[str, Any]]


@dataclass(slots=True)
class Clock:
    """The wall clock of the machine."""

    now: Millis = 0
    """The true time."""
    steps: Mapping[Millis, int] = field(default_factory=dict)
    """By how much the clock is ahead of it, from when on; the earliest first."""

    @property
    def ahead(self) -> int:
        past = [ahead for since, ahead in self.steps.items() if since <= self.now]
        return past[-1] if past else 0

    @property
    def shown(self) -> Millis:
        """What the machine's clock shows."""
        return self.now + self.ahead


class Metrics:
    """A fake for Flink's metric groups, counters and distributions; nothing reads them here."""

    def counter(self, *_: object) -> "Metrics":
        return self

    distribution = add_group = counter

    def inc(self, *_: object) -> None:
        pass

    update = inc


@dataclass(slots=True)
class Flink:
    """A fake for one operator: its part of a checkpoint, and the current key."""

    states: StateOfKeys = field(default_factory=dict)
    timers: set[tuple[Millis, str]] = field(default_factory=set)
    """By the wall clock."""
    endings: set[str] = field(default_factory=set)
    """The keys with a timer at the end of a bounded stream."""
    key: str = ""

    def due(self, now: Millis) -> Iterable[tuple[Millis, str]]:
        """Take and return the timers that are due."""
        due = sorted(timer for timer in self.timers if timer[0] <= now)
        self.timers.difference_update(due)
        return due

    def copy(self) -> "Flink":
        states = {key: dict(values) for key, values in self.states.items()}
        return Flink(states, set(self.timers), set(self.endings))

    # --- what functions call ------------------------------------------------------------

    def get_state(self, descriptor: Any) -> "ValueState":
        return ValueState(self, descriptor.name)

    def get_metrics_group(self) -> Metrics:
        return Metrics()

    get_metric_group = get_metrics_group

    def get_current_key(self) -> str:
        return self.key

    def timer_service(self) -> "Flink":
        return self

    def register_processing_time_timer(self, at: Millis) -> None:
        self.timers.add((at, self.key))

    def register_event_time_timer(self, _at: Millis) -> None:
        self.endings.add(self.key)


@dataclass(frozen=True, slots=True)
class ValueState:
    """One value of the current key."""

    flink: Flink
    name: str

    def value(self) -> Any:
        return self.flink.states.get(self.flink.key, {}).get(self.name)

    def update(self, value: Any) -> None:
        self.flink.states.setdefault(self.flink.key, {})[self.name] = value

    def clear(self) -> None:
        self.flink.states.get(self.flink.key, {}).pop(self.name, None)
