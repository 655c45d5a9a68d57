"""Publishes one source as one camera, until it ends or the clock stops."""

from producers.camera_publisher import CameraPublisher
from producers.publish_accounting import PublishCounts
from producers.publisher import Publisher
from producers.settings_lookup import FollowedSettings
from producers.source import SourceOptions, open_source
from producers.supervisor import Supervisor
from producers.watched_folder import WatchedFolder
from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.config.source_address import is_address
from pycturestream.logging_setup import get_logger

log = get_logger(__name__)

_POLL_S = 0.1
"""How often a wait checks whether the clock has stopped."""


def publish_source(
    address: str, camera_id: str, options: SourceOptions, settings: Settings, clock: Clock
) -> PublishCounts:
    """Publish by the settings that the topic `cameras` has of the camera. Raises SourceError.

    A stream or watched folder is opened again whenever it fails; a file or device is not.
    """
    source = open_source(address, options)
    if isinstance(source, WatchedFolder) and (history := source.history()):
        log.warning(
            f"{address}: {history} pictures are there already: left alone, as history",
            camera_id=camera_id,
        )
    publisher = Publisher(settings, options.mode, clock)
    lookup = FollowedSettings()
    lookup.follow_topic(settings)
    camera = CameraPublisher(camera_id, options.mode, publisher, clock, settings, lookup)
    try:
        is_ready = publisher.connect() and _wait_for_settings(lookup, options, settings, clock)
        if not is_ready and not clock.stopped:
            log.warning(
                f"Kafka at {settings.kafka} does not answer, and pictures are dropped until it "
                "does: start the stack with `pycturestream up`",
                kafka=settings.kafka,
            )
        if options.watch or is_address(address):
            Supervisor(camera, clock, settings, publisher.emit_event).run(lambda: source)
        else:
            camera.publish_source(source)
    finally:
        lookup.close()
        publisher.close()
    return camera.account.counts()


def _wait_for_settings(
    lookup: FollowedSettings, options: SourceOptions, settings: Settings, clock: Clock
) -> bool:
    """Wait for the settings of cameras: live as long as for a picture, in a replay to the end."""
    deadline = clock.seconds() + settings.live_delivery_timeout_ms / 1000
    while not lookup.wait(_POLL_S):
        if clock.stopped or (options.mode == "live" and clock.seconds() > deadline):
            return False
    return True
