"""The process of `pycturestream pictures`."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from threading import Event

from pycturestream.application.archive_service import ArchiveService
from pycturestream.application.archiving import ArchiveSink
from pycturestream.application.live_pictures import LivePictureRequests
from pycturestream.application.picture_service import PictureService
from pycturestream.archive.archive import Archive
from pycturestream.cli.composition.metrics import exported, live_picture_metrics
from pycturestream.clock import SystemClock, now
from pycturestream.config.settings import Settings
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.erasure import Erasures
from pycturestream.errors import CommandError
from pycturestream.locks import LockedError, hold_lock
from pycturestream.log.annotated_frames import AnnotatedFrameWriter
from pycturestream.log.archived import ArchivedWriter
from pycturestream.log.cameras import FollowedCameras
from pycturestream.log.erasures import FollowedErasures
from pycturestream.log.followed_detections import FollowedDetections
from pycturestream.logging_setup import get_logger
from pycturestream.pictures.annotated_sink import AnnotatedSink
from pycturestream.pictures.frame_pictures import FramePictures
from pycturestream.pictures.live_sink import LiveSink
from pycturestream.pictures.sink import PictureSink
from pycturestream.stores.live_pictures import LivePictureWriter

_log = get_logger(__name__)
GROUP = "pycturestream-pictures"
_TIMEOUT_S = 2.0
"""How long to wait for a broker before logging it."""
_POLL_S = 0.5


@dataclass(frozen=True, slots=True)
class PictureProcess:
    """Follows detections, and hands pictures to the sinks and to those who look."""

    settings: Settings
    cameras: FollowedCameras
    erasures: FollowedErasures
    service: PictureService
    stop: Event

    def run(self) -> None:
        """Work until `stop` is set. Raises FaceModelError."""
        if not self._have_topics(_TIMEOUT_S):
            kafka = self.settings.kafka
            _log.warning(f"waiting for Kafka at {kafka}: `pycturestream up` starts it", kafka=kafka)
        while not (self.stop.is_set() or self._have_topics(_POLL_S)):
            pass
        if not self.stop.is_set():
            _log.info(_greeting(self.cameras.cameras.values()))
        self.service.run(
            lambda: FollowedDetections(self.settings, GROUP),
            lambda: FramePictures(self.settings, lambda: self.erasures.known),
        )

    def _have_topics(self, timeout_s: float) -> bool:
        """Wait for what is wanted, by the settings of cameras, and for what is erased."""
        return self.cameras.wait(timeout_s) and self.erasures.wait(timeout_s)


@contextmanager
def picture_process(settings: Settings, stop: Event) -> Iterator[PictureProcess]:
    """Yield the process, which ends when `stop` is set. Raises CommandError."""
    path = settings.data_folder / "pictures" / "service"
    with ExitStack() as stack:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Two of them would publish everything twice.
            stack.enter_context(hold_lock(path, "another `pycturestream pictures`"))
        except (LockedError, OSError) as error:
            raise CommandError(str(error)) from error
        cameras = stack.enter_context(closing(FollowedCameras(settings)))
        erasures = stack.enter_context(closing(FollowedErasures(settings)))
        sinks = [
            AnnotatedSink(AnnotatedFrameWriter(settings)),
            _archive_sink(settings, cameras, erasures, stack),
        ]
        for sink in sinks:
            stack.callback(sink.close)

        def camera_of(camera_id: str) -> Camera:
            return cameras.cameras.get(camera_id) or Camera(camera_id)

        clock = SystemClock(stop)
        live = LiveSink(LivePictureWriter(settings), clock, settings)
        stack.callback(live.close)
        requests = stack.enter_context(closing(LivePictureRequests(settings)))
        requests.start(live.request)
        port = settings.ports.pictures_metrics
        stack.enter_context(exported(settings, port, lambda: live_picture_metrics(live)))
        service = PictureService(sinks, camera_of, clock, settings, live)
        yield PictureProcess(settings, cameras, erasures, service, stop)


def _archive_sink(
    settings: Settings, cameras: FollowedCameras, erasures: FollowedErasures, stack: ExitStack
) -> PictureSink:
    """Return the archive, and start what works beside it until `stack` ends."""
    archive, writer = Archive.of(settings), ArchivedWriter(settings)
    stack.callback(writer.close)

    def erased() -> Erasures:
        erasures.require(_TIMEOUT_S)
        return erasures.known

    sink = ArchiveSink(archive, writer.write, now, erased)
    beside = ArchiveService(settings, archive, sink, writer.write, cameras)
    stack.callback(beside.close)
    beside.start()
    return sink


def _greeting(cameras: Iterable[Camera]) -> str:
    wanting = sorted(camera.camera_id for camera in cameras if camera.wants_pictures)
    return f"pictures of {', '.join(wanting) or 'no camera yet'}, and of those that are looked at"
