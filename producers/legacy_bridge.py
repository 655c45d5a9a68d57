"""Carries what legacy clients publish over to the topic `frames`.

A record becomes a frame, is dropped by a reason, or becomes a dead letter; only then is it
remembered as done. After a crash some are carried over twice: the job drops duplicates.
"""

from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from zoneinfo import ZoneInfo

from kafka.errors import KafkaError

from producers.camera_publisher import CameraPublisher, Warn
from producers.known_settings import Following, Known
from producers.legacy_record import LegacyPicture, read_legacy_record
from producers.picture import Picture, Pictures
from producers.publish_accounting import Account, PublishAccounts, add_up
from producers.publisher import Publisher
from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.contracts.codec import DeadLetter
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.admission import NO_CAMERA, Arrival, Rejected, reject
from pycturestream.domain.frames.rejection import Rejection

_RETRY_S = 1.0
_ANSWER_MS = 1_000
"""What an answer may take beyond the time that a picture is given."""


class Reading(Protocol):
    """Where records come from: `pycturestream.log.legacy.LegacyTopic`."""

    def read(self) -> list[Arrival]: ...
    def commit(self) -> None: ...


class Delivering(Protocol):
    """Where refused ones go: `pycturestream.log.dead_letters.DeadLetterWriter`."""

    def deliver(self, letters: Sequence[DeadLetter]) -> bool: ...


@dataclass(frozen=True, slots=True)
class BridgeAccount:
    """The books of the bridge: consumed = published + dropped + dead letters + open."""

    consumed: int = 0
    published: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    """By reason."""
    dead_letters: Mapping[str, int] = field(default_factory=dict)
    """By reason."""
    open: int = 0
    """On their way."""


