"""Live pictures on their way to the broker: a queue for each camera, where newer ones go first."""

from collections import deque
from dataclasses import dataclass, field
from threading import Condition

from producers.publish_accounting import DropReason, PublishAccount
from pycturestream.clock import Clock
from pycturestream.domain.frames.frame import Frame


@dataclass(slots=True)
class CameraQueue:
    """One camera's pictures that wait, and how many are under way."""

    account: PublishAccount
    waiting: deque[tuple[float, Frame]] = field(default_factory=deque)
    """Each with the second since which it waits, the oldest first."""
    under_way: int = 0
    is_ready: bool = False
    """Whether it waits for its turn among the cameras."""


class CameraQueues:
    """The queues of all cameras. Few pictures of a camera are under way at once; the others wait.

    A Kafka client sends what it was given, the oldest first. With a slow broker its own queue
    would grow, and all that leaves it would be old; here the oldest gives way to newer ones.
    """

    def __init__(self, clock: Clock, under_way: int, max_wait_s: float) -> None:
        """Allow `under_way` pictures of a camera; newer ones replace what waits `max_wait_s`."""
        self._clock = clock
        self._under_way = under_way
        self._max_wait_s = max_wait_s
        self._changed = Condition()
        self._queues: dict[PublishAccount, CameraQueue] = {}
        self._ready: deque[CameraQueue] = deque()
        self._closed = False

    def put(self, frame: Frame, account: PublishAccount) -> None:
        """Take a picture, without waiting. If there is no room, the oldest is dropped."""
        with self._changed:
            queue = self._queues.setdefault(account, CameraQueue(account))
            if not account.begin(timeout_s=0):
                if not queue.waiting:
                    account.drop("buffer-full")
                    return
                self._drop_oldest(queue, "buffer-full")
                account.begin(timeout_s=0)
            queue.waiting.append((self._clock.seconds(), frame))
            self._mark_ready(queue)

    def take(self) -> tuple[Frame, PublishAccount] | None:
        """Return the next picture, cameras in turn; None when none is left after `close`."""
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self._closed)
            if not self._ready:
                return None
            queue = self._ready.popleft()
            queue.is_ready = False
            since = self._clock.seconds() - self._max_wait_s
            while len(queue.waiting) > 1 and queue.waiting[0][0] < since:
                self._drop_oldest(queue, "buffer-full")
            _, frame = queue.waiting.popleft()
            queue.under_way += 1
            self._mark_ready(queue)
            return frame, queue.account

    def settle(self, account: PublishAccount) -> None:
        """Count a picture as no longer under way."""
        with self._changed:
            queue = self._queues[account]
            queue.under_way -= 1
            self._mark_ready(queue)
            if not queue.waiting and not queue.under_way:
                del self._queues[account]

    def drop_waiting(self, reason: DropReason) -> None:
        """Drop all pictures that wait."""
        with self._changed:
            for queue in self._queues.values():
                while queue.waiting:
                    self._drop_oldest(queue, reason)
                queue.is_ready = False
            self._ready.clear()
            self._queues = {each.account: each for each in self._queues.values() if each.under_way}

    def close(self) -> None:
        """Let all pictures that wait go at once."""
        with self._changed:
            self._closed = True
            for queue in self._queues.values():
                self._mark_ready(queue)
            self._changed.notify()

    def _mark_ready(self, queue: CameraQueue) -> None:
        room = self._closed or queue.under_way < self._under_way
        if queue.waiting and room and not queue.is_ready:
            queue.is_ready = True
            self._ready.append(queue)
            self._changed.notify()

    def _drop_oldest(self, queue: CameraQueue, reason: DropReason) -> None:
        queue.waiting.popleft()
        queue.account.fail(reason)
