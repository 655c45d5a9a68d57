"""Camera settings into the compacted topic `cameras`, where jobs and producers follow them."""

from collections.abc import Iterable
from dataclasses import replace

from kafka import KafkaProducer
from kafka.errors import KafkaError

from producers.clock import Clock
from producers.stream import without_secrets
from pycturestream import topics
from pycturestream.camera import Camera
from pycturestream.codec import encode_camera
from pycturestream.settings import Settings


class AnnouncementError(Exception):
    """The broker did not take the settings; the message is one line."""


def publish_cameras(cameras: Iterable[Camera], settings: Settings, clock: Clock) -> None:
    """Write each camera's settings, and return when the broker has acknowledged them all.

    Their revision is the time, so that the latest announcement is the newest one. Raises
    AnnouncementError.
    """
    revision = clock.now()
    wait = settings.announce_timeout_ms
    try:
        kafka = KafkaProducer(
            bootstrap_servers=settings.kafka,
            bootstrap_timeout_ms=wait,
            max_block_ms=wait,
            request_timeout_ms=wait,
            delivery_timeout_ms=wait,
            acks="all",
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )
        try:
            sendings = [
                kafka.send(
                    topics.CAMERAS,
                    key=camera.camera_id.encode(),
                    value=encode_camera(_public(camera, revision)),
                )
                for camera in cameras
            ]
            for sending in sendings:
                sending.get(wait / 1000)
        finally:
            kafka.close(timeout=wait / 1000)
    except KafkaError as error:
        raise AnnouncementError(
            f"{settings.kafka}: camera settings not taken: {error or type(error).__name__}"
        ) from error


def _public(camera: Camera, revision: int) -> Camera:
    """Return the settings as others may read them: without the passwords of the source."""
    return replace(camera, source=without_secrets(camera.source), revision=revision)
