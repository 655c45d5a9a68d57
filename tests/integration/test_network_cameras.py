"""Real streams that fail in every way: pictures come back, are new, and no other camera notices."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice, pairwise

import cv2
import psutil
import pytest
from structlog.testing import capture_logs

from producers.capture_process import StalledError
from producers.picture import Picture, SourceError
from producers.stream import Stream
from producers.supervisor import Supervisor
from pycturestream.clock import SystemClock
from pycturestream.config.settings import PROJECT_FOLDER, Settings
from tests.rtsp_server import RtspServer
from tests.waiting import eventually

pytestmark = pytest.mark.integration

STREET = PROJECT_FOLDER / "samples" / "street.mp4"
BITS = 16
SIDE = 16
"""A picture's number is drawn at its upper edge: a white or black square for each bit."""
TIMEOUT_S = 3.0
SOON = 30
"""Pictures, three seconds: what a busy machine may take from a camera to here."""


@pytest.fixture(scope="module")
def footage():
    capture = cv2.VideoCapture(str(STREET))
    pictures = [capture.read()[1][:256, :512] for _ in range(25)]
    capture.release()
    return pictures


@pytest.fixture
def draw(footage):
    def draw(number):
        pixels = footage[number % len(footage)].copy()
        for bit in range(BITS):
            pixels[:SIDE, bit * SIDE : (bit + 1) * SIDE] = 255 * (number >> bit & 1)
        return cv2.imencode(".jpg", pixels)[1].tobytes()

    return draw


