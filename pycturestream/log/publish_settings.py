"""Camera settings into the compacted topic `cameras`, where jobs and producers follow them."""

from collections.abc import Iterable

from kafka.errors import KafkaError
from msgspec.structs import replace

from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.config.source_address import without_secrets
from pycturestream.contracts import topics
from pycturestream.contracts.cameras import encode_camera
from pycturestream.domain.cameras.camera import Camera
from pycturestream.errors import ServiceError
from pycturestream.log.compacted_topic import write_values


class SettingsPublishError(ServiceError):
    """The broker did not take the settings; the message is one line."""


def publish_cameras(
    cameras: Iterable[Camera],
    settings: Settings,
    clock: Clock,
    *,
    forget: Iterable[str] = (),
    newest: int = 0,
) -> None:
    """Write each camera's settings, and return when the broker has acknowledged them all.

    Their revision is the time, so that the latest announcement is the newest one, but above
    `newest`, the newest that is known: another computer's clock may be ahead. Cameras to
    `forget` get a tombstone. Raises AnnouncementError.
    """
    revision = max(clock.now(), newest + 1)
    values: dict[str, bytes | None] = {
        camera.camera_id: encode_camera(replace(public(camera), revision=revision))
        for camera in cameras
    }
    values |= dict.fromkeys(forget)
    try:
        write_values(settings, topics.CAMERAS, values)
    except KafkaError as error:
        raise SettingsPublishError(
            f"{settings.kafka}: camera settings not taken: {error or type(error).__name__}"
        ) from error


def public(camera: Camera) -> Camera:
    """Return the settings as others may read them: without the passwords of the source."""
    return replace(camera, source=without_secrets(camera.source))
