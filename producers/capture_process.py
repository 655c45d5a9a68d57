"""A camera in a process of its own: native code that hangs there stops nothing else."""

import atexit
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

import msgspec
import numpy as np

from producers.capture_pool import CaptureHeader, CaptureRequest
from producers.picture import Picture, Pixels, Skipped, SourceError
from pycturestream.clock import Clock
from pycturestream.config.settings import PICTURE_PIXEL_LIMIT
from pycturestream.domain.times import Millis

_POLL_S = 0.1
"""How often a wait checks whether the clock has stopped."""
_TO_OPEN = 2
"""How many times the timeout of a picture a camera may take to be opened."""


class StalledError(SourceError):
    """A camera keeps its connection and gives no picture."""


class CaptureProcess:
    """One camera, captured until the end of its `with` block."""

    def __init__(
        self,
        connection: Connection,
        name: str,
        timeout_s: float,
        clock: Clock,
        pixel_limit: int = PICTURE_PIXEL_LIMIT,
    ) -> None:
        self._connection = connection
        self._name = name
        self._timeout_s = timeout_s
        self._pixel_limit = pixel_limit
        self._clock = clock
        self._deadline: float | None = None
        """When the camera counts as stalled; None while no picture is asked for."""

    def wait_until_open(self) -> None:
        """Wait for the camera, or until the clock stops. Raises SourceError."""
        with self._ending_as("can't be opened"):
            try:
                why = self._receive(self._clock.seconds() + _TO_OPEN * self._timeout_s)
            except StalledError as error:
                raise EOFError from error
        if why:
            raise SourceError(f"{self._name}{why.decode()}")

    def newest(self) -> Picture | Skipped | None:
        """Return the next picture that comes, or what was damaged before it. Raises SourceError.

        None when the clock stops. Pictures that came since the last one are not returned: what is
        returned is never an old one.
        """
        with self._ending_as("broke off"):
            if self._deadline is None:
                self._connection.send_bytes(b"")
                self._deadline = self._clock.seconds() + self._timeout_s
            data = self._receive(self._deadline)
            if data is None:
                return None
            header = msgspec.json.decode(data, type=CaptureHeader)
            if header.lost:
                return Skipped("damaged", f"a picture of {self._name}: {header.why}", header.lost)
            self._deadline = None
            height, width, *_ = header.shape
            if width * height > self._pixel_limit:
                raise EOFError
            return Picture(self._read(header.shape), Millis(header.captured_at), self._name)

    def _read(self, shape: tuple[int, ...]) -> Pixels:
        """Read pixels into their array: six times cheaper than a message of these bytes."""
        pixels = np.empty(shape, np.uint8)
        left = pixels.data.cast("B")
        while left:
            read = os.readv(self._connection.fileno(), [left])
            if not read:
                raise EOFError
            left = left[read:]
        return pixels

    def _receive(self, deadline: float) -> bytes | None:
        """Return the next message, or None when the clock stops."""
        while not self._connection.poll(_POLL_S):
            if self._clock.stopped:
                return None
            if self._clock.seconds() > deadline:
                raise StalledError(f"{self._name}: no picture for {self._timeout_s:g} s")
        return self._connection.recv_bytes()

    @contextmanager
    def _ending_as(self, end: str) -> Iterator[None]:
        """Turn the end of the process into a SourceError that says what it means."""
        try:
            yield
        except (EOFError, OSError) as error:
            raise SourceError(f"{self._name}: {end}") from error


@contextmanager
def capturing(
    request: CaptureRequest, name: str, timeout_s: float, clock: Clock
) -> Iterator[CaptureProcess]:
    """Open a camera and capture it until the end of the block. Raises SourceError with its `name`.

    One that gives no picture for `timeout_s` counts as stalled.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        _pool.capture(request, theirs)
    with Connection(ours.detach()) as connection:  # the process ends as soon as it is closed
        camera = CaptureProcess(connection, name, timeout_s, clock, request.pixel_limit)
        camera.wait_until_open()
        yield camera


class _CapturePool:
    """The process that forks the others, started when first needed and again if it was lost."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def capture(self, request: CaptureRequest, camera_connection: socket.socket) -> None:
        """Start to capture a camera; pictures come through the other end of its connection."""
        data = msgspec.json.encode(request)
        with self._lock:
            try:
                self._send(data, camera_connection)
            except OSError:
                self._close()
                self._send(data, camera_connection)

    def close(self) -> None:
        with self._lock:
            self._close()

    def _send(self, data: bytes, camera_connection: socket.socket) -> None:
        if self._connection is None:
            self._connection = self._start()
        socket.send_fds(self._connection, [data], [camera_connection.fileno()])

    def _start(self) -> socket.socket:
        # Each message is one request, however many wait.
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "producers.capture_pool", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                # A process must fork before it has threads, and NumPy starts some.
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            )
        return ours

    def _close(self) -> None:
        if self._connection is not None and self._process is not None:
            self._connection.close()
            self._process.wait()
            self._connection = None


_pool = _CapturePool()
atexit.register(_pool.close)
