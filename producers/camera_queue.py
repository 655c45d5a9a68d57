"""Live pictures on their way to the broker: a lane for each camera, the newest have precedence."""

from collections import deque
from dataclasses import dataclass, field
from threading import Condition

from producers.publish_accounting import DropReason, PublishAccount
from pycturestream.clock import Clock
from pycturestream.domain.frames.frame import Frame


@dataclass(slots=True)
class CameraQueue:
    """One camera's pictures."""

    account: PublishAccount
    waiting: deque[tuple[float, Frame]] = field(default_factory=deque)
    """With the second since which each waits, the oldest first."""
    under_way: int = 0
    queues: bool = False
    """Whether it stands in the queue of lanes."""


class CameraQueues:
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
        self._queues: dict[PublishAccount, CameraQueue] = {}
        self._queue: deque[CameraQueue] = deque()
        self._closed = False

    def put(self, frame: Frame, account: PublishAccount) -> None:
        """Take a picture, without waiting. Where there is no room, the oldest is dropped."""
        with self._changed:
            queue = self._queues.setdefault(account, CameraQueue(account))
            if not account.begin(patience=0):
                if not queue.waiting:
                    account.drop("buffer-full")
                    return
                self._drop_oldest(queue, "buffer-full")
                account.begin(patience=0)
            queue.waiting.append((self._clock.seconds(), frame))
            self._let_queue(queue)

    def take(self) -> tuple[Frame, PublishAccount] | None:
        """Return the next picture, cameras in turn; None when all is done after `close`."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closed)
            if not self._queue:
                return None
            queue = self._queue.popleft()
            queue.queues = False
            since = self._clock.seconds() - self._patience_s
            while len(queue.waiting) > 1 and queue.waiting[0][0] < since:
                self._drop_oldest(queue, "buffer-full")
            _, frame = queue.waiting.popleft()
            queue.under_way += 1
            self._let_queue(queue)
            return frame, queue.account

    def settle(self, account: PublishAccount) -> None:
        """Note that a picture is no longer under way."""
        with self._changed:
            queue = self._queues[account]
            queue.under_way -= 1
            self._let_queue(queue)
            if not queue.waiting and not queue.under_way:
                del self._queues[account]

    def give_up(self, reason: DropReason) -> None:
        """Drop all that wait."""
        with self._changed:
            for queue in self._queues.values():
                while queue.waiting:
                    self._drop_oldest(queue, reason)
                queue.queues = False
            self._queue.clear()
            self._queues = {each.account: each for each in self._queues.values() if each.under_way}

    def close(self) -> None:
        """Let all that wait go at once."""
        with self._changed:
            self._closed = True
            for queue in self._queues.values():
                self._let_queue(queue)
            self._changed.notify()

    def _let_queue(self, queue: CameraQueue) -> None:
        room = self._closed or queue.under_way < self._under_way
        if queue.waiting and room and not queue.queues:
            queue.queues = True
            self._queue.append(queue)
            self._changed.notify()

    def _drop_oldest(self, queue: CameraQueue, reason: DropReason) -> None:
        queue.waiting.popleft()
        queue.account.fail(reason)
