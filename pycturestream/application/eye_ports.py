"""What the gateway of the seeing aid needs of Kafka and Redis."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from typing import Protocol

from producers.publish_accounting import DropReason, PublishAccount
from producers.publisher import Publisher
from pycturestream.application.redis_thread import TICK_S, RedisThread
from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.contracts import topics
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.cameras.eye import EYE_PREFIX
from pycturestream.domain.frames.frame import Frame
from pycturestream.log.cameras import FollowedCameras, publish_cameras
from pycturestream.stores.redis_view import RedisView

Wanted = Callable[[str], bool]
"""Whether somebody listens to a camera."""
Push = Callable[[str, str, bytes], None]
"""Takes a channel, a camera and a record as it was pushed."""


class Pictures(Protocol):
    """Where pictures of phones go."""

    def publish(self, frame: Frame, failed: Callable[[], None]) -> None:
        """Send a frame without waiting; `failed` is called, in any thread, if it did not arrive."""
        ...


class Pushes(Protocol):
    """Where results come from."""

    @property
    def is_connected(self) -> bool: ...

    def start(self, wanted: Wanted, push: Push) -> None:
        """Begin to hand on, in any thread, what is pushed about wanted cameras."""
        ...


class CameraTopic(Protocol):
    """The settings of cameras in the log."""

    @property
    def is_complete(self) -> bool:
        """Whether all that was written before has been read."""
        ...

    @property
    def cameras(self) -> Mapping[str, Camera]:
        """The settings of each camera; another mapping after each change."""
        ...

    def publish(self, cameras: Sequence[Camera], forget: Collection[str]) -> None:
        """Write settings. Raises SettingsPublishError."""
        ...


class KafkaPictures:
    """Publishes to the topic `frames`, as producers of cameras do."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    def publish(self, frame: Frame, failed: Callable[[], None]) -> None:
        # A phone has one picture under way, so each has an account, and a queue, of its own.
        self._publisher.publish(frame, _OnePicture(failed))


class _OnePicture(PublishAccount):
    """The account of one picture, which says at once if it was not published."""

    def __init__(self, failed: Callable[[], None]) -> None:
        super().__init__(open_limit=1)
        self._failed = failed

    def fail(self, reason: DropReason) -> None:
        super().fail(reason)
        self._failed()


class RedisPushes:
    """One subscription for all phones of a process, renewed when Redis comes back."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._thread = RedisThread("the seeing aid")

    @property
    def is_connected(self) -> bool:
        return self._thread.is_connected

    def start(self, wanted: Wanted, push: Push) -> None:
        def read() -> None:
            with closing(RedisView(self._settings)) as view:
                self._read(view, wanted, push)

        self._thread.start(read)

    def close(self) -> None:
        self._thread.close()

    def _read(self, view: RedisView, wanted: Wanted, push: Push) -> None:
        channels = (topics.DETECTIONS, topics.NARRATIONS)
        for pushed in view.listen_to_prefix(channels, EYE_PREFIX, tick_s=TICK_S):
            self._thread.is_connected = True
            if self._thread.is_stopped:
                return
            if pushed and wanted(pushed.camera_id):
                push(pushed.channel, pushed.camera_id, pushed.data)


class KafkaCameraTopic:
    """The topic `cameras`."""

    def __init__(self, followed: FollowedCameras, settings: Settings, clock: Clock) -> None:
        self._followed = followed
        self._settings = settings
        self._clock = clock

    @property
    def is_complete(self) -> bool:
        return self._followed.is_complete

    @property
    def cameras(self) -> Mapping[str, Camera]:
        return self._followed.cameras

    def publish(self, cameras: Sequence[Camera], forget: Collection[str]) -> None:
        newest = max((camera.revision for camera in self.cameras.values()), default=0)
        publish_cameras(cameras, self._settings, self._clock, forget=forget, newest=newest)
