"""The supervisor of the local stack, a process of it: `python -m` this module.

`up` starts it and `down` ends it first. Two of them never run: both are started under the lock of
`up` and `down`.
"""

from contextlib import closing

from pycturestream.application.supervision import supervise
from pycturestream.archive.in_use import ArchiveUse
from pycturestream.clock import SystemClock
from pycturestream.config.settings import settings
from pycturestream.localstack.stack import PictureServer, SampleCameras, known_servers
from pycturestream.log.cameras import FollowedCameras
from pycturestream.logging_setup import configure_logs
from pycturestream.signals import until_interrupted


def main() -> None:
    """Supervise until SIGTERM."""
    configure_logs(settings().log_format)
    with until_interrupted() as stop, closing(FollowedCameras(settings())) as cameras:
        archive = ArchiveUse(settings(), SystemClock(stop))

        def wants_pictures() -> bool | None:
            if not cameras.is_complete:
                return None
            known = cameras.cameras.values()
            # What was archived before has to be removed in time.
            return any(camera.wants_pictures for camera in known) or archive.is_used()

        servers = [*known_servers(settings()), SampleCameras(settings())]
        wanted = [(PictureServer(settings()), wants_pictures)]
        supervise(settings(), servers, SystemClock(stop), stop, wanted)


if __name__ == "__main__":
    main()
