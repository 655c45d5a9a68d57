"""A camera of a file while its settings change: real threads, pictures from folders."""

import threading
from dataclasses import dataclass, field

import cv2
import numpy as np
import pytest
from structlog.testing import capture_logs

from producers.camera_worker import CameraWorker, OpenSource
from producers.publish_accounting import PublishAccount
from producers.settings_lookup import PRUNED, Withheld
from pycturestream.clock import SystemClock
from pycturestream.config.camera_file import CameraEntry
from pycturestream.config.settings import Settings
from pycturestream.domain.cameras.camera import Camera, Motion, Zone
from tests.waiting import eventually

WHITE, GREY = 250, 120
LEFT = Zone("left", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
RIGHT = Zone("right", ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)))
GONE = Withheld("unmaskable", "gone")


@dataclass
class Lookup:
    """Returns the settings that a test sets."""

    settings: Camera | Withheld

    def settings_of(self, _camera_id):
        return self.settings


@dataclass
class FakePublisher:
    """Acknowledges every frame at once."""

    frames: list = field(default_factory=list)
    events: list = field(default_factory=list)

    def open_account(self):
        return PublishAccount(10)

    def publish(self, frame, account):
        account.begin(timeout_s=0)
        self.frames.append(frame)
        account.deliver(frame.captured_at)

    def emit_event(self, event):
        self.events.append((event.event, event.detail))


