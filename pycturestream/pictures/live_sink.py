"""Publishes live pictures of the cameras that somebody looks at: blurred, and kept nowhere.

Unlike the other sinks it needs no picture: what is too much is left out, and nothing waits for it.
"""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, Protocol

from pycturestream.blur.faces import FaceModelError
from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.contracts.detections import DetectionsRecord
from pycturestream.contracts.live_pictures import LivePictureHeader
from pycturestream.contracts.rejections import RejectedRecords
from pycturestream.domain.cameras.eye import is_eye_camera
from pycturestream.domain.frames.jpeg import read_size
from pycturestream.domain.frames.live_backlog import LiveBacklog, LiveFrame
from pycturestream.domain.frames.live_picture import WIDTHS, LiveSize
from pycturestream.domain.frames.missing import Missing
from pycturestream.domain.frames.processor_budget import ProcessorBudget
from pycturestream.domain.times import Millis, parse_rfc3339
from pycturestream.errors import ServiceError
from pycturestream.logging_setup import get_logger
from pycturestream.pictures.frame_pictures import FramePicture
from pycturestream.pixels import encode_outgoing, shrink_to_width

_log = get_logger(__name__)

PAUSE_S: Final = 5.0
"""After a picture that could not be published: an attempt may take as long as `write` waits, in
which nothing else is done."""
REQUESTS_AT_ONCE: Final = 1_000
"""More than come between two pictures; older ones are repeated anyway."""
AGES_S: Final = (0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
"""Upper bounds of the histogram of ages."""


class LivePictureWriter(Protocol):
    """Where pictures go: `pycturestream.stores.live_pictures.LivePictureWriter`."""

    def write(self, header: LivePictureHeader, jpeg: bytes) -> None: ...
    def close(self) -> None: ...


class Pictures(Protocol):
    """Where pictures come from: `pycturestream.pictures.frame_pictures.FramePictures`."""

    def fetch(
        self, records: Sequence[DetectionsRecord]
    ) -> Iterator[tuple[DetectionsRecord, FramePicture | Missing]]: ...


class LiveSink:
    """One thread calls all methods but `request`."""

    def __init__(
        self,
        writer: LivePictureWriter,
        clock: Clock,
        settings: Settings,
        processor_s: Callable[[], float] = time.thread_time,
    ) -> None:
        """`processor_s` returns the processor time that the thread has taken."""
        self._writer = writer
        self._clock = clock
        self._fresh_ms = settings.push_fresh_ms
        self._processor_s = processor_s
        self._backlog: LiveBacklog[DetectionsRecord] = LiveBacklog(settings.clock_tolerance_ms)
        self._may_ever_work = settings.live_picture_share > 0
        self._budget = ProcessorBudget(settings.live_picture_share, clock.seconds())
        self._requests: deque[Mapping[str, Sequence[LiveSize]]] = deque(maxlen=REQUESTS_AT_ONCE)
        self._paused_until = 0.0
        self._is_away = False
        self._failed = RejectedRecords("live pictures")
        self.counts: Counter[str] = Counter()
        """Pictures by outcome."""
        self.ages: Counter[float] = Counter()
        """Published pictures by the bound of AGES_S that their age is below; infinity: older."""
        self.ages_sum_s = 0.0

    @property
    def processor_s(self) -> float:
        """Processor time that live pictures have taken."""
        return self._budget.spent_s

    @property
    def is_waiting(self) -> bool:
        """Whether there is a frame that may be shown in a moment."""
        return bool(self._backlog)

    def request(self, cameras: Mapping[str, Sequence[LiveSize]]) -> None:
        """Take note, in any thread, of what somebody looks at."""
        if self._may_ever_work:
            self._requests.append(cameras)

    def take(self, record: DetectionsRecord) -> None:
        """Take note of a frame, if somebody looks at its camera."""
        if not self._backlog.is_wanted(record.camera_id):
            return
        expires_at = Millis(parse_rfc3339(record.received_at) + self._fresh_ms)
        if expires_at <= self._clock.now():
            self._count("late")  # of before this began, or clocks differ
            return
        captured_at = parse_rfc3339(record.captured_at)
        if self._backlog.add(LiveFrame(record.camera_id, captured_at, expires_at, record)):
            self.counts["superseded"] += 1

    def prepare(self) -> None:
        """Take note of the requests that came, and of what has become too old."""
        now = self._clock.seconds()
        while self._requests:
            cameras = self._requests.popleft()
            # What a phone of the seeing aid sees is shown to nobody, whoever asks.
            seen = {name: sizes for name, sizes in cameras.items() if not is_eye_camera(name)}
            self._backlog.request(seen, now)
        self._count("late", self._backlog.expire(now, self._clock.now()))

    def show_next(self, pictures: Pictures) -> bool:
        """Fetch, blur and publish the picture whose turn it is; return whether there was one.

        Lets kafka.errors.KafkaError and FaceModelError through.
        """
        now = self._clock.seconds()
        frame = self._backlog.next(now) if self._may_work(now) else None
        if frame is None:
            return False
        with self._accounted():
            for _, picture in pictures.fetch([frame.item]):
                if isinstance(picture, Missing):
                    self._backlog.done(frame.camera_id, (), now)
                    self._count("missing")
                else:
                    self._show(picture, now)
        return True

    def put(self, picture: FramePicture) -> None:
        """Publish a picture that another sink has blurred, if it waits here too.

        That costs a twentieth of what it costs alone. Raises FaceModelError, and nothing else.
        """
        now, camera_id = self._clock.seconds(), picture.record.camera_id
        frame = self._backlog.waiting(camera_id)
        if frame is None or frame.item.id != picture.record.id or not picture.is_blurred:
            return
        if self._may_work(now) and self._backlog.due(camera_id, now):
            with self._accounted():
                self._show(picture, now)

    def close(self) -> None:
        self._writer.close()

    def _may_work(self, now: float) -> bool:
        return now >= self._paused_until and self._budget.allows(now)

    @contextmanager
    def _accounted(self) -> Iterator[None]:
        """Take the processor time of the block from the budget."""
        began = self._processor_s()
        try:
            yield
        finally:
            self._budget.spend(self._processor_s() - began)

    def _show(self, picture: FramePicture, now: float) -> None:
        """Publish a picture in the sizes that are due. Raises FaceModelError, and nothing else."""
        record = picture.record
        sizes = self._backlog.due(record.camera_id, now)
        # First, so that a picture that can't be shown does not come again and again.
        self._backlog.done(record.camera_id, sizes, now)
        try:
            for size in sizes:
                self._publish(picture, size)
        except FaceModelError:
            raise
        except ServiceError as error:
            # Requests come by the same way: who still looks says so when it is back.
            self._backlog.forget_requests()
            self._paused_until = now + PAUSE_S
            self._count("failed")
            if not self._is_away:
                _log.warning(f"live pictures: {error}; trying again")
            self._is_away = True
        except Exception as error:  # noqa: BLE001 - this picture: the others go on
            self._count("failed")
            if self._failed.add():
                _log.error(f"live: {record.frame_id}: {type(error).__name__}: {error}")

    def _publish(self, picture: FramePicture, size: LiveSize) -> None:
        record = picture.record
        jpeg = encode_outgoing(shrink_to_width(picture.blurred, WIDTHS[size]))
        sides = read_size(jpeg)
        header = LivePictureHeader(
            camera_id=record.camera_id,
            frame_id=record.frame_id,
            captured_at=record.captured_at,
            size=size,
            width=sides.width,
            height=sides.height,
        )
        self._writer.write(header, jpeg)
        self._is_away = False
        self._count(size)
        age_s = (self._clock.now() - parse_rfc3339(record.captured_at)) / 1000
        self.ages[next((bound for bound in AGES_S if age_s <= bound), float("inf"))] += 1
        self.ages_sum_s += max(0.0, age_s)

    def _count(self, outcome: str, number: int = 1) -> None:
        if number:
            self.counts[outcome] += number
