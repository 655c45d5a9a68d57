from dataclasses import dataclass, field

import numpy as np
import pytest

from producers.film import Film, backoff
from producers.ledger import Ledger
from producers.picture import Picture, Skipped, SourceError
from pycturestream.settings import Settings


@dataclass
class FakePublisher:
    """Acknowledges every frame at once."""

    frames: list = field(default_factory=list)

    def ledger(self):
        return Ledger(10)

    def publish(self, frame, ledger):
        ledger.begin(patience=0)
        self.frames.append(frame)
        ledger.deliver(frame.captured_at)


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

    def film(self, **values):
        settings = Settings(**values)
        return Film("gate", "live", self.publisher, self.clock, settings, self.warnings.append)


@pytest.fixture
def stage(clock):
    return Stage(FakePublisher(), clock)


def picture(captured_at=1000, content=b"jpeg"):
    return Picture(content, captured_at, "test")


def test_pictures_become_frames_of_the_camera(stage):
    stage.film().once(FakeSource([picture(1000), picture(2000, np.zeros((48, 64, 3), np.uint8))]))

    first, second = stage.publisher.frames
    assert (first.camera_id, first.captured_at, first.jpeg) == ("gate", 1000, b"jpeg")
    assert (first.mode, first.source) == ("live", "test")
    assert second.jpeg.startswith(b"\xff\xd8")


def test_what_the_source_leaves_out_is_counted_and_told_once(stage):
    film = stage.film()

    film.once(FakeSource([Skipped("bad-name", "x.jpg: why"), Skipped("bad-name", "y.jpg: why")]))

    assert film.ledger.account().dropped == {"bad-name": 2}
    assert stage.warnings == ["gate: skipped x.jpg: why (further ones are counted)"]


def test_a_picture_that_fits_in_no_message_is_counted_and_the_rest_goes_on(stage):
    film = stage.film(frame_byte_budget=5, message_byte_limit=6)

    film.once(FakeSource([picture(1000, b"too long"), picture(2000)]))

    assert film.ledger.account().dropped == {"too-large": 1}
    assert [frame.captured_at for frame in stage.publisher.frames] == [2000]


def test_when_the_end_has_come_no_further_picture_is_published(stage):
    stage.clock.stopped = True

    stage.film().once(FakeSource([picture()]))

    assert stage.publisher.frames == []


def test_a_source_that_ends_is_not_opened_again(stage):
    opened = []

    stage.film().on_and_on(lambda: opened.append(1) or FakeSource([picture()]))

    assert len(opened) == 1


def test_a_failing_source_is_told_once_and_tried_until_it_works(stage):
    broken = [FakeSource([], SourceError("cam: can't be opened"))] * 3
    sources = iter([*broken, FakeSource([picture()])])

    stage.film().on_and_on(lambda: next(sources))

    assert stage.warnings == ["gate: cam: can't be opened; trying again"]
    assert len(stage.publisher.frames) == 1
    assert len(stage.clock.waits) == 3


def test_an_error_nobody_expected_does_not_end_a_camera_either(stage):
    sources = iter([FakeSource([], ZeroDivisionError("oh")), FakeSource([picture()])])

    stage.film().on_and_on(lambda: next(sources))

    assert stage.warnings == ["gate: ZeroDivisionError: oh; trying again"]
    assert len(stage.publisher.frames) == 1


def test_after_pictures_came_the_same_failure_is_told_again(stage):
    lost = SourceError("cam: broke off")
    sources = iter([FakeSource([picture()], lost), FakeSource([picture()], lost), FakeSource([])])

    stage.film().on_and_on(lambda: next(sources))

    assert stage.warnings == ["gate: cam: broke off; trying again"] * 2


def test_waits_grow_to_the_longest_while_a_source_stays_away(stage):
    broken = [FakeSource([], SourceError("cam: gone"))] * 12
    sources = iter([*broken, FakeSource([])])

    stage.film(reconnect_backoff_ms=500, reconnect_backoff_max_ms=8000).on_and_on(
        lambda: next(sources)
    )

    assert stage.clock.waits[0] <= 0.5
    assert all(4 <= wait <= 8 for wait in stage.clock.waits[5:])


def test_backoff_doubles_and_differs_by_chance():
    waits = backoff(1, 4)
    bounds = [(0.5, 1), (1, 2), (2, 4), (2, 4)]

    assert all(low <= next(waits) <= high for low, high in bounds)
