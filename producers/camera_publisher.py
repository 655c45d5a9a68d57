"""One camera: pictures from its source, preprocessed by its settings, published."""

from contextlib import closing

from producers.picture import Picture, Skipped, Source
from producers.preprocess import DroppedPicture, Preprocessor
from producers.publish_accounting import DropReason, PublishAccount
from producers.publisher import Publisher
from producers.settings_lookup import SettingsLookup, Withheld
from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.frame import Mode
from pycturestream.logging_setup import get_logger

log = get_logger(__name__)


class CameraPublisher:
    """Publishes one camera's pictures, with one account however often its source breaks off."""

    def __init__(
        self,
        camera_id: str,
        mode: Mode,
        publisher: Publisher,
        clock: Clock,
        settings: Settings,
        lookup: SettingsLookup,
    ) -> None:
        """Ask `lookup` for the camera's settings with each picture."""
        self.camera_id = camera_id
        self.account: PublishAccount = publisher.open_account()
        self._publisher = publisher
        self._clock = clock
        self._lookup = lookup
        self._camera: Camera | Withheld | None = None
        """The settings of the last picture."""
        self._warned: set[str] = set()
        self._preprocessor = Preprocessor(mode, settings, clock)

    def publish_source(self, source: Source) -> None:
        """Publish the source to its end, or until the clock stops. Raises SourceError."""
        with closing(source.pictures(self._clock)) as pictures:
            for picture in pictures:
                camera = self._current_settings()
                # After the settings were asked for: they may be what stops the clock.
                if self._clock.stopped:
                    return
                if isinstance(picture, Skipped):
                    detail = picture.detail and f"skipped {picture.detail}"
                    self._drop(picture.reason, detail, picture.count)
                elif isinstance(camera, Withheld):
                    self._drop(camera.reason, camera.why and _dropped(picture, camera.why))
                else:
                    self._publish(picture, camera)

    def _current_settings(self) -> Camera | Withheld:
        """Return the settings for a picture, as the same object while they stay equal."""
        camera = self._lookup.settings_of(self.camera_id)
        if self._camera is None or camera != self._camera:
            self._camera = camera
            self._warned.clear()
        return self._camera

    def _publish(self, picture: Picture, camera: Camera) -> None:
        frame = self._preprocessor.preprocess(picture, camera)
        if isinstance(frame, DroppedPicture):
            self._drop(frame.reason, frame.detail and _dropped(picture, frame.detail))
        else:
            self._publisher.publish(frame, self.account)

    def _drop(self, reason: DropReason, detail: str, count: int = 1) -> None:
        self.account.drop(reason, count)
        if detail and reason not in self._warned:
            self._warned.add(reason)
            log.warning(
                f"{self.camera_id}: {detail} (further ones are counted)",
                camera_id=self.camera_id,
                reason=reason,
            )


def _dropped(picture: Picture, detail: str) -> str:
    return f"dropped {picture.origin}: {detail}"
