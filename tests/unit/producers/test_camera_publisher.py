from dataclasses import dataclass, field

import numpy as np
import pytest

from producers.camera_publisher import CameraPublisher
from producers.picture import Picture, Skipped
from producers.publish_accounting import PublishAccounts
from pycturestream.config.settings import Settings
from pycturestream.domain.cameras.camera import Camera


@dataclass
class FakePublisher:
    """Acknowledges every frame at once."""

    frames: list = field(default_factory=list)

    def accounts(self):
        return PublishAccounts(10)

    def publish(self, frame, accounts):
        accounts.begin(patience=0)
        self.frames.append(frame)
        accounts.deliver(frame.captured_at)


@dataclass
class FakeSource:
    items: list
    error: Exception | None = None

    def pictures(self, _clock):
        yield from self.items
        if self.error:
            raise self.error


@dataclass
class Stage:
    publisher: FakePublisher
    clock: object
    warnings: list = field(default_factory=list)

    def camera_publisher(self, **values):
        settings = Settings(**values)
        return CameraPublisher(
            Camera("gate"), "live", self.publisher, self.clock, settings, self.warnings.append
        )


@pytest.fixture
def stage(clock):
    return Stage(FakePublisher(), clock)


def picture(captured_at=1000, content=b"jpeg"):
    return Picture(content, captured_at, "test")


def test_pictures_become_frames_of_the_camera(stage):
    stage.camera_publisher().once(
        FakeSource([picture(1000), picture(2000, np.zeros((48, 64, 3), np.uint8))])
    )

    first, second = stage.publisher.frames
    assert (first.camera_id, first.captured_at, first.jpeg) == ("gate", 1000, b"jpeg")
    assert (first.mode, first.source) == ("live", "test")
    assert second.jpeg.startswith(b"\xff\xd8")


def test_what_the_source_leaves_out_is_counted_and_told_once(stage):
    camera_publisher = stage.camera_publisher()

    camera_publisher.once(
        FakeSource([Skipped("bad-name", "x.jpg: why"), Skipped("bad-name", "y.jpg: why")])
    )

    assert camera_publisher.accounts.account().dropped == {"bad-name": 2}
    assert stage.warnings == ["gate: skipped x.jpg: why (further ones are counted)"]


def test_a_picture_that_fits_in_no_message_is_counted_and_the_rest_goes_on(stage):
    camera_publisher = stage.camera_publisher(frame_byte_budget=5, message_byte_limit=6)

    camera_publisher.once(FakeSource([picture(1000, b"too long"), picture(2000)]))

    assert camera_publisher.accounts.account().dropped == {"too-large": 1}
    assert [frame.captured_at for frame in stage.publisher.frames] == [2000]


def test_when_the_end_has_come_no_further_picture_is_published(stage):
    stage.clock.stopped = True

    stage.camera_publisher().once(FakeSource([picture()]))

    assert stage.publisher.frames == []
