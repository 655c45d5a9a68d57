"""A real server of the live pages on a loopback port, on services in memory."""

from contextlib import contextmanager
from dataclasses import dataclass, field

from pycturestream.api.application import application
from pycturestream.api.camera_api import camera_paths
from pycturestream.api.links import Links
from pycturestream.api.live_hub import LiveHub
from pycturestream.api.pages.live import live_pages, live_paths
from pycturestream.application.live_view import LiveView
from pycturestream.config.settings import Settings
from pycturestream.domain.times import HOUR_MS
from tests.fake_alert_service import FakeAlertService
from tests.fake_live import FakeCameraEvents, FakeLiveHistory, FakeLivePictures, FakeLiveResults
from tests.served import served
from tests.unit.api.eye_server import SetClock


@dataclass
class LiveServer:
    """The HTTP application with the live pages."""

    tokens: object
    settings: Settings = field(default_factory=Settings)
    results: FakeLiveResults = field(default_factory=FakeLiveResults)
    pictures: FakeLivePictures = field(default_factory=FakeLivePictures)
    events: FakeCameraEvents = field(default_factory=FakeCameraEvents)
    history: FakeLiveHistory = field(default_factory=FakeLiveHistory)
    service: FakeAlertService = field(default_factory=FakeAlertService)
    clock: object = field(default_factory=SetClock)
    cameras: dict = field(default_factory=dict)
    is_open: bool = False
    port: int = 0
    hub: LiveHub | None = None

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def application(self):
        """Return the application with a hub of its own."""
        view = LiveView(lambda: self.cameras, self.service.commands, self.settings.offline_after_ms)
        self.hub = LiveHub(self.results, self.pictures, self.events, view, self.clock)
        routers = (
            live_pages(self.hub),
            live_paths(self.history),
            camera_paths(lambda: self.cameras),
        )
        return application(
            self.service,
            self.tokens,
            Links("secret", "", HOUR_MS),
            self.clock.now,
            pages=routers,
            is_open=self.is_open,
        )

    @contextmanager
    def running(self):
        app = self.application()
        with served(app, self.settings, self.port) as address:
            self.port = int(address.rpartition(":")[2])
            yield self
