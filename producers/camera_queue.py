"""Live pictures on their way to the broker: a lane for each camera, the newest have precedence."""

from collections import deque
from dataclasses import dataclass, field
from threading import Condition

from producers.publish_accounting import DropReason, Ledger
from pycturestream.clock import Clock
from pycturestream.domain.frames.frame import Frame


@dataclass(slots=True)
class _Lane:
    """One camera's pictures."""

    ledger: Ledger
    waiting: deque[tuple[float, Frame]] = field(default_factory=deque)
    """With the second since which each waits, the oldest first."""
    under_way: int = 0
    queues: bool = False
    """Whether it stands in the queue of lanes."""


class Lanes:
    """Few pictures of a camera are under way at once, and the others wait here.

    A client of Kafka owns what it was given, the oldest first. Under a slow broker its queue
    would grow, and all that leaves it would be old; here the oldest gives way to newer ones.
    """

    def __init__(self, clock: Clock, under_way: int, patience_s: float) -> None:
        """Let so many of a camera be under way; prefer newer ones to what waits longer."""
        self._clock = clock
        self._under_way = under_way
        self._patience_s = patience_s
        self._changed = Condition()
        self._lanes: dict[Ledger, _Lane] = {}
        self._queue: deque[_Lane] = deque()
        self._closed = False

    def put(self, frame: Frame, ledger: Ledger) -> None:
        """Take a picture, without waiting. Where there is no room, the oldest is dropped."""
        with self._changed:
            lane = self._lanes.setdefault(ledger, _Lane(ledger))
            if not ledger.begin(patience=0):
                if not lane.waiting:
                    ledger.drop("buffer-full")
                    return
                self._drop_oldest(lane, "buffer-full")
                ledger.begin(patience=0)
            lane.waiting.append((self._clock.seconds(), frame))
            self._let_queue(lane)

    def take(self) -> tuple[Frame, Ledger] | None:
        """Return the next picture, cameras in turn; None when all is done after `close`."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closed)
            if not self._queue:
                return None
            lane = self._queue.popleft()
            lane.queues = False
            since = self._clock.seconds() - self._patience_s
            while len(lane.waiting) > 1 and lane.waiting[0][0] < since:
                self._drop_oldest(lane, "buffer-full")
            _, frame = lane.waiting.popleft()
            lane.under_way += 1
            self._let_queue(lane)
            return frame, lane.ledger

    def settle(self, ledger: Ledger) -> None:
        """Note that a picture is no longer under way."""
        with self._changed:
            lane = self._lanes[ledger]
            lane.under_way -= 1
            self._let_queue(lane)
            if not lane.waiting and not lane.under_way:
                del self._lanes[ledger]

    def give_up(self, reason: DropReason) -> None:
        """Drop all that wait."""
        with self._changed:
            for lane in self._lanes.values():
                while lane.waiting:
                    self._drop_oldest(lane, reason)
                lane.queues = False
            self._queue.clear()
            self._lanes = {each.ledger: each for each in self._lanes.values() if each.under_way}

    def close(self) -> None:
        """Let all that wait go at once."""
        with self._changed:
            self._closed = True
            for lane in self._lanes.values():
                self._let_queue(lane)
            self._changed.notify()

    def _let_queue(self, lane: _Lane) -> None:
        room = self._closed or lane.under_way < self._under_way
        if lane.waiting and room and not lane.queues:
            lane.queues = True
            self._queue.append(lane)
            self._changed.notify()

    def _drop_oldest(self, lane: _Lane, reason: DropReason) -> None:
        lane.waiting.popleft()
        lane.ledger.fail(reason)