def number_of(picture):
    middles = picture.content[SIDE // 2, SIDE // 2 : BITS * SIDE : SIDE].mean(axis=1)
    return sum(int(middle > 127) << bit for bit, middle in enumerate(middles))


@pytest.fixture
def start_camera(draw):
    started = []

    def start(**values):
        started.append(RtspServer(draw, **values))
        return started[-1]

    yield start
    for camera in started:
        camera.stop()


@pytest.fixture
def camera(start_camera):
    return start_camera()


@contextmanager
def pictures_of(address, fps=10, timeout_s=TIMEOUT_S, clock=None):
    with closing(Stream(address, fps, timeout_s).pictures(clock or SystemClock())) as pictures:
        yield pictures


def capture_processes():
    """Return the processes that capture a camera."""
    pools = [
        child
        for child in psutil.Process().children()
        if child.status() != psutil.STATUS_ZOMBIE and "capture_pool" in str(child.cmdline())
    ]
    return [child for each in pools for child in each.children()]


# --- one stream -------------------------------------------------------------------------------


def test_pictures_are_new_from_the_first_on(start_camera):
    camera = start_camera(fps=5)
    with pictures_of(camera.address) as pictures:
        for picture in islice(pictures, 10):
            assert camera.number - number_of(picture) <= SOON / 2
            assert picture.content.shape == (256, 512, 3)
            assert picture.origin == f"rtsp://127.0.0.1:{camera.port}"
    assert camera.transports == ["tcp"]


def test_after_a_pause_of_the_reader_the_next_picture_is_a_new_one(camera):
    with pictures_of(camera.address) as pictures:
        next(pictures)
        paused_at = camera.number
        assert eventually(lambda: camera.number > paused_at + 2 * SOON)
        asked_at = camera.number

        assert number_of(next(pictures)) >= asked_at - SOON


def test_what_the_network_held_up_is_skipped(camera):
    with pictures_of(camera.address, timeout_s=60) as pictures:
        for _ in range(5):
            next(pictures)
        camera.behaviour = "held up"
        held_up_at = camera.number
        assert eventually(lambda: camera.number > held_up_at + 5)  # what was on its way has come
        threading.Timer(4, setattr, (camera, "behaviour", "healthy")).start()

        assert number_of(next(pictures)) >= held_up_at + 45 - SOON


def test_a_camera_that_can_not_do_tcp_is_received_by_udp(start_camera):
    camera = start_camera(tcp=False)

    with pictures_of(camera.address) as pictures:
        numbers = [number_of(picture) for picture in islice(pictures, 5)]

    assert numbers == sorted(set(numbers))
    assert camera.transports[-1] == "udp"


@pytest.mark.parametrize("behaviour", ["silent", "trickling"])
def test_a_stream_without_pictures_has_stalled_whatever_else_it_sends(camera, behaviour):
    with pictures_of(camera.address) as pictures:
        next(pictures)
        camera.behaviour = behaviour

        with pytest.raises(StalledError, match=r"^rtsp://\S+: no picture for 3 s$"):
            list(pictures)


@pytest.mark.parametrize("behaviour", ["silent", "refusing"])
def test_a_camera_that_accepts_connections_and_does_not_answer_can_not_be_opened(camera, behaviour):
    camera.behaviour = behaviour

    with (
        pictures_of(camera.address, timeout_s=1) as pictures,
        pytest.raises(SourceError, match="can't be opened"),
    ):
        next(pictures)


def test_a_stalled_camera_leaves_no_process_behind(camera):
    with pictures_of(camera.address, timeout_s=1) as pictures:
        next(pictures)
        camera.behaviour = "silent"
        assert capture_processes()
        with pytest.raises(StalledError):
            next(pictures)

    assert eventually(lambda: not capture_processes())


def test_a_stopped_clock_ends_the_wait_for_a_silent_camera(camera):
    clock = SystemClock()
    with pictures_of(camera.address, timeout_s=3600, clock=clock) as pictures:
        next(pictures)
        camera.behaviour = "silent"
        threading.Timer(0.5, clock.stop.set).start()

        assert list(pictures) == []


@pytest.mark.parametrize("whose", ["the camera's process", "the pool"])
def test_a_process_that_was_killed_costs_no_more_than_a_new_connection(camera, whose):
    with pictures_of(camera.address) as pictures:
        next(pictures)
        [process] = capture_processes()
        if whose == "the pool":
            os.kill(process.ppid(), signal.SIGKILL)
        process.kill()

        with pytest.raises(SourceError, match="broke off"):
            list(pictures)

    with pictures_of(camera.address) as pictures:
        assert camera.number - number_of(next(pictures)) <= SOON


@pytest.mark.slow
def test_when_a_producer_is_killed_its_processes_end_even_those_that_hang(camera):
    with subprocess.Popen(
        [
            sys.executable,
            "-m",
            "pycturestream.cli.main",
            "publish",
            camera.address,
            "--camera",
            "gate",
        ],
        cwd=PROJECT_FOLDER,
        env={**os.environ, "PYCTURESTREAM_KAFKA_SERVERS": "127.0.0.1:9"},  # nothing listens there
        stderr=subprocess.DEVNULL,
    ) as producer:
        assert eventually(lambda: bool(camera.transports))
        camera.behaviour = "silent"
        children = psutil.Process(producer.pid).children(recursive=True)
        producer.kill()

    assert len(children) == 2
    assert eventually(lambda: not any(child.is_running() for child in children))


# --- over HTTP --------------------------------------------------------------------------------


class MotionJpeg(BaseHTTPRequestHandler):
    """A simple network camera."""

    def __init__(self, draw, *arguments):
        self.draw = draw
        super().__init__(*arguments)

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=next")
        self.end_headers()
        for number in range(200):
            jpeg = self.draw(number)
            self.wfile.write(b"--next\r\nContent-Type: image/jpeg\r\n")
            self.wfile.write(b"Content-Length: %d\r\n\r\n%s\r\n" % (len(jpeg), jpeg))

    def log_message(self, *_):
        pass


@pytest.fixture
def http_camera(draw):
    class Server(ThreadingHTTPServer):
        def handle_error(self, *_):
            pass  # the client has left

    server = Server(("127.0.0.1", 0), partial(MotionJpeg, draw))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_pictures_come_over_http_too(http_camera):
    with pictures_of(f"{http_camera}/video.mjpg", fps=1000) as pictures:
        numbers = [number_of(picture) for picture in islice(pictures, 10)]

    assert numbers == sorted(set(numbers))


# --- many -------------------------------------------------------------------------------------


@dataclass
class Recorder:
    """Keeps the numbers of a camera's pictures, its events and what was logged about it."""

    camera_id: str
    clock: SystemClock
    numbers: list = field(default_factory=list)
    logs: list = field(default_factory=list)
    events: list = field(default_factory=list)

    @property
    def warnings(self):
        return [entry["event"] for entry in self.logs if entry["camera_id"] == self.camera_id]

    def publish_source(self, source):
        with closing(source.pictures(self.clock)) as pictures:
            for picture in pictures:
                assert isinstance(picture, Picture)
                self.numbers.append(number_of(picture))


@pytest.fixture
def record():
    """Return what records cameras in threads until the end of the test."""
    clock, threads = SystemClock(), []

    def record(camera_id, address):
        recorder = Recorder(camera_id, clock, logs=logs)
        settings = Settings(reconnect_backoff_ms=200, reconnect_backoff_max_ms=1000)
        supervisor = Supervisor(recorder, clock, settings, recorder.events.append)
        source = Stream(address, 10, TIMEOUT_S)
        threads.append(threading.Thread(target=supervisor.run, args=(lambda: source,)))
        threads[-1].start()
        return recorder

    with capture_logs() as logs:
        yield record
        clock.stop.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize(
    "failure",
    [
        "dead",
        "silent",
        pytest.param("trickling", marks=pytest.mark.slow),
        pytest.param("refusing", marks=pytest.mark.slow),
    ],
)
def test_a_camera_comes_back_with_new_pictures_and_the_other_one_never_missed_a_beat(
    start_camera, record, failure
):
    ill, well = start_camera(), start_camera()
    of_ill, of_well = record("ill", ill.address), record("well", well.address)
    assert eventually(lambda: len(of_ill.numbers) >= 5 and len(of_well.numbers) >= 5)

    if failure == "dead":
        ill.stop()
    else:
        ill.behaviour = failure
    assert eventually(lambda: len(of_ill.warnings) >= 1)
    pictures, away_since = len(of_ill.numbers), well.number
    assert eventually(lambda: well.number > away_since + 2 * SOON)
    if failure == "dead":
        ill = start_camera(port=ill.port)
    ill.behaviour = "healthy"
    back_at = ill.number
    assert eventually(lambda: len(of_ill.numbers) >= pictures + 5)

    assert of_ill.numbers[pictures] >= back_at - SOON
    assert max(later - earlier for earlier, later in pairwise(of_well.numbers)) <= SOON
    assert of_well.warnings == []
    assert [event.event for event in of_well.events] == ["connected"]
    states = [event.event for event in of_ill.events]
    stalled = ["stalled"] if failure in {"silent", "trickling"} else []
    assert states == ["connected", *stalled, "reconnecting", "connected"]
    for warning in of_ill.warnings:
        assert re.fullmatch(r"ill: rtsp://127\.0\.0\.1:\d+: [^:]+; trying again", warning)
    assert max(Counter(of_ill.warnings).values()) == 1
