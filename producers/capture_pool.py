"""Camera processes: this one has loaded OpenCV, and forks one for each camera that is to be filmed.

A forked process shares what was loaded: it costs 2 MB more than a thread would, and starts at
once (docs/decisions/0012). It is started by `producers.capture_process` and ends with it.
"""

import os
import signal
import socket
import sys
import threading
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

import msgspec
import numpy as np

from producers.latency_guard import LatencyGuard
from producers.picture import Pixels, SourceError
from producers.video_capture import open_capture
from pycturestream.clock import SystemClock

REQUEST_BYTE_LIMIT = 65_536
"""Far more than any address."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be filmed."""

    address: str | int
    backend: int
    parameters: tuple[int, ...]
    """Pairs of OpenCV properties and values."""
    options: dict[str, str] = field(default_factory=dict)
    """Of FFmpeg. OpenCV takes them from the environment, and each camera has one of its own."""
    tells_time: bool = False
    """Whether its pictures have times of their own."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Goes before each picture's bytes."""

    captured_at: int
    shape: tuple[int, ...]


def main(line: socket.socket) -> None:
    """Fork a process for each request that comes, until the line is closed."""
    # One Ctrl-C reaches all processes of a terminal; the producer decides what ends when.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how they ended
    while True:
        data, (camera_line,), _, _ = _receive(line)
        if os.fork() == 0:
            try:
                line.close()
                film(Connection(camera_line), msgspec.json.decode(data, type=Request))
            finally:
                os._exit(0)
        os.close(camera_line)


def film(line: Connection, request: Request) -> None:
    """Send nothing once the camera is open, then the newest picture whenever one is asked for.

    All others are taken off the camera too, so that none grows old in a buffer. Whatever native
    code does meanwhile, the process ends when the line is closed.
    """
    wanted = threading.Event()
    threading.Thread(target=_listen, args=(line, wanted), daemon=True).start()
    if request.options:
        options = "|".join(f"{name};{value}" for name, value in request.options.items())
        os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", options)  # an operator's come first
    clock, edge = SystemClock(), LatencyGuard()
    try:
        with open_capture(
            request.address, "", parameters=request.parameters, backend=request.backend
        ) as capture:
            line.send_bytes(b"")
            wanted.wait()
            while capture.grab():
                at = clock.now()
                if request.tells_time and edge.is_old(clock.seconds(), capture.second):
                    continue
                if wanted.is_set() and (pixels := capture.retrieve()) is not None:
                    wanted.clear()
                    _send(line, Seen(at, pixels.shape), pixels)
    except (SourceError, OSError):
        pass  # told by the end of the line


def _send(line: Connection, seen: Seen, pixels: Pixels) -> None:
    line.send_bytes(msgspec.json.encode(seen))
    # Written past the connection's own form of a message, which copies.
    left = np.ascontiguousarray(pixels).data.cast("B")
    while left:
        left = left[os.write(line.fileno(), left) :]


def _listen(line: Connection, wanted: threading.Event) -> None:
    try:
        while True:
            line.recv_bytes()
            wanted.set()
    except (EOFError, OSError):
        os._exit(0)


def _receive(line: socket.socket) -> tuple[bytes, list[int], int, object]:
    received = socket.recv_fds(line, REQUEST_BYTE_LIMIT, 1)
    if not received[0]:
        sys.exit()
    return received


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