class Bridge:
    """Films for every camera that clients name, the newest picture of each first."""

    def __init__(
        self,
        publisher: Publisher,
        dead_letters: Delivering,
        followed: Following,
        zone: ZoneInfo,
        clock: Clock,
        settings: Settings,
        warn: Warn,
    ) -> None:
        """`clock` must not stop while something is in hand, or it would be lost."""
        self._publisher = publisher
        self._dead_letters = dead_letters
        self._followed = followed
        self._zone = zone
        self._clock = clock
        self._settings = settings
        self._warn = warn
        self._camera_publishers: OrderedDict[str, tuple[CameraPublisher, Camera]] = OrderedDict()
        """The one that was silent for longest first; each with the settings it has."""
        self._retired: list[PublishAccounts] = []
        self._letters: list[DeadLetter] = []
        self._told: set[str] = set()
        self._consumed = 0
        self._rejected: Counter[str] = Counter()
        self._past = Account()
        self.account = BridgeAccount()
        """The books after the last batch, for any thread to read."""

    def run(self, topic: Reading, until: Clock) -> None:
        """Carry over what comes until that clock stops. A broker that is away is waited for.

        Nothing more is read before all of the last is settled, and committed with it.
        """
        settled, owed, told = True, False, ""
        while not until.stopped:
            try:
                # Without its settings a camera would show what they mask.
                if settled and self._followed.are_complete:
                    arrivals = topic.read()
                    self.take(arrivals)
                    owed = owed or bool(arrivals)
                settled = self.settle()
                if settled and owed:
                    topic.commit()
                    owed = False
                failure = "" if settled else "no answer"
                if not self._followed.are_complete:
                    failure = "the settings of cameras are not known yet"
            except KafkaError as error:
                failure = f"{error or type(error).__name__}"
            if failure and failure != told:
                self._warn(f"Kafka at {self._settings.kafka}: {failure}; trying again")
            told = failure
            if failure:
                until.sleep(_RETRY_S)

    def take(self, arrivals: Sequence[Arrival]) -> None:
        """Publish the newest picture of each camera; the others are counted, by reason.

        From a backlog nobody wants the rest: while it was looked at, the present would wait.
        """
        self._consumed += len(arrivals)
        by_camera: dict[str, list[tuple[Arrival, LegacyPicture]]] = {}
        for arrival in arrivals:
            read = read_legacy_record(arrival, self._zone, self._settings.legacy_byte_limit)
            if isinstance(read, Rejected):
                self._reject(arrival, read)
            else:
                by_camera.setdefault(read.camera_id, []).append((arrival, read))
        now, known = self._clock.now(), self._followed.known
        for camera_id, pictures in by_camera.items():
            hidden = self._why_hidden(camera_id, known)
            camera_publisher = self._camera_publisher(camera_id, known)
            # Partitions have an order of their own; clocks of clients may jump.
            *older, newest = sorted(pictures, key=lambda pair: pair[0].received_at)
            for _ in older:
                camera_publisher.accounts.drop("superseded")
            if now - newest[0].received_at > self._settings.stale_after_ms:
                camera_publisher.accounts.drop("stale")
            elif hidden:
                camera_publisher.accounts.drop("unmaskable")
                self._tell(f"{camera_id} {hidden}", f"{camera_id}: dropped, its settings {hidden}")
            else:
                self._publish(camera_publisher, *newest)

    def settle(self) -> bool:
        """Wait for the answers; False where some are still to come, or to be asked for again."""
        patience = (self._settings.live_delivery_timeout_ms + _ANSWER_MS) / 1000
        all_accounts = [
            *(
                camera_publisher.accounts
                for camera_publisher, _ in self._camera_publishers.values()
            ),
            *self._retired,
        ]
        settled = [accounts.settle(patience=patience) for accounts in all_accounts]
        if self._letters and self._dead_letters.deliver(self._letters):
            self._rejected.update(letter.rejected.reason for letter in self._letters)
            self._letters = []
        if all(settled):
            self._past = add_up([self._past, *(each.account() for each in self._retired)])
            self._retired = []
        self.account = self._books()
        return all(settled) and not self._letters

    def _books(self) -> BridgeAccount:
        all_accounts = [
            *(
                camera_publisher.accounts
                for camera_publisher, _ in self._camera_publishers.values()
            ),
            *self._retired,
        ]
        filmed = add_up([self._past, *(each.account() for each in all_accounts)])
        return BridgeAccount(
            self._consumed,
            filmed.published,
            filmed.dropped,
            dict(self._rejected),
            filmed.open + len(self._letters),
        )

    def _why_hidden(self, camera_id: str, known: Known) -> str:
        """Return why nothing of a camera may be shown; empty where it may."""
        if why := known.unreadable.get(camera_id):
            return f"can't be read: {why}"
        _, before = self._camera_publishers.get(camera_id, (None, None))
        withdrawn = camera_id not in known.cameras and before not in (None, Camera(camera_id))
        return "were withdrawn, masks and all" if withdrawn else ""

    def _camera_publisher(self, camera_id: str, known: Known) -> CameraPublisher:
        """Return the film of a camera, by its settings; withdrawn ones are remembered."""
        is_new = camera_id not in self._camera_publishers
        default = Camera(camera_id) if is_new else self._camera_publishers[camera_id][1]
        camera = known.cameras.get(camera_id, default)
        camera_publisher, before = (
            (self._begin(camera), camera) if is_new else self._camera_publishers.pop(camera_id)
        )
        if camera != before:
            camera_publisher.follow(camera)
        self._camera_publishers[camera_id] = camera_publisher, camera
        if len(self._camera_publishers) > self._settings.bridge_cameras:
            _, (silent, _) = self._camera_publishers.popitem(last=False)
            self._retired.append(silent.accounts)
        return camera_publisher

    def _begin(self, camera: Camera) -> CameraPublisher:
        return CameraPublisher(
            camera, "live", self._publisher, self._clock, self._settings, self._warn
        )

    def _publish(
        self, camera_publisher: CameraPublisher, arrival: Arrival, picture: LegacyPicture
    ) -> None:
        # A client sends what it has just taken: its clock is off by what lies between that time
        # and the arrival, and in the topic a picture grows old by our clock.
        ahead = picture.captured_at - arrival.received_at
        place = arrival.place
        origin = f"{place.topic}[{place.partition}]@{place.offset}"
        try:
            camera_publisher.once(_One(Picture(picture.jpeg, picture.captured_at, origin, ahead)))
        except Exception as error:  # noqa: BLE001 - one client's picture may not end the others
            rejection = Rejection("not-an-image", f"{type(error).__name__}: {str(error)[:200]!a}")
            self._reject(arrival, reject(arrival, picture.camera_id, rejection))

    def _reject(self, arrival: Arrival, rejected: Rejected) -> None:
        self._tell(
            "refused",
            f"refused: {rejected.reason}, {rejected.detail} (further ones are counted; "
            "`pycturestream dead-letters` shows them)",
        )
        named = rejected.camera_id != NO_CAMERA
        key = rejected.camera_id.encode() if named else arrival.key
        # What a camera masks must not lie in its dead letters; size and hash tell which it was.
        value = None if self._may_mask(key) else arrival.value
        self._letters.append(DeadLetter(rejected, key, value))

    def _may_mask(self, key: bytes | None) -> bool:
        camera_id, known = (key or b"").decode("utf-8", "replace"), self._followed.known
        camera = known.cameras.get(camera_id, Camera(camera_id))
        return bool(camera.masks or self._why_hidden(camera_id, known))

    def _tell(self, about: str, line: str) -> None:
        """Say something once."""
        if about not in self._told:
            self._told.add(about)
            self._warn(line)


@dataclass(frozen=True, slots=True)
class _One:
    """A source of one picture."""

    picture: Picture

    def pictures(self, _clock: Clock) -> Pictures:
        yield self.picture
