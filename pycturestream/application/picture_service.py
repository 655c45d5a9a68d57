"""The picture service: follows detections, and hands pictures to those who want them.

One thread does it all. Each turn it takes what has come, asks the sinks what they want, and
fetches, blurs and hands over the newest few of what waits. A sink that can't take pictures for a
while is paused, and the others go on. How far it is, is committed only up to what still waits:
after a crash that comes again, and sinks are idempotent. Live pictures come last: one at a time,
where nothing waits for a sink.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from kafka.errors import KafkaError

from pycturestream.backoff import backoff_ms
from pycturestream.blur.faces import FaceModelError
from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.detections import DetectionsRecord, decode_detections_record
from pycturestream.contracts.rejections import RejectedRecords
from pycturestream.contracts.topics import DETECTIONS
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.frames.missing import Missing
from pycturestream.domain.frames.picture_backlog import PictureBacklog, Waiting
from pycturestream.domain.recent import Recent
from pycturestream.domain.times import Millis, parse_rfc3339
from pycturestream.errors import ServiceError
from pycturestream.log.followed_detections import LoggedResult
from pycturestream.logging_setup import get_logger
from pycturestream.pictures.frame_pictures import FramePicture
from pycturestream.pictures.live_sink import LiveSink
from pycturestream.pictures.sink import PictureSink

_log = get_logger(__name__)

BATCH: Final = 8
"""Pictures of one turn: neighbours in the log are fetched at once, and the newest wait for no more
than a second."""
POLL_MS: Final = 200
"""How long a turn waits for records where nothing else is to do."""
LIVE_POLL_MS: Final = 20
"""The same while a live picture waits until it is due, or until there is time for it."""
RETRY_S: Final = 1.0
COMMIT_S: Final = 5.0
REPORT_S: Final = 60.0
PAUSE_MS, LONGEST_PAUSE_MS = 1_000, 30_000
"""Of a sink that can't take pictures."""


class Detections(Protocol):
    """Where records come from: `pycturestream.log.followed_detections.FollowedDetections`."""

    def start(self, since: Millis, known: Mapping[int, int]) -> bool: ...
    def read(self, wait_ms: int) -> Sequence[LoggedResult]: ...
    def commit(self, offsets: Mapping[int, int]) -> None: ...
    def close(self) -> None: ...


class Pictures(Protocol):
    """Where pictures come from: `pycturestream.pictures.frame_pictures.FramePictures`."""

    def fetch(
        self, records: Sequence[DetectionsRecord]
    ) -> Iterator[tuple[DetectionsRecord, FramePicture | Missing]]: ...
    def close(self) -> None: ...


@dataclass(slots=True)
class _Pause:
    """Until when a sink is left alone, by the seconds that never jump."""

    until: float = 0.0
    failures: int = 0


