"""The keyed operators as Flink runs them, one behind the other, with what waits between them."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from pyflink.common import Row

from pycturestream.contracts.topics import ALERTS
from pycturestream.domain.times import Millis
from tests.simulation.flink import Flink
from udfs.keyed_step import END_OF_TIME, KeyedStep

CRASH_RISK = 0.001
"""Before each step of each operator, of which a history has several hundred ..."""
BETWEEN_CRASH_RISK = 0.005
"""... between what it hands on to the next one or to the log ..."""
ALERT_CRASH_RISK = 0.2
"""... and when an alert was just emitted: it must not be lost or emitted twice."""


class Crash(Exception):  # noqa: N818 - not an error of the program: its process is gone
    """The job's process is gone."""


@dataclass(slots=True)
class Barrier:
    """What travels through all operators to make a checkpoint of them."""

    offsets: tuple[int, ...]
    flinks: list[Flink] = field(default_factory=list)
    """What the operators that it has passed had kept then, from the first one on."""


@dataclass(frozen=True, slots=True)
class End:
    """The end of a bounded stream: no record follows."""


@dataclass(frozen=True, slots=True)
class Element:
    """One record on its way to an operator."""

    key: str
    value: bytes


Item = Element | Barrier | End


class Operators:
    """The chain of keyed operators; in front of some of them records may wait."""

    def __init__(
        self,
        steps: Sequence[KeyedStep[Any]],
        flinks: Sequence[Flink],
        queued: frozenset[int],
        *,
        write: Callable[[Row], None],
        complete: Callable[[Barrier], None],
        crashes: Random | None = None,
    ) -> None:
        """`queued` are the operators, by number, that are apart from what is before them.

        `write` takes what the last operator emits, `complete` a checkpoint of all of them.
        """
        self.largest_state = 0
        """Bytes of the largest state of any camera, in all operators together."""
        self._steps = steps
        self._flinks = flinks
        self._queues: dict[int, deque[Item]] = {number: deque() for number in queued}
        self._write = write
        self._complete = complete
        self._crashes = crashes
        steps[-1].is_last = True
        for step, flink in zip(steps, flinks, strict=True):
            step.open(flink)

    @property
    def waiting(self) -> bool:
        """Whether anything is on its way to an operator."""
        return any(self._queues.values())

    def take(self, item: Item) -> None:
        """Take one more item in front of the first operator."""
        self._deliver(0, item)

    def work(self, chance: Random) -> None:
        """Let some operators process some of what waits in front of them."""
        for _ in range(chance.choice((0, 1, 3, 10, 100))):
            if waiting := [number for number, queue in self._queues.items() if queue]:
                self._work_at(chance.choice(waiting))

    def work_off(self) -> None:
        """Process all that waits."""
        while waiting := [number for number, queue in self._queues.items() if queue]:
            self._work_at(waiting[0])

    def call_timers(self, now: Millis, chance: Random) -> None:
        """Fire the timers that are due by the wall clock; operators do so in any order."""
        for number in chance.sample(range(len(self._steps)), len(self._steps)):
            for at, key in self._flinks[number].due(now):
                self._fire(number, key, at)

    def next_timer(self) -> Millis | None:
        """Return when the next timer fires by the wall clock, if ever."""
        return min((at for flink in self._flinks for at, _ in flink.timers), default=None)

    def _work_at(self, number: int) -> None:
        self._process(number, self._queues[number].popleft())

    def _deliver(self, number: int, item: Item) -> None:
        if number in self._queues:
            self._queues[number].append(item)
        elif number < len(self._steps):
            self._process(number, item)
        elif isinstance(item, Barrier):
            self._complete(item)

    def _process(self, number: int, item: Item) -> None:
        match item:
            case Element(key=key, value=value):
                with self._of_key(number, key) as flink:
                    self._emit(number, key, self._steps[number].process_element(value, flink))
            case Barrier(flinks=flinks):
                flinks.append(self._flinks[number].copy())
                self._deliver(number + 1, item)
            case End():
                for key in sorted(self._flinks[number].endings):
                    self._fire(number, key, END_OF_TIME)
                self._deliver(number + 1, item)

    def _fire(self, number: int, key: str, at: Millis) -> None:
        with self._of_key(number, key) as flink:
            self._emit(number, key, self._steps[number].on_timer(at, flink))

    @contextmanager
    def _of_key(self, number: int, key: str) -> Iterator[Flink]:
        flink = self._flinks[number]
        flink.key = key
        yield flink
        size = sum(len(one.states.get(key, {}).get("camera", b"")) for one in self._flinks)
        self.largest_state = max(self.largest_state, size)

    def _emit(self, number: int, key: str, rows: Iterator[Row]) -> None:
        """Hand on what an operator emits, unless the process dies before, between or after it."""
        self._survive(CRASH_RISK)
        for row in rows:
            if number + 1 < len(self._steps):
                to_key, value = row
                # Nothing is exchanged between the operators.
                assert to_key == key
                self._deliver(number + 1, Element(to_key, value))
                self._survive(BETWEEN_CRASH_RISK)
            else:
                self._write(row)
                self._survive(ALERT_CRASH_RISK if row[0] == ALERTS else BETWEEN_CRASH_RISK)

    def _survive(self, risk: float) -> None:
        if self._crashes and self._crashes.random() < risk:
            raise Crash
