from dataclasses import dataclass, field

import numpy as np
import pytest
from structlog.testing import capture_logs

from producers.camera_publisher import CameraPublisher
from producers.picture import Picture, Skipped
from producers.publish_accounting import PublishAccount
from producers.settings_lookup import NOT_READ_YET, Withheld
from pycturestream.config.settings import Settings
from pycturestream.domain.cameras.camera import Camera, Zone


@dataclass
class FakePublisher:
    """Acknowledges every frame at once."""

    frames: list = field(default_factory=list)

    def open_account(self):
        return PublishAccount(10)

    def publish(self, frame, account):
        account.begin(timeout_s=0)
        self.frames.append(frame)
        account.deliver(frame.captured_at)


@dataclass
class FakeSource:
    items: list
    error: Exception | None = None

    def pictures(self, _clock):
        yield from self.items
        if self.error:
            raise self.error


@dataclass
class Lookup:
    """Returns the settings that a test sets."""

    settings: Camera | Withheld

    def settings_of(self, camera_id):
        assert camera_id == "gate"
        return self.settings


@dataclass
class Stage:
    publisher: FakePublisher
    clock: object
    logs: list
    lookup: Lookup = field(default_factory=lambda: Lookup(Camera("gate")))

    def camera_publisher(self, **values):
        settings = Settings(**values)
        return CameraPublisher("gate", "live", self.publisher, self.clock, settings, self.lookup)

    @property
    def lines(self):
        return [entry["event"] for entry in self.logs]


@pytest.fixture
def stage(clock):
    with capture_logs() as logs:
        yield Stage(FakePublisher(), clock, logs)


def picture(captured_at=1000, content=b"jpeg"):
    return Picture(content, captured_at, "test")


def test_pictures_become_frames_of_the_camera(stage):
    stage.camera_publisher().publish_source(
        FakeSource([picture(1000), picture(2000, np.zeros((48, 64, 3), np.uint8))])
    )

    first, second = stage.publisher.frames
    assert (first.camera_id, first.captured_at, first.jpeg) == ("gate", 1000, b"jpeg")
    assert (first.mode, first.source) == ("live", "test")
    assert second.jpeg.startswith(b"\xff\xd8")


def test_what_the_source_leaves_out_is_counted_and_logged_once(stage):
    camera_publisher = stage.camera_publisher()

    camera_publisher.publish_source(
        FakeSource([Skipped("bad-name", "x.jpg: why"), Skipped("bad-name", "y.jpg: why")])
    )

    assert camera_publisher.account.counts().dropped == {"bad-name": 2}
    assert stage.lines == ["gate: skipped x.jpg: why (further ones are counted)"]


def test_a_picture_that_fits_in_no_message_is_counted_and_the_rest_is_published(stage):
    camera_publisher = stage.camera_publisher(frame_byte_budget=5, message_byte_limit=6)

    camera_publisher.publish_source(FakeSource([picture(1000, b"too long"), picture(2000)]))

    assert camera_publisher.account.counts().dropped == {"too-large": 1}
    assert [frame.captured_at for frame in stage.publisher.frames] == [2000]


def test_when_the_end_has_come_no_further_picture_is_published(stage):
    stage.clock.stopped = True

    stage.camera_publisher().publish_source(FakeSource([picture()]))

    assert stage.publisher.frames == []


def settings_change(stage, camera_publisher, *changes):
    """Publish a picture by each of the settings in turn, from one source."""

    class Source:
        def pictures(self, _clock):
            for number, stage.lookup.settings in enumerate(changes):
                yield Picture(np.full((48, 64, 3), 200, np.uint8), 1000 * number, f"{number}")

    camera_publisher.publish_source(Source())


def test_settings_hold_from_the_next_picture_on(stage):
    everything = Zone("all", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))

    settings_change(
        stage,
        stage.camera_publisher(),
        Camera("gate"),
        Camera("gate", masks=(everything,)),
        Camera("gate"),
    )

    first, masked, last = stage.publisher.frames
    assert first.jpeg == last.jpeg != masked.jpeg


def test_a_picture_before_the_settings_are_known_is_dropped_without_a_warning(stage):
    camera_publisher = stage.camera_publisher()

    settings_change(stage, camera_publisher, NOT_READ_YET, NOT_READ_YET, Camera("gate"))

    assert camera_publisher.account.counts().dropped == {"no-broker": 2}
    assert len(stage.publisher.frames) == 1
    assert stage.lines == []


def test_a_picture_of_a_withheld_camera_is_dropped_and_the_cause_logged_once_a_change(stage):
    gone, bad = Withheld("unmaskable", "gone"), Withheld("unmaskable", "bad")
    camera_publisher = stage.camera_publisher()

    settings_change(stage, camera_publisher, gone, Withheld(gone.reason, gone.why), bad, gone)

    assert camera_publisher.account.counts().dropped == {"unmaskable": 4}
    assert stage.publisher.frames == []
    assert stage.lines == [
        "gate: dropped 0: gone (further ones are counted)",
        "gate: dropped 2: bad (further ones are counted)",
        "gate: dropped 3: gone (further ones are counted)",
    ]
    assert {entry["camera_id"] for entry in stage.logs} == {"gate"}


def test_what_is_no_picture_is_counted_as_that_whatever_the_settings(stage):
    stage.lookup.settings = NOT_READ_YET
    camera_publisher = stage.camera_publisher()

    camera_publisher.publish_source(FakeSource([Skipped("bad-name", "holiday.jpg")]))

    assert camera_publisher.account.counts().dropped == {"bad-name": 1}


def test_the_source_is_closed_with_the_end_of_publishing(stage):
    closed = []

    class Source:
        def pictures(self, _clock):
            try:
                yield picture()
                stage.clock.stopped = True
                yield picture()
            finally:
                closed.append(True)

    stage.camera_publisher().publish_source(Source())

    assert closed == [True]
    assert len(stage.publisher.frames) == 1


def test_no_picture_is_published_where_asking_for_the_settings_stops_the_clock(stage):
    class Moved(Lookup):
        def settings_of(self, camera_id):
            stage.clock.stopped = True
            return super().settings_of(camera_id)

    stage.lookup = Moved(Camera("gate"))
    stage.camera_publisher().publish_source(FakeSource([picture()]))

    assert stage.publisher.frames == []
