"""The supervisor of the local stack, a process of it: `python -m` this module.

`up` starts it and `down` ends it first. Two of them never run: both are started under the lock of
`up` and `down`.
"""

from collections.abc import Mapping
from contextlib import closing
from typing import Final

from pycturestream.application.live_pictures import LivePictureRequests
from pycturestream.application.supervision import supervise
from pycturestream.archive.in_use import ArchiveUse
from pycturestream.clock import Clock, SystemClock
from pycturestream.config.settings import Settings, settings
from pycturestream.localstack.stack import PictureServer, SampleCameras, known_servers
from pycturestream.log.cameras import FollowedCameras
from pycturestream.logging_setup import configure_logs
from pycturestream.signals import until_interrupted

LOOKED_S: Final = 600.0
"""For so long the picture service goes on after the last look: pages are closed and opened again,
and it takes some seconds to start."""


class Looks:
    """Whether somebody has looked at live pictures lately."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self._clock = clock
        self._are_shown = settings.live_picture_share > 0
        self._until = 0.0

    def request(self, cameras: Mapping[str, object]) -> None:
        """Take note, in any thread, of what somebody looks at."""
        if cameras and self._are_shown:
            self._until = self._clock.seconds() + LOOKED_S

    @property
    def are_recent(self) -> bool:
        return self._clock.seconds() < self._until


def main() -> None:
    """Supervise until SIGTERM."""
    configure_logs(settings().log_format)
    with (
        until_interrupted() as stop,
        closing(FollowedCameras(settings())) as cameras,
        closing(LivePictureRequests(settings())) as requests,
    ):
        clock = SystemClock(stop)
        archive, looks = ArchiveUse(settings(), clock), Looks(clock, settings())
        requests.start(looks.request)

        def wants_pictures() -> bool | None:
            if looks.are_recent:
                return True
            if not cameras.is_complete:
                return None
            known = cameras.cameras.values()
            # What was archived before has to be removed in time.
            return any(camera.wants_pictures for camera in known) or archive.is_used()

        servers = [*known_servers(settings()), SampleCameras(settings())]
        wanted = [(PictureServer(settings()), wants_pictures)]
        supervise(settings(), servers, clock, stop, wanted)


if __name__ == "__main__":
    main()
