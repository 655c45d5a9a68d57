"""One camera: pictures from its source, developed, published."""

from collections.abc import Callable
from contextlib import closing

from producers.picture import Picture, Skipped, Source
from producers.preprocess import Dropped, Preprocessor
from producers.publish_accounting import DropReason, PublishAccounts
from producers.publisher import Publisher
from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.frame import Mode

Warn = Callable[[str], None]
"""Takes one line for people."""


class CameraPublisher:
    """Films for one camera, with one ledger, however often its source breaks off."""

    def __init__(
        self,
        camera: Camera,
        mode: Mode,
        publisher: Publisher,
        clock: Clock,
        settings: Settings,
        warn: Warn,
    ) -> None:
        self.camera_id = camera.camera_id
        self._camera = camera
        self.accounts: PublishAccounts = publisher.accounts()
        self._publisher = publisher
        self._clock = clock
        self._warn = warn
        self._warned: set[str] = set()
        self._preprocessor = Preprocessor(mode, settings, clock)

    def follow(self, camera: Camera) -> None:
        """Take over changed settings, from any thread; they hold from the next picture on."""
        self._camera = camera
        self._warned.clear()

    def once(self, source: Source) -> None:
        """Publish the source to its end, or until the clock stops. Raises SourceError."""
        with closing(source.pictures(self._clock)) as pictures:
            for picture in pictures:
                if self._clock.stopped:
                    return
                if isinstance(picture, Skipped):
                    self._drop(picture.reason, picture.detail and f"skipped {picture.detail}")
                else:
                    self._publish(picture)

    def _publish(self, picture: Picture) -> None:
        frame = self._preprocessor.preprocess(picture, self._camera)
        if isinstance(frame, Dropped):
            self._drop(frame.reason, frame.detail and f"dropped {picture.origin}: {frame.detail}")
        else:
            self._publisher.publish(frame, self.accounts)

    def _drop(self, reason: DropReason, detail: str) -> None:
        self.accounts.drop(reason)
        if detail and reason not in self._warned:
            self._warned.add(reason)
            self._warn(f"{self.camera_id}: {detail} (further ones are counted)")
