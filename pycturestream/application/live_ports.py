"""What the live pages need of Redis, Kafka and Elasticsearch."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Protocol

from elasticsearch import Elasticsearch

from pycturestream.application.counts import totals
from pycturestream.application.redis_thread import TICK_S, RedisThread
from pycturestream.config.settings import Settings
from pycturestream.contracts import topics
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.rejections import RejectedRecords
from pycturestream.contracts.results import decode_result
from pycturestream.domain.counting.window_count import WindowCount
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.times import Millis
from pycturestream.log.tailed_topic import TailedTopic
from pycturestream.stores.redis_view import CameraView, PushedBytes, RedisView
from pycturestream.stores.search import Scope, find_narrations

Json = dict[str, Any]

_READ_AGAIN_S = 30.0
"""How often everything is read again: what came late, and what was erased, is not pushed."""
_WAITING_LIMIT = 20_000
"""Pushes that nobody has taken yet: ten seconds of 300 cameras at five pictures a second."""
_EVENTS_BACK_MS = 15 * 60_000
"""From when on events are read: cameras that went offline before were last seen before, too."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that Redis held of the wanted cameras at one moment."""

    views: Sequence[CameraView]


Wanted = Callable[[str], bool]
"""Whether some page may show a camera."""


class LiveResults(Protocol):
    """The newest results of all cameras."""

    @property
    def is_connected(self) -> bool:
        """Whether all results come; false while Redis is away."""
        ...

    def start(self, wanted: Wanted) -> None:
        """Begin to collect what there is of wanted cameras, and what is pushed about them."""
        ...

    def read_again(self) -> None:
        """Soon read everything again: other cameras are wanted than before."""
        ...

    def stop(self) -> None:
        """Collect nothing any more, until the next start."""
        ...

    def take(self) -> Sequence[Snapshot | PushedBytes]:
        """Return what has come since the last time, in order; the first is a snapshot."""
        ...


class CameraEvents(Protocol):
    """What happens to cameras."""

    def start(self, handle: Callable[[Json], None]) -> None:
        """Begin to hand on, in any thread, live records of `camera-events`."""
        ...


class LiveHistory(Protocol):
    """What was the case in the last hours, as far as it is still kept."""

    def counts(self, scope: Scope) -> Sequence[WindowCount]:
        """Return counts by minute and label."""
        ...

    def sentences(self, scope: Scope, limit: int) -> Iterable[Json]:
        """Return narrations, the newest first."""
        ...


class RedisLiveResults:
    """One subscription for all live pages of a process, renewed when Redis comes back."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._came: deque[Snapshot | PushedBytes] = deque(maxlen=_WAITING_LIMIT)
        self._read_again = threading.Event()
        self._thread: RedisThread | None = None

    @property
    def is_connected(self) -> bool:
        return self._thread is not None and self._thread.is_connected

    def start(self, wanted: Wanted) -> None:
        if self._thread is not None:
            return
        # Another one for each start: the last one may still be about to end.
        thread = self._thread = RedisThread("the live page")

        def read() -> None:
            with closing(RedisView(self._settings)) as view:
                self._read(view, wanted, thread)

        thread.start(read)

    def read_again(self) -> None:
        self._read_again.set()

    def stop(self) -> None:
        if self._thread is not None:
            self._thread.stop()
            self._thread = None

    def close(self) -> None:
        if self._thread is not None:
            self._thread.close()

    def take(self) -> Sequence[Snapshot | PushedBytes]:
        came = self._came
        return [came.popleft() for _ in range(len(came))]

    def _read(self, view: RedisView, wanted: Wanted, thread: RedisThread) -> None:
        channels = (topics.DETECTIONS, topics.ALERTS, topics.NARRATIONS)
        read_at: float | None = None
        for pushed in view.listen_to_prefix(channels, "", tick_s=TICK_S):
            if thread.is_stopped:
                return
            now = time.monotonic()
            is_due = read_at is None or now - read_at >= _READ_AGAIN_S
            if is_due or self._read_again.is_set():
                self._read_again.clear()
                names = [name for name in view.cameras() if wanted(name)]
                # What is pushed from the subscription on comes after it.
                self._came.append(Snapshot(view.overview(names)))
                read_at = now
            thread.is_connected = True
            if pushed and wanted(pushed.camera_id):
                self._came.append(pushed)


class KafkaCameraEvents:
    """The topic `camera-events`, from a quarter of an hour ago on."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tail: TailedTopic | None = None
        self._rejected = RejectedRecords(topics.CAMERA_EVENTS)

    def start(self, handle: Callable[[Json], None]) -> None:
        def read(message: Any) -> None:
            try:
                record = decode_result(topics.CAMERA_EVENTS, message.value)
            except CodecError as error:
                self._rejected.report_message(message, error)
                return
            if record["run"] == LIVE:
                handle(record)

        if self._tail is None:
            self._tail = TailedTopic(
                self._settings, topics.CAMERA_EVENTS, Millis(_EVENTS_BACK_MS), read
            )
            self._tail.start()

    def close(self) -> None:
        if self._tail:
            self._tail.close()


@dataclass(frozen=True, slots=True)
class ElasticsearchHistory:
    """LiveHistory in Elasticsearch.

    Lets elasticsearch.ApiError and elasticsearch.TransportError through.
    """

    client: Elasticsearch

    def counts(self, scope: Scope) -> Sequence[WindowCount]:
        return totals(self.client, scope, None, "1m")

    def sentences(self, scope: Scope, limit: int) -> Iterable[Json]:
        return find_narrations(self.client, scope, limit)
