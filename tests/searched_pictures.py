"""The search page and its API on services in memory: records, pictures, alerts, cameras."""

from dataclasses import dataclass, field

import numpy as np

from pycturestream.api.application import application
from pycturestream.api.camera_api import camera_paths
from pycturestream.api.links import Links
from pycturestream.api.pages.search import search_page
from pycturestream.api.picture_api import picture_paths
from pycturestream.api.picture_search_api import picture_search_paths
from pycturestream.api.picture_turns import PictureTurns
from pycturestream.application.shown_pictures import ShownPictures
from pycturestream.contracts.topics import ALERTS
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.times import HOUR_MS
from tests.builders import NOON
from tests.fake_alert_service import FakeAlertService
from tests.fake_picture_index import FakePictureIndex


class FakePictureSource:
    """Pictures as they may leave: grey ones, unless a test says what is shown or missing."""

    def __init__(self):
        self.by_frame = {}
        self.fault = None
        self.asked = []

    def fetch(self, record):
        self.asked.append(record.frame_id)
        if self.fault:
            raise self.fault
        size = record.height, record.width, 3
        return self.by_frame.get(record.frame_id, np.full(size, 90, np.uint8))


@dataclass
class SearchedPictures:
    """The application; a test fills it."""

    tokens: object
    index: FakePictureIndex = field(default_factory=FakePictureIndex)
    source: FakePictureSource = field(default_factory=FakePictureSource)
    alerts: FakeAlertService = field(default_factory=FakeAlertService)
    cameras: dict = field(default_factory=dict)
    now: int = NOON

    def put(self, *records):
        self.index.records += records

    def put_alert(self, record):
        self.alerts.put((ALERTS, record))

    def put_camera(self, camera_id, **settings):
        self.cameras[camera_id] = Camera(camera_id, **settings)

    def application(self, *, is_open=False, turns=None):
        shown = ShownPictures(self.index, self.source, lambda: self.cameras)
        pages = [
            camera_paths(lambda: self.cameras),
            picture_search_paths(self.index),
            picture_paths(shown, turns or PictureTurns()),
            search_page(),
        ]
        links = Links("secret", "", HOUR_MS)
        return application(
            self.alerts, self.tokens, links, lambda: self.now, pages=pages, is_open=is_open
        )