@dataclass
class Stage:
    lookup: Lookup
    publisher: FakePublisher
    worker: CameraWorker
    logs: list

    @property
    def lines(self):
        return [entry["event"] for entry in self.logs]

    def come(self):
        """Whether more frames come soon."""
        before = len(self.publisher.frames)
        return eventually(lambda: len(self.publisher.frames) > before + 1, timeout_s=10)

    def halves(self):
        """Return how bright both halves of each frame so far are: white, grey or masked."""
        return {
            tuple(
                min((0, GREY, WHITE), key=lambda level: abs(level - half.mean()))
                for half in np.split(pixels, 2, axis=1)
            )
            for pixels in (
                cv2.imdecode(np.frombuffer(frame.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
                for frame in self.publisher.frames
            )
        }


@pytest.fixture
def start(tmp_path):
    """Return what starts a camera whose pictures are in folders `white` and `grey`."""
    for name, level in {"white": WHITE, "grey": GREY}.items():
        (tmp_path / name).mkdir()
        for second in range(3):
            path = tmp_path / name / f"x_20261121T09000{second}Z.jpg"
            cv2.imwrite(str(path), np.full((240, 320, 3), level, np.uint8))
    workers = []

    def start(camera, *, loop=True):
        lookup, publisher = Lookup(camera), FakePublisher()
        worker = CameraWorker(
            CameraEntry(camera, loop),
            tmp_path,
            publisher,
            Settings(reconnect_backoff_ms=60_000, reconnect_backoff_max_ms=60_000),
            lookup,
            lambda camera: camera.fps,
        )
        workers.append(worker)
        worker.start()
        return Stage(lookup, publisher, worker, logs)

    with capture_logs() as logs:
        yield start
        for worker in workers:
            worker.stop()


def camera(source="white", **values):
    return Camera("gate", source=source, fps=50, **values)


def test_a_mask_holds_from_the_next_picture_on_without_opening_the_source_again(start):
    stage = start(camera())
    assert stage.come()
    stage.lookup.settings = camera(masks=(LEFT,))
    assert stage.come()

    assert eventually(lambda: stage.halves() == {(WHITE, WHITE), (0, WHITE)})
    assert stage.publisher.events == [("connected", "")]


def test_a_changed_source_is_opened_and_no_mask_meets_the_picture_of_another_view(start):
    stage = start(camera(masks=(LEFT,)))
    for _ in range(5):
        assert stage.come()
        stage.lookup.settings = camera("grey", masks=(RIGHT,))
        assert stage.come()
        stage.lookup.settings = camera(masks=(LEFT,))

    assert stage.halves() == {(0, WHITE), (GREY, 0)}
    assert stage.lines == []


def test_a_camera_that_never_connects_is_silent_since_its_start(start):
    before = SystemClock().now()

    stage = start(camera("nowhere"))

    assert eventually(lambda: stage.lines != [])
    assert before <= stage.worker.silent_since <= SystemClock().now()


def test_a_camera_is_silent_since_its_newest_picture(start):
    stage = start(camera())
    assert stage.come()
    began = stage.worker.silent_since

    assert eventually(lambda: stage.worker.silent_since > began)
    stage.worker.stop()
    assert stage.worker.silent_since is None


def test_no_picture_is_due_after_the_end_of_a_source(start, make_video):
    stage = start(camera(make_video(pictures=3, fps=20).name), loop=False)
    assert eventually(lambda: not stage.worker.is_active)

    assert stage.worker.silent_since is None


def test_no_picture_is_due_of_a_folder_that_is_watched(start):
    stage = start(camera(), loop=False)

    assert eventually(lambda: stage.worker.silent_since is None)
    assert stage.worker.is_active


@pytest.mark.parametrize(
    ("settings", "is_due"),
    [
        (camera(motion=Motion(gate="trigger")), False),
        (camera(motion=Motion(gate="on", heartbeat_s=10)), True),
        (camera(motion=Motion(gate="on", heartbeat_s=3600)), False),
        (Camera("gate", source="white", fps=0.01), False),
        (PRUNED, False),
        (GONE, True),
    ],
    ids=["trigger", "heartbeat", "rare heartbeat", "low rate", "forgotten", "unreadable"],
)
def test_a_picture_is_due_only_of_a_camera_that_gives_them_steadily(start, settings, is_due):
    stage = start(camera("nowhere"))
    assert stage.worker.silent_since is not None

    stage.lookup.settings = settings

    assert (stage.worker.silent_since is not None) is is_due


def test_a_changed_source_ends_the_wait_for_one_that_fails(start):
    stage = start(camera("nowhere"))
    assert eventually(lambda: stage.lines != [])
    assert stage.worker.is_active

    stage.lookup.settings = camera()

    assert stage.come()


@pytest.mark.parametrize("withheld", [GONE, PRUNED])
def test_a_withheld_camera_publishes_nothing_until_it_is_back(start, withheld):
    stage = start(camera())
    assert stage.come()
    stage.lookup.settings = withheld
    assert eventually(lambda: len(stage.lines) == 1)
    assert stage.worker.is_active
    frames = len(stage.publisher.frames)
    assert not eventually(lambda: len(stage.publisher.frames) > frames, timeout_s=0.5)

    stage.lookup.settings = camera()
    assert stage.come()

    assert stage.lines == [
        f"gate: {withheld.why}; not published until fixed",
        "gate: published again",
    ]
    assert stage.publisher.events[:3] == [
        ("connected", ""),
        ("ended", "stopped"),
        ("connected", ""),
    ]


def test_a_source_that_has_ended_is_not_opened_again_but_another_one_is(start, make_video):
    video = make_video(pictures=3, fps=20)
    stage = start(camera(video.name), loop=False)
    assert eventually(lambda: not stage.worker.is_active)
    assert stage.publisher.events[-1] == ("ended", "the source has ended")
    frames = len(stage.publisher.frames)
    assert not eventually(lambda: len(stage.publisher.frames) > frames, timeout_s=0.5)

    stage.lookup.settings = camera("grey")  # a folder is watched until the end

    assert eventually(lambda: stage.worker.is_active)


def test_a_withheld_camera_can_be_stopped(start):
    stage = start(camera())
    stage.lookup.settings = GONE
    assert eventually(lambda: stage.lines != [])

    stage.worker.stop()

    assert not stage.worker.is_active


def test_the_clock_of_a_source_stops_as_the_settings_name_another_and_stays_so():
    lookup = Lookup(camera("white"))
    source = OpenSource("gate", lookup)
    source.begin("white")
    assert not source.stopped

    lookup.settings = camera("grey")
    assert source.settings_of("gate") == camera("grey")
    lookup.settings = camera("white")
    assert source.stopped

    source.begin("white")
    assert not source.stopped


def test_a_wait_ends_soon_after_the_settings_have_changed():
    lookup = Lookup(camera("white"))
    source = OpenSource("gate", lookup)
    source.begin("white")
    changing = threading.Timer(0.1, setattr, (lookup, "settings", GONE))
    before = source.seconds()
    changing.start()

    source.sleep(60)

    changing.join()
    assert source.seconds() - before < 30
