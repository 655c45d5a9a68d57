from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from producers.capture_process import StalledError
from producers.picture import Picture, SourceError
from producers.supervisor import Supervisor
from pycturestream.config.settings import Settings


@dataclass
class FakeCameraPublisher:
    """Takes what the source gives."""

    camera_id: str = "gate"
    clock: object = None
    taken: list = field(default_factory=list)

    def publish_source(self, source):
        self.taken += source.pictures(self.clock)


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
    clock: object
    camera_publisher: FakeCameraPublisher = field(default_factory=FakeCameraPublisher)
    warnings: list = field(default_factory=list)
    events: list = field(default_factory=list)

    def run(self, open_source, **values):
        with capture_logs() as logs:
            Supervisor(
                self.camera_publisher, self.clock, Settings(**values), self.events.append
            ).run(open_source)
        assert all(entry["camera_id"] == "gate" for entry in logs)
        self.warnings += [entry["event"] for entry in logs]

    @property
    def states(self):
        return [(event.event, event.detail) for event in self.events]


@pytest.fixture
def stage(clock):
    return Stage(clock)


def picture(captured_at=1000):
    return Picture(b"jpeg", captured_at, "test")


def test_a_source_that_ends_is_not_opened_again(stage):
    opened = []

    stage.run(lambda: opened.append(1) or FakeSource([picture()]))

    assert len(opened) == 1


def test_a_failing_source_is_logged_once_and_tried_until_it_works(stage):
    broken = [FakeSource([], SourceError("cam: can't be opened"))] * 3
    sources = iter([*broken, FakeSource([picture()])])

    stage.run(lambda: next(sources))

    assert stage.warnings == ["gate: cam: can't be opened; trying again"]
    assert len(stage.camera_publisher.taken) == 1
    assert len(stage.clock.waits) == 3


def test_an_error_nobody_expected_does_not_end_a_camera_either(stage):
    sources = iter([FakeSource([], ZeroDivisionError("oh")), FakeSource([picture()])])

    stage.run(lambda: next(sources))

    assert stage.warnings == ["gate: ZeroDivisionError: oh; trying again"]
    assert len(stage.camera_publisher.taken) == 1


def test_after_pictures_came_the_same_failure_is_logged_again(stage):
    lost = SourceError("cam: broke off")
    sources = iter([FakeSource([picture()], lost), FakeSource([picture()], lost), FakeSource([])])

    stage.run(lambda: next(sources))

    assert stage.warnings == ["gate: cam: broke off; trying again"] * 2


def test_each_change_of_a_camera_emits_one_event_with_its_cause(stage):
    away = FakeSource([], SourceError("cam: can't be opened"))
    sources = iter(
        [
            away,
            away,
            FakeSource([picture(), picture()], StalledError("cam: no picture for 5 s")),
            away,
            FakeSource([picture()], SourceError("cam: broke off")),
            FakeSource([picture()]),
        ]
    )

    stage.run(lambda: next(sources))

    assert stage.states == [
        ("reconnecting", "cam: can't be opened"),
        ("connected", ""),
        ("stalled", "cam: no picture for 5 s"),
        ("reconnecting", "cam: can't be opened"),
        ("connected", ""),
        ("reconnecting", "cam: broke off"),
        ("connected", ""),
        ("ended", "the source has ended"),
    ]
    assert [event.camera_id for event in stage.events] == ["gate"] * 8
    times = [event.at for event in stage.events]
    assert times == sorted(times)


def test_what_fails_because_the_end_has_come_is_no_failure(stage):
    class Stopped:
        def pictures(self, clock):
            yield picture()
            clock.stopped = True
            raise SourceError("cam: broke off")

    stage.camera_publisher.clock = stage.clock
    stage.run(Stopped)

    assert stage.states == [("connected", ""), ("ended", "stopped")]
    assert stage.warnings == []


def test_no_password_is_logged_whatever_an_error_says(stage):
    error = OSError("failed at rtsp://admin:hunter2@cam/main?pwd=hunter2 twice")
    sources = iter([FakeSource([], error), FakeSource([])])

    stage.run(lambda: next(sources))

    assert stage.warnings == ["gate: OSError: failed at rtsp://cam twice; trying again"]
    assert "hunter2" not in str(stage.events)


def test_a_camera_that_breaks_off_at_once_each_time_is_waited_for_longer_and_longer(stage):
    lost = FakeSource([picture()], SourceError("cam: broke off"))
    sources = iter([*[lost] * 12, FakeSource([])])

    stage.run(lambda: next(sources), reconnect_backoff_ms=500, reconnect_backoff_max_ms=8000)

    assert all(4 <= wait <= 8 for wait in stage.clock.waits[5:])


def test_a_camera_that_gave_pictures_for_a_while_is_tried_soon(stage):
    class Steady:
        def pictures(self, clock):
            yield picture()
            clock.elapsed += 60
            raise SourceError("cam: broke off")

    sources = iter([*[Steady()] * 5, FakeSource([])])
    stage.camera_publisher.clock = stage.clock

    stage.run(lambda: next(sources))

    assert all(wait <= 0.5 for wait in stage.clock.waits)


def test_waits_grow_to_the_longest_while_a_source_stays_away(stage):
    broken = [FakeSource([], SourceError("cam: gone"))] * 12
    sources = iter([*broken, FakeSource([])])

    stage.run(lambda: next(sources), reconnect_backoff_ms=500, reconnect_backoff_max_ms=8000)

    assert stage.clock.waits[0] <= 0.5
    assert all(4 <= wait <= 8 for wait in stage.clock.waits[5:])


def test_waits_double_and_differ_by_chance(stage):
    sources = iter([*[FakeSource([], SourceError("cam: gone"))] * 4, FakeSource([])])

    stage.run(lambda: next(sources), reconnect_backoff_ms=1000, reconnect_backoff_max_ms=4000)

    bounds = [(0.5, 1), (1, 2), (2, 4), (2, 4)]
    for wait, (low, high) in zip(stage.clock.waits, bounds, strict=True):
        assert low <= wait <= high
    assert len(set(stage.clock.waits)) == 4