class PictureService:
    """Hands each picture that is wanted to its sinks, blurred once for all of them."""

    def __init__(
        self,
        sinks: Sequence[PictureSink],
        camera_of: Callable[[str], Camera],
        clock: Clock,
        settings: Settings,
        live: LiveSink | None = None,
    ) -> None:
        """`camera_of` returns the settings of a camera as they are now; None: no live pictures."""
        self._live = live
        self._sinks = sinks
        self._camera_of = camera_of
        self._clock = clock
        self._settings = settings
        self._backlog: PictureBacklog[DetectionsRecord] = PictureBacklog(settings.picture_backlog)
        self._handed_over: Recent[tuple[str, str], None] = Recent()
        """Sink and record: what comes again after an interruption."""
        self._pauses = {sink.name: _Pause() for sink in sinks}
        self._rejected = RejectedRecords(DETECTIONS)
        self._failed = RejectedRecords("pictures")
        self._next: dict[int, int] = {}
        """The next offset of each partition."""
        self._committed: dict[int, int] = {}
        self._committed_at = self._reported_at = clock.seconds()
        self._since_report: Counter[str] = Counter()
        self._may_be_next = False
        """Whether there may be another live picture at once."""
        self.counts: Counter[str] = Counter()
        """Pictures by outcome: names of sinks, and what was dropped or missing by reason."""

    def run(
        self, connect: Callable[[], Detections], connect_pictures: Callable[[], Pictures]
    ) -> None:
        """Work until the clock stops. Waits for a broker that does not answer.

        Raises FaceModelError: nothing can be blurred then, so that no picture leaves.
        """
        logged, kafka = "", self._settings.kafka
        while not self._clock.stopped:
            try:
                failure = self._follow(connect, connect_pictures)
            except KafkaError as error:
                failure = str(error or type(error).__name__)
            if not self._clock.stopped:
                if failure != logged:
                    _log.warning(f"Kafka at {kafka}: {failure}; trying again", kafka=kafka)
                logged = failure
                self._clock.sleep(RETRY_S)
        self._report()

    def _follow(
        self, connect: Callable[[], Detections], connect_pictures: Callable[[], Pictures]
    ) -> str:
        """Work until the clock stops; return why it can't yet."""
        detections = connect()
        try:
            # What is older has no pictures any more.
            since = Millis(self._clock.now() - self._settings.frame_retention_ms)
            if not detections.start(since, self._next):
                return f"has no topic {DETECTIONS}: run `pycturestream setup`"
            pictures = connect_pictures()
            try:
                while not self._clock.stopped:
                    self.turn(detections, pictures)
                self._commit(detections)
            finally:
                pictures.close()
        finally:
            detections.close()
        return ""

    def turn(self, detections: Detections, pictures: Pictures) -> None:
        """Take what has come, and hand over the newest few pictures, or a live one."""
        for message in detections.read(self._wait_ms()):
            self._take(message)
        if self._live:
            self._live.prepare()
        self._count("dropped: expired", self._backlog.expire(self._clock.now()))
        if self._is_idle():
            self._may_be_next = bool(self._live and self._live.show_next(pictures))
        else:
            self._hand_over(pictures)
        now = self._clock.seconds()
        if now - self._committed_at >= COMMIT_S:
            self._committed_at = now
            self._commit(detections)
        if now - self._reported_at >= REPORT_S:
            self._reported_at = now
            self._report()

    def _is_idle(self) -> bool:
        """Whether no sink that is ready waits for a picture."""
        return not self._backlog.newest(1, self._ready())

    def _wait_ms(self) -> int:
        """Return how long to wait for records before the next pictures."""
        if not self._is_idle() or self._may_be_next:
            return 0
        return LIVE_POLL_MS if self._live and self._live.is_waiting else POLL_MS

    def _take(self, message: LoggedResult) -> None:
        self._next[message.partition] = message.offset + 1
        try:
            record = decode_detections_record(message.value or b"")
        except CodecError as error:
            self._rejected.report_message(message, error)
            return
        if record.run != LIVE:
            return
        if self._live:
            self._live.take(record)
        camera = self._camera_of(record.camera_id)
        for sink in self._sinks:
            for chosen in self._chosen(sink, record, camera):
                if (sink.name, chosen.id) not in self._handed_over:
                    self._await(chosen, sink.name, message)

    def _chosen(
        self, sink: PictureSink, record: DetectionsRecord, camera: Camera
    ) -> Sequence[DetectionsRecord]:
        try:
            return sink.choose(record, camera)
        except Exception as error:  # noqa: BLE001 - one sink must not stop the others
            self._fail(sink, record, error)
            return ()

    def _await(self, record: DetectionsRecord, name: str, message: LoggedResult) -> None:
        received_at = parse_rfc3339(record.received_at)
        waiting = Waiting(
            record.id,
            message.partition,
            message.offset,
            parse_rfc3339(record.captured_at),
            Millis(received_at + self._settings.frame_retention_ms),
            record,
            {name},
        )
        if self._backlog.add(waiting):
            self._count("dropped: too many wait")

    def _hand_over(self, pictures: Pictures) -> None:
        """Fetch the newest few, and hand them to those sinks that want them and are ready."""
        batch = {each.id: each for each in self._backlog.newest(BATCH, self._ready())}
        if not batch:
            return
        for record, picture in pictures.fetch([each.item for each in batch.values()]):
            waiting = batch[record.id]
            if isinstance(picture, Missing):
                self._count(f"missing: {picture}")
                self._backlog.remove(waiting)
                continue
            for sink in self._sinks:
                if sink.name in waiting.wanted_by & self._ready():
                    self._put(sink, waiting, picture)
            if self._live:
                self._live.put(picture)

    def _put(
        self, sink: PictureSink, waiting: Waiting[DetectionsRecord], picture: FramePicture
    ) -> None:
        record, pause = waiting.item, self._pauses[sink.name]
        try:
            sink.put(picture, self._camera_of(record.camera_id))
        except FaceModelError:
            raise
        except ServiceError as error:
            if not pause.failures:
                _log.warning(f"{sink.name}: {error}; trying again", sink=sink.name)
            wait_ms = backoff_ms(pause.failures, PAUSE_MS, LONGEST_PAUSE_MS)
            pause.failures += 1
            pause.until = self._clock.seconds() + wait_ms / 1000
            return
        except Exception as error:  # noqa: BLE001 - this picture, or this sink: the others go on
            self._fail(sink, record, error)
        else:
            if pause.failures:
                _log.info(f"{sink.name}: takes pictures again", sink=sink.name)
                pause.failures = 0
            self._count(sink.name)
            self._handed_over[sink.name, record.id] = None
        self._backlog.done(waiting, sink.name)

    def _ready(self) -> set[str]:
        now = self._clock.seconds()
        return {name for name, pause in self._pauses.items() if pause.until <= now}

    def _fail(self, sink: PictureSink, record: DetectionsRecord, error: Exception) -> None:
        self._count(f"failed: {sink.name}")
        if self._failed.add():
            _log.error(
                f"{sink.name}: {record.frame_id}: {type(error).__name__}: {error}",
                sink=sink.name,
                frame_id=record.frame_id,
                failed=self._failed.count,
            )

    def _commit(self, detections: Detections) -> None:
        """Commit how far everything is done."""
        offsets = {**self._next, **self._backlog.first_offsets()}
        if offsets and offsets != self._committed:
            detections.commit(offsets)
            self._committed = offsets

    def _count(self, outcome: str, number: int = 1) -> None:
        if number:
            self.counts[outcome] += number
            self._since_report[outcome] += number

    def _report(self) -> None:
        """Log what became of pictures since the last report; nothing where there were none."""
        if self._since_report:
            outcomes = ", ".join(f"{what} {number}" for what, number in self._since_report.items())
            has_dropped = any(what.startswith("dropped") for what in self._since_report)
            log = _log.warning if has_dropped else _log.info
            log(f"pictures: {outcomes}", outcomes=dict(self._since_report))
            self._since_report.clear()
