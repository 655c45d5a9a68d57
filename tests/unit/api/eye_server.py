"""A real server of the seeing aid on a loopback port, and phones that talk to it."""

import json
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from pycturestream.api.application import application
from pycturestream.api.eye_gateway import EyeGateway
from pycturestream.api.links import Links
from pycturestream.application.eye_cameras import EyeCameras
from pycturestream.config.settings import Settings
from pycturestream.contracts.eye_messages import PhonePicture, encode_picture
from tests.builders import NOON
from tests.fake_alert_service import FakeAlertService
from tests.fake_eye import FakeCameraTopic, FakePictures, FakePushes
from tests.jpegs import encoded
from tests.served import served
from tests.waiting import eventually

HOUR = 3_600_000
PATIENCE_S = 20
SENDER_KEY = "ab" * 32
JPEG = encoded(320, 240)


class SetClock:
    """Shows the time that a test sets, so that nothing gets old on a slow machine."""

    at = NOON

    def now(self):
        return self.at

    def seconds(self):
        return time.monotonic()


class Phone:
    """The seeing aid's page, as far as the gateway sees it."""

    def __init__(self, connection, clock):
        self._connection = connection
        self._clock = clock
        self.token = self.camera_id = ""

    def send(self, **message):
        self._connection.send(json.dumps(message))

    def send_raw(self, data):
        self._connection.send(data)

    def send_picture(self, jpeg=JPEG, captured_at=None, sent_at=None):
        """Send a picture; return its time as the phone wrote it."""
        captured_at = self._clock.now() if captured_at is None else captured_at
        sent_at = captured_at if sent_at is None else sent_at
        self._connection.send(encode_picture(PhonePicture(captured_at, sent_at, jpeg)))
        return captured_at

    def hear(self, timeout_s=PATIENCE_S):
        """Return the next message."""
        return json.loads(self._connection.recv(timeout_s))

    def hears_nothing_for(self, seconds):
        try:
            message = self._connection.recv(seconds)
        except TimeoutError:
            return True
        raise AssertionError(message)

    def close_code(self):
        """Wait until the gateway ends the connection, and return why."""
        try:
            while True:
                self._connection.recv(PATIENCE_S)
        except ConnectionClosed as closed:
            return closed.rcvd and closed.rcvd.code

    def leave(self):
        self._connection.close()


@dataclass
class EyeServer:
    """The HTTP application with the gateway, on services in memory."""

    tokens: object
    settings: Settings = field(default_factory=Settings)
    pictures: FakePictures = field(default_factory=FakePictures)
    pushes: FakePushes = field(default_factory=FakePushes)
    topic: FakeCameraTopic = field(default_factory=FakeCameraTopic)
    clock: SetClock = field(default_factory=SetClock)
    port: int = 0

    @contextmanager
    def running(self):
        cameras = EyeCameras(self.topic, SENDER_KEY)
        gateway = EyeGateway(
            self.tokens, self.pictures, self.pushes, cameras, self.clock, self.settings
        )
        app = application(
            FakeAlertService(),
            self.tokens,
            Links("secret", "", HOUR),
            self.clock.now,
            eye=gateway,
            web_address=self.settings.web_address,
        )
        try:
            with served(app, self.settings) as address:
                self.port = int(address.rpartition(":")[2])
                yield self
        finally:
            cameras.close()

    @contextmanager
    def connected(self, origin=None):
        """Yield a phone that has not said hello."""
        origin = f"http://127.0.0.1:{self.port}" if origin is None else origin
        with connect(
            f"ws://127.0.0.1:{self.port}/eye/socket", origin=origin or None, compression=None
        ) as connection:
            yield Phone(connection, self.clock)

    @contextmanager
    def phone(self, name="anna", **choices):
        """Yield a phone with a new token, which may send."""
        token, text = self.tokens.create(name, self.clock.now(), HOUR, kind="eye")
        with self.connected() as phone:
            phone.send(type="hello", token=text, **choices)
            assert phone.hear()["type"] == "ready"
            self.wait_until_known(token.camera_id)
            phone.token, phone.camera_id = text, token.camera_id
            yield phone

    def wait_until_known(self, camera_id):
        assert eventually(lambda: camera_id in self.topic.cameras)
