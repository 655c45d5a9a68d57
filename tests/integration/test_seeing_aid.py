"""The seeing aid with real servers and jobs: a phone sends a clip and hears what is in it."""

import json
import threading
from itertools import islice

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from producers.encode import Encoder, Fit
from producers.video import file_address, open_video
from pycturestream.application.stack import start_stack
from pycturestream.clock import now
from pycturestream.config.settings import PROJECT_FOLDER, settings
from pycturestream.contracts.eye_messages import PhonePicture, encode_picture
from pycturestream.contracts.results import decode_result
from pycturestream.contracts.topics import DEAD_LETTER, DETECTIONS
from pycturestream.localstack.jobs import JOBS
from pycturestream.localstack.stack import stop_stack
from pycturestream.log.cameras import known_cameras
from pycturestream.log.reader import read_to_end
from tests.waiting import eventually

pytestmark = [
    pytest.mark.slow,  # a whole stack of its own
    pytest.mark.integration,
    pytest.mark.timeout(900),  # three servers and two jobs have to start first
]

CLIP = PROJECT_FOLDER / "samples" / "plaza.mp4"
PATIENCE_S = 120
"""The first pictures load the model."""


@pytest.fixture(scope="module")
def refusing():
    """Refuse cameras that the topic `cameras` does not name."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYCTURESTREAM_UNKNOWN_CAMERAS", "refuse")
        yield


@pytest.fixture(scope="module")
def system(refusing, module_settings):  # noqa: ARG001 - the job reads it when it starts
    jobs = [job for job in JOBS if job.name in {"detection", "serving-redis"}]
    started = start_stack(module_settings, jobs=jobs)
    yield module_settings
    stop_stack(module_settings, only=started)


@pytest.fixture(scope="module")
def jpegs():
    """Twenty pictures of people on a campus, half a second apart."""
    encoder = Encoder(Fit.of(settings()))
    with open_video(file_address(str(CLIP)), "plaza") as video:
        return [encoder.encode(each.pixels()) for each in islice(video.pictures(), 0, 80, 4)]


@pytest.fixture
def web(system, start):  # noqa: ARG001 - it is to run
    """The address of `pycturestream serve`."""
    process = start("serve", "--port", "0")
    line = next(line for line in process.stdout if "/live" in line)
    return line.partition("/live")[0]


@pytest.fixture
def token(system, start):  # noqa: ARG001 - its data folder
    """A token of Anna's, as `tokens create --json` prints it."""
    done = start("tokens", "create", "--eye", "--name", "anna", "--json")
    yield json.loads(done.communicate()[0])
    start("tokens", "revoke", "anna").wait()


class Phone:
    """Sends a clip over and over, as fast as results come, and notes what it is told."""

    def __init__(self, connection, jpegs):
        self._connection = connection
        self._jpegs = jpegs
        self.said, self.seen, self.refused = [], 0, []
        self.close_code = None
        self.thread = threading.Thread(target=self._walk, daemon=True)
        self.thread.start()

    def _walk(self):
        number = 0
        try:
            self._send(number)
            while True:
                message = json.loads(self._connection.recv())
                if message["type"] == "say":
                    self.said.append(message)
                elif message["type"] in {"seen", "refused"}:
                    self.seen += message["type"] == "seen"
                    if message["type"] == "refused":
                        self.refused.append(message["reason"])
                    number += 1
                    threading.Event().wait(0.5)
                    self._send(number)
        except ConnectionClosed as closed:
            self.close_code = closed.rcvd and closed.rcvd.code

    def _send(self, number):
        at = now()
        jpeg = self._jpegs[number % len(self._jpegs)]
        self._connection.send(encode_picture(PhonePicture(at, at, jpeg)))


def test_a_phone_hears_what_its_pictures_show_until_its_token_is_revoked(
    system, start, web, token, jpegs
):
    (camera_id,) = token["cameras"]
    with connect(f"{web.replace('http', 'ws')}/eye/socket", origin=web) as connection:
        hello = {"type": "hello", "token": token["token"], "language": "de"}
        connection.send(json.dumps(hello))
        assert json.loads(connection.recv())["type"] == "ready"
        phone = Phone(connection, jpegs)

        assert eventually(lambda: phone.seen > 0, timeout_s=PATIENCE_S), phone.refused
        assert eventually(
            lambda: any("Person" in said["text"] for said in phone.said), timeout_s=PATIENCE_S
        )
        assert all(said["language"] == "de" for said in phone.said)
        connection.send(json.dumps({"type": "ask", "what": "now"}))
        assert eventually(lambda: any(said["answer"] for said in phone.said))

        start("tokens", "revoke", "anna").wait()
        assert eventually(lambda: phone.close_code == 4401)
    assert eventually(lambda: camera_id not in known_cameras(system))
    assert {record["camera_id"] for record in detections(system)} == {camera_id}
    # Its settings were in the topic before its first picture: none was refused as a stranger's.
    assert not list(read_to_end(system, DEAD_LETTER))


def detections(system):
    return [decode_result(DETECTIONS, message.value) for message in read_to_end(system, DETECTIONS)]
