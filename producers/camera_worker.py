"""One camera of a file, published by a thread of its own as its settings say."""

import threading
from collections.abc import Callable
from pathlib import Path

from producers.camera_publisher import CameraPublisher
from producers.picture import Source
from producers.publish_accounting import PublishCounts
from producers.publisher import Publisher
from producers.settings_lookup import PRUNED, SettingsLookup, Withheld
from producers.source import SourceOptions, open_source
from producers.supervisor import Supervisor
from producers.watched_folder import WatchedFolder
from pycturestream.clock import SystemClock
from pycturestream.config.camera_file import CameraEntry
from pycturestream.config.settings import Settings
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.times import Millis
from pycturestream.logging_setup import get_logger

log = get_logger(__name__)

_STEADY_S = 20.0
"""A camera that gives a picture at least this often has failed when none comes for a minute."""
_ASK_AGAIN_S = 0.2
"""How often a wait asks for the settings: changed ones are to hold within a second."""


class OpenSource:
    """The settings and the time of one camera, for as long as its source stays the same.

    It is both the camera's SettingsLookup and its Clock. The clock stops as soon as the settings
    name another source, or nothing may be published: a wait ends, the source is closed, and the
    masks of one view never meet a picture of another.
    """

    def __init__(self, camera_id: str, lookup: SettingsLookup) -> None:
        self.stop = threading.Event()
        """Stops the clock for good."""
        self._camera_id = camera_id
        self._lookup = lookup
        self._clock = SystemClock(self.stop)
        self._source: str | None = None
        self._is_outdated = False

    def begin(self, source: str) -> None:
        """Note the source that is to be opened, and let the clock go on."""
        self._source = source
        self._is_outdated = False

    @property
    def is_outdated(self) -> bool:
        """Whether the settings were seen to name another source, or none."""
        return self._is_outdated

    def settings_of(self, camera_id: str) -> Camera | Withheld:
        camera = self._lookup.settings_of(camera_id)
        if isinstance(camera, Withheld) or camera.source != self._source:
            self._is_outdated = True
        return camera

    def now(self) -> Millis:
        return self._clock.now()

    def seconds(self) -> float:
        return self._clock.seconds()

    def sleep(self, seconds: float) -> None:
        until = self.seconds() + seconds
        while not self.stopped and (left := until - self.seconds()) > 0:
            self._clock.sleep(min(left, _ASK_AGAIN_S))

    @property
    def stopped(self) -> bool:
        if not self._is_outdated:
            self.settings_of(self._camera_id)
        return self._is_outdated or self.stop.is_set()


class CameraWorker:
    """Publishes a camera from `start` to `stop`, as often as its settings change."""

    def __init__(
        self,
        entry: CameraEntry,
        folder: Path,
        publisher: Publisher,
        settings: Settings,
        lookup: SettingsLookup,
        fps: Callable[[Camera], float | None],
    ) -> None:
        """Relative sources are paths in `folder`. `fps` is asked for the rate again and again."""
        self.camera_id = entry.camera.camera_id
        self._loop = entry.loop
        self._folder = folder
        self._settings = settings
        self._lookup = lookup
        self._fps = fps
        self._open_source = OpenSource(self.camera_id, lookup)
        self._camera_publisher = CameraPublisher(
            self.camera_id, "live", publisher, self._open_source, settings, self._open_source
        )
        self._supervisor = Supervisor(
            self._camera_publisher, self._open_source, settings, publisher.emit_event
        )
        self._thread = threading.Thread(target=self._run, name=self.camera_id)
        self._has_ended = False
        self._is_watching = False
        """Whether the source is a folder, into which somebody puts pictures now and then."""
        self._began_at = Millis(0)
        """When the current source was first opened, or the first one was waited for."""

    @property
    def is_active(self) -> bool:
        """Whether pictures may come: the source has not ended, or waits for its settings."""
        return self._thread.is_alive() and not self._has_ended

    @property
    def silent_since(self) -> Millis | None:
        """When the newest picture was taken, or publishing began if that was later.

        None where no picture is due: the source has ended, the camera is forgotten, or it rightly
        gives none for long (a watched folder, `gate: trigger`, or a very low rate).
        """
        if self._is_watching or not self.is_active:
            return None
        if not self._is_steady(self._lookup.settings_of(self.camera_id)):
            return None
        return max(self._began_at, self.counts().last_captured_at or Millis(0))

    def _is_steady(self, camera: Camera | Withheld) -> bool:
        if isinstance(camera, Withheld):
            return camera != PRUNED
        gate = camera.motion.gate
        fps = self._fps(camera) or self._settings.default_fps
        longest_s = max(1 / fps, camera.motion.heartbeat_s if gate == "on" else 0)
        return gate != "trigger" and longest_s <= _STEADY_S

    def counts(self) -> PublishCounts:
        return self._camera_publisher.account.counts()

    def start(self) -> None:
        """Publish in a thread. A camera starts once."""
        self._began_at = self._open_source.now()
        self._thread.start()

    def close(self) -> None:
        """Let the camera come to its end, without waiting for it."""
        self._open_source.stop.set()

    def stop(self) -> None:
        """Return when the camera gives no more pictures."""
        self.close()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        """Publish by the settings, and wait while they allow nothing or the source has ended."""
        stop = self._open_source.stop
        withheld, ended = "", None
        while not stop.is_set():
            camera = self._lookup.settings_of(self.camera_id)
            if isinstance(camera, Withheld):
                self._has_ended, ended = False, None
                if camera.why != withheld:
                    withheld = camera.why
                    self._warn(f"{withheld}; not published until fixed")
            elif camera.source != ended:
                self._has_ended = False
                if withheld:
                    withheld = ""
                    self._warn("published again")
                self._publish(camera)
                if self._open_source.is_outdated:
                    continue
                self._has_ended, ended = True, camera.source
            stop.wait(_ASK_AGAIN_S)

    def _publish(self, camera: Camera) -> None:
        """Publish until the source ends, or the settings name another."""
        self._is_watching = False
        self._open_source.begin(camera.source)
        self._began_at = self._open_source.now()
        self._supervisor.run(lambda: self._open(camera.source))

    def _open(self, source: str) -> Source:
        options = SourceOptions(
            fps=self._rate,
            loop=self._loop,
            watch=not self._loop,
            default_fps=self._settings.default_fps,
            timeout_s=self._settings.camera_timeout_ms / 1000,
            pixel_limit=self._settings.picture_pixel_limit,
        )
        opened = open_source(source, options, folder=self._folder)
        self._is_watching = isinstance(opened, WatchedFolder)
        return opened

    def _rate(self) -> float | None:
        camera = self._lookup.settings_of(self.camera_id)
        return None if isinstance(camera, Withheld) else self._fps(camera)

    def _warn(self, line: str) -> None:
        log.warning(f"{self.camera_id}: {line}", camera_id=self.camera_id)
