"""A live page as the server sees it: a socket, without a browser."""

import json
import time
from contextlib import contextmanager

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from pycturestream.api.access import COOKIE
from pycturestream.contracts.live_pictures import decode_live_picture

PATIENCE_S = 20


class LivePage:
    """One page; it acknowledges pictures only where a test says so."""

    def __init__(self, connection):
        self._connection = connection

    def watch(self, *, paused=False, **cameras):
        self.send(type="watch", cameras=cameras, paused=paused)

    def draw(self, *cameras):
        self.send(type="shown", cameras=cameras)

    def send(self, **message):
        self.send_raw(json.dumps(message))

    def send_raw(self, data):
        self._connection.send(data)

    def receive(self, timeout_s=PATIENCE_S):
        """Return the next message: news and frames as a dict, a picture as LivePicture."""
        data = self._connection.recv(timeout_s)
        return decode_live_picture(data) if isinstance(data, bytes) else json.loads(data)

    def until(self, check, what=None):
        """Return the first message of a kind for which a check holds; older ones are left out."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            message = self.receive()
            if isinstance(message, dict) == (what != "picture") and check(message):
                return message
        raise AssertionError("no such message came")  # others come for ever

    def news(self, check=lambda _: True):
        return self.until(lambda message: message["type"] == "news" and check(message))

    def camera(self, camera_id="gate", check=lambda _: True):
        """Wait for news of a camera, and return what they say of it."""
        found = []

        def is_found(message):
            found[:] = [
                each
                for each in message.get("cameras", ())
                if each["camera_id"] == camera_id and check(each)
            ]
            return bool(found)

        self.until(is_found)
        return found[-1]

    def frame(self, frame_id):
        """Wait until what is in view with a frame is told."""

        def has(message):
            return any(each["frame_id"] == frame_id for each in message.get("frames", ()))

        [found] = [each for each in self.until(has)["frames"] if each["frame_id"] == frame_id]
        return found

    def picture(self):
        return self.until(lambda _: True, "picture")

    def close_code(self):
        """Wait until the server ends the connection, and return why."""
        try:
            while True:
                self._connection.recv(PATIENCE_S)
        except ConnectionClosed as closed:
            return closed.rcvd and closed.rcvd.code


@contextmanager
def open_page(server, token="", origin=None):
    """Yield a page of a browser that has signed in with a token."""
    cookie = {"Cookie": f"{COOKIE}={token}"} if token else {}
    with connect(
        f"ws://127.0.0.1:{server.port}/live/socket",
        origin=(server.address if origin is None else origin) or None,
        additional_headers=cookie,
        compression=None,
    ) as connection:
        yield LivePage(connection)
