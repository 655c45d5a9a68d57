"""Publishes all cameras of a file, each in a thread, by the settings that hold for them now."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from producers.camera_worker import CameraWorker
from producers.publisher import Publisher
from producers.rate_control import RateControl
from producers.settings_lookup import FollowedSettings
from pycturestream.application.cameras import apply_cameras
from pycturestream.clock import SystemClock
from pycturestream.config.camera_file import CameraEntry, CameraFileError, read_camera_file
from pycturestream.config.settings import Settings
from pycturestream.domain.cameras.camera import Camera
from pycturestream.log.cameras import SettingsPublishError
from pycturestream.logging_setup import get_logger

log = get_logger(__name__)


@contextmanager
def running_cameras(
    entries: Sequence[CameraEntry], file: Path, settings: Settings, clock: SystemClock
) -> Iterator[Sequence[CameraWorker]]:
    """Publish the cameras of a file until the block ends, which also stops the clock."""
    cameras = [entry.camera for entry in entries]
    publisher = Publisher(settings, "live", clock)
    rate_control = RateControl(clock.seconds)
    lookup = FollowedSettings(own=cameras, own_sources=lambda: _sources(file))
    workers = [
        CameraWorker(entry, file.parent, publisher, settings, lookup, rate_control.fps)
        for entry in entries
    ]
    are_applied = _apply(cameras, settings, clock)

    def follow_topics() -> None:
        """Follow the topics once the file's settings are applied: older ones may lack a mask."""
        applied = are_applied
        while not applied:
            clock.sleep(settings.reconnect_backoff_max_ms / 1000)
            if clock.stopped:
                return
            applied = _apply(cameras, settings, clock)
        rate_control.follow_topic(settings)
        lookup.follow_topic(settings)

    following = threading.Thread(target=follow_topics, name="follow topics")
    try:
        publisher.connect()
        for worker in workers:
            worker.start()
        following.start()
        yield workers
    finally:
        clock.stop.set()
        for worker in workers:
            worker.close()  # all at once, and before a wait that an impatient Ctrl-C may cut short
        if following.is_alive():
            following.join()
        lookup.close()
        rate_control.close()
        for worker in workers:
            worker.stop()
        publisher.close()


def _apply(cameras: Sequence[Camera], settings: Settings, clock: SystemClock) -> bool:
    """Apply the file's settings; False where the broker did not take them, or the clock stopped."""
    if clock.stopped:
        return False
    try:
        apply_cameras(cameras, settings, clock)
    except SettingsPublishError as error:
        log.warning(f"{error}; trying again", kafka=settings.kafka)
        return False
    return True


def _sources(file: Path) -> Mapping[str, str]:
    """Return the sources by camera id as the file has them now; none of a file with mistakes."""
    try:
        entries = read_camera_file(file)
    except Exception as error:  # noqa: BLE001 - whatever it holds, its cameras go on
        known = isinstance(error, CameraFileError)
        reason = str(error) if known else f"{file}: {type(error).__name__}: {error}"
        log.warning(reason, file=str(file))
        return {}
    return {entry.camera.camera_id: entry.camera.source for entry in entries}
