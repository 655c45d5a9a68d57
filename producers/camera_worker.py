"""One camera of a file, filmed in a thread of its own as its settings say."""

import threading
from collections.abc import Callable
from pathlib import Path

from producers.camera_publisher import CameraPublisher, Warn
from producers.picture import Source
from producers.publisher import Publisher
from producers.source import SourceOptions, open_source
from producers.supervisor import Supervisor
from pycturestream.clock import SystemClock
from pycturestream.config.camera_file import CameraEntry
from pycturestream.config.settings import Settings
from pycturestream.domain.cameras.camera import Camera


class CameraWorker:
    """Films from `start` to `stop`, as often as that; its books go on all the time."""

    def __init__(
        self,
        entry: CameraEntry,
        folder: Path,
        publisher: Publisher,
        settings: Settings,
        warn: Warn,
        fps: Callable[[Camera], float | None],
    ) -> None:
        """Relative sources lie in `folder`. `fps` is asked again and again for the rate."""
        self.camera = entry.camera
        self._loop = entry.loop
        self._folder = folder
        self._settings = settings
        self._fps = fps
        self._clock = SystemClock()
        self.camera_publisher = CameraPublisher(
            entry.camera, "live", publisher, self._clock, settings, warn
        )
        self._supervisor = Supervisor(
            self.camera_publisher, self._clock, settings, warn, publisher.report
        )
        self._thread: threading.Thread | None = None
        self._closed = False
        self._restarting = False

    @property
    def camera_id(self) -> str:
        return self.camera.camera_id

    @property
    def is_going_on(self) -> bool:
        """Whether the source has not ended."""
        return self._restarting or (self._thread is not None and self._thread.is_alive())

    def start(self) -> None:
        """Film, unless it is closed for good."""
        if self._closed:
            return
        self._clock.stop.clear()
        self._thread = threading.Thread(
            target=lambda: self._supervisor.run(self._open), name=self.camera_id
        )
        self._thread.start()

    def close(self) -> None:
        """Let the camera come to its end for good, without waiting for it."""
        self._closed = True
        self._clock.stop.set()

    def stop(self) -> None:
        """Return when the camera gives no more pictures."""
        self._clock.stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def follow(self, camera: Camera) -> None:
        """Take over changed settings with the next picture; a changed source is opened."""
        # The masks of one view do not fit another: none of the old is shown with the new ones.
        self._restarting = camera.source != self.camera.source and self._thread is not None
        if self._restarting:
            self.stop()
        self.camera = camera
        self.camera_publisher.follow(camera)
        if self._restarting:
            self.start()
            self._restarting = False

    def _open(self) -> Source:
        options = SourceOptions(
            fps=lambda: self._fps(self.camera),
            loop=self._loop,
            watch=not self._loop,
            default_fps=self._settings.default_fps,
            patience_s=self._settings.camera_patience_ms / 1000,
        )
        return open_source(self.camera.source, options, folder=self._folder)
