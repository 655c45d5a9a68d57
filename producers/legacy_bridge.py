"""Publishes to the topic `frames` what legacy clients publish to theirs.

A record becomes a frame, is dropped for a reason, or becomes a dead letter; only then is its
offset committed. After a crash some records are published twice: the job drops duplicates.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from zoneinfo import ZoneInfo

from kafka.errors import KafkaError

from producers.camera_publisher import CameraPublisher
from producers.legacy_record import LegacyPicture, read_legacy_record
from producers.picture import Picture, Pictures
from producers.publish_accounting import PublishAccount, PublishCounts, add_up
from producers.publisher import Publisher
from producers.settings_lookup import FollowedSettings
from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.admission import NO_CAMERA, Arrival, Rejected, reject
from pycturestream.domain.frames.dead_letter import DeadLetter, keep
from pycturestream.domain.frames.rejection import Rejection
from pycturestream.domain.frames.sender import SenderState, refuse
from pycturestream.domain.recent import Recent
from pycturestream.domain.times import Millis
from pycturestream.logging_setup import get_logger

log = get_logger(__name__)

_RETRY_S = 1.0
_ANSWER_MS = 1_000
"""What an answer may take beyond the time that a picture is given."""


class RecordReader(Protocol):
    """Where records come from: `pycturestream.log.legacy.LegacyTopic`."""

    def read(self) -> list[Arrival]: ...
    def commit(self) -> None: ...


class DeadLetterPort(Protocol):
    """Where rejected records go: `pycturestream.log.dead_letters.DeadLetterPort`."""

    def deliver(self, letters: Sequence[DeadLetter]) -> bool: ...


@dataclass(frozen=True, slots=True)
class BridgeCounts:
    """Counts of records: consumed = published + dropped + dead letters + open."""

    consumed: int = 0
    published: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    """By reason."""
    dead_letters: Mapping[str, int] = field(default_factory=dict)
    """By reason."""
    open: int = 0
    """Sent, and not answered yet."""


class Bridge:
    """Publishes for every camera that clients name, the newest picture of each first."""

    def __init__(
        self,
        publisher: Publisher,
        dead_letters: DeadLetterPort,
        lookup: FollowedSettings,
        zone: ZoneInfo,
        clock: Clock,
        settings: Settings,
    ) -> None:
        """`clock` must not stop while a record is being handled, or it would be lost."""
        self._publisher = publisher
        self._dead_letters = dead_letters
        self._lookup = lookup
        self._zone = zone
        self._clock = clock
        self._settings = settings
        self._camera_publishers: OrderedDict[str, CameraPublisher] = OrderedDict()
        """The one without pictures for longest first."""
        self._refused = Recent[str, SenderState]()
        """When pictures of a camera with a source of its own were refused."""
        self._retired: list[PublishAccount] = []
        self._letters: list[DeadLetter] = []
        self._has_warned = False
        self._consumed = 0
        self._rejected: Counter[str] = Counter()
        self._past = PublishCounts()
        self.counts = BridgeCounts()
        """The counts after the last batch, for any thread to read."""

    def run(self, topic: RecordReader, until: Clock) -> None:
        """Publish what comes until the clock `until` stops. A broker that is away is waited for.

        No record is read before all of the last batch are settled, and committed with it.
        """
        settled, owed, logged = True, False, ""
        while not until.stopped:
            try:
                # Without its settings a camera would show what they mask.
                if settled and self._lookup.is_complete:
                    arrivals = topic.read()
                    self.process(arrivals)
                    owed = owed or bool(arrivals)
                settled = self.settle()
                if settled and owed:
                    topic.commit()
                    owed = False
                failure = "" if settled else "no answer"
                if not self._lookup.is_complete:
                    failure = "the settings of cameras are not known yet"
            except KafkaError as error:
                failure = f"{error or type(error).__name__}"
            if failure and failure != logged:
                kafka = self._settings.kafka
                log.warning(f"Kafka at {kafka}: {failure}; trying again", kafka=kafka)
            logged = failure
            if failure:
                until.sleep(_RETRY_S)

    def process(self, arrivals: Sequence[Arrival]) -> None:
        """Publish the newest picture of each camera; the others are counted, by reason.

        Nobody wants the rest of a backlog: the present would wait while it is processed.
        """
        self._consumed += len(arrivals)
        by_camera: dict[str, list[tuple[Arrival, LegacyPicture]]] = {}
        for arrival in arrivals:
            read = read_legacy_record(arrival, self._zone, self._settings.legacy_byte_limit)
            if isinstance(read, Rejected):
                self._reject(arrival, read)
            else:
                by_camera.setdefault(read.camera_id, []).append((arrival, read))
        now = self._clock.now()
        for camera_id, pictures in by_camera.items():
            camera_publisher = self._camera_publisher(camera_id)
            if self._has_own_producer(camera_id):
                for _ in pictures:
                    camera_publisher.account.drop("own-source")
                self._report_second_sender(camera_id, now)
                continue
            # Partitions have an order of their own; clocks of clients may jump.
            *older, newest = sorted(pictures, key=lambda pair: pair[0].received_at)
            for _ in older:
                camera_publisher.account.drop("superseded")
            if now - newest[0].received_at > self._settings.stale_after_ms:
                camera_publisher.account.drop("stale")
            else:
                self._publish(camera_publisher, *newest)

    def _has_own_producer(self, camera_id: str) -> bool:
        """Whether the camera's settings say where its pictures come from: not from clients."""
        camera = self._lookup.settings_of(camera_id)
        return isinstance(camera, Camera) and bool(camera.source or camera.sender_key)

    def _report_second_sender(self, camera_id: str, now: Millis) -> None:
        before = self._refused.get(camera_id, SenderState())
        detail = "pictures of legacy clients are refused; the camera has a producer of its own"
        self._refused[camera_id], events = refuse(before, camera_id, now, detail)
        for event in events:
            log.warning(f"{camera_id}: {detail}", camera_id=camera_id, reason="own-source")
            self._publisher.emit_event(event)

    def settle(self) -> bool:
        """Wait for the answers; False where some are still to come, or to be asked for again."""
        timeout_s = (self._settings.live_delivery_timeout_ms + _ANSWER_MS) / 1000
        settled = [account.settle(timeout_s=timeout_s) for account in self._accounts()]
        if self._letters and self._dead_letters.deliver(self._letters):
            self._rejected.update(letter.rejected.reason for letter in self._letters)
            self._letters = []
        if all(settled):
            self._past = add_up([self._past, *(each.counts() for each in self._retired)])
            self._retired = []
        self.counts = self._count()
        return all(settled) and not self._letters

    def _count(self) -> BridgeCounts:
        total = add_up([self._past, *(each.counts() for each in self._accounts())])
        return BridgeCounts(
            self._consumed,
            total.published,
            total.dropped,
            dict(self._rejected),
            total.open + len(self._letters),
        )

    def _accounts(self) -> Iterator[PublishAccount]:
        for camera_publisher in self._camera_publishers.values():
            yield camera_publisher.account
        yield from self._retired

    def _camera_publisher(self, camera_id: str) -> CameraPublisher:
        """Return what publishes for a camera; the one without pictures for longest makes room."""
        camera_publisher = self._camera_publishers.pop(camera_id, None) or CameraPublisher(
            camera_id, "live", self._publisher, self._clock, self._settings, self._lookup
        )
        self._camera_publishers[camera_id] = camera_publisher
        if len(self._camera_publishers) > self._settings.bridge_cameras:
            _, oldest = self._camera_publishers.popitem(last=False)
            self._retired.append(oldest.account)
        return camera_publisher

    def _publish(
        self, camera_publisher: CameraPublisher, arrival: Arrival, picture: LegacyPicture
    ) -> None:
        # A client sends what it has just taken: its clock is off by what lies between that time
        # and the arrival, and in the topic a picture grows old by our clock.
        ahead = picture.captured_at - arrival.received_at
        place = arrival.place
        origin = f"{place.topic}[{place.partition}]@{place.offset}"
        try:
            camera_publisher.publish_source(
                _OnePicture(Picture(picture.jpeg, picture.captured_at, origin, ahead))
            )
        except Exception as error:  # noqa: BLE001 - one client's picture may not end the others
            rejection = Rejection("not-an-image", f"{type(error).__name__}: {str(error)[:200]!a}")
            self._reject(arrival, reject(arrival, picture.camera_id, rejection))

    def _reject(self, arrival: Arrival, rejected: Rejected) -> None:
        if not self._has_warned:
            self._has_warned = True
            log.warning(
                f"rejected: {rejected.reason}, {rejected.detail} (further ones are counted; "
                "`pycturestream dead-letters` shows them)",
                camera_id=rejected.camera_id,
                reason=rejected.reason,
            )
        is_named = rejected.camera_id != NO_CAMERA
        key = rejected.camera_id.encode() if is_named else arrival.key
        masks = self._lookup.may_mask(rejected.camera_id)
        self._letters.append(keep(DeadLetter.of(rejected, key, arrival.value, may_mask=masks)))


@dataclass(frozen=True, slots=True)
class _OnePicture:
    """A source of one picture."""

    picture: Picture

    def pictures(self, _clock: Clock) -> Pictures:
        yield self.picture
