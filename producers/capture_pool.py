"""The process that has loaded FFmpeg and forks a process for each camera to be captured.

A forked process shares what was loaded: it costs 2 MB more than a thread would, and starts at
once (docs/decisions/0012). `producers.capture_process` starts the pool, which ends with it.
"""

import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import av
import cv2
import msgspec

from producers.latency_guard import LatencyGuard
from producers.picture import Pixels, SourceError
from producers.video import Lost, VideoPicture, open_video
from pycturestream.clock import SystemClock
from pycturestream.config.settings import PICTURE_PIXEL_LIMIT

REQUEST_BYTE_LIMIT = 65_536
"""Far more than any address."""
_OWN_BYTES = 96_000_000
"""Memory of a capture beside its pictures: what was received, tables, threads."""
_BYTES_PER_PIXEL = 64
"""Of the declared size. A video decoder holds up to twenty pictures of three bytes a pixel."""


@dataclass(frozen=True, slots=True)
class CaptureRequest:
    """What to capture, and how."""

    address: str
    options: dict[str, str] = field(default_factory=dict)
    """FFmpeg's."""
    form: str | None = None
    """FFmpeg's name of the address's format, where it can't know it by itself."""
    has_timestamps: bool = False
    """Whether the stream's pictures carry times of their own."""
    pixel_limit: int = PICTURE_PIXEL_LIMIT
    """A source that declares larger pictures is not captured."""


@dataclass(frozen=True, slots=True)
class CaptureHeader:
    """Precedes each picture's bytes, and stands alone where pictures were lost."""

    captured_at: int
    shape: tuple[int, ...] = ()
    """Of the picture; empty if there is none."""
    lost: int = 0
    """How many pictures could not be decoded."""
    why: str = ""


def main(connection: socket.socket) -> None:
    """Fork a process for each request, until the connection is closed."""
    # Ctrl-C reaches all processes of a terminal; the producer decides which ends when.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no process waits for their exit status
    while True:
        data, (camera_descriptor,), _, _ = _receive(connection)
        if os.fork() == 0:
            try:
                connection.close()
                capture(
                    Connection(camera_descriptor), msgspec.json.decode(data, type=CaptureRequest)
                )
            finally:
                os._exit(0)
        os.close(camera_descriptor)


def capture(connection: Connection, request: CaptureRequest) -> None:
    """Send an empty message once the camera is open, then the newest picture for each request.

    A message that is not empty says why it can't be captured, after the camera's name.

    All others are taken off the camera too, so that none grows old in a buffer. The process ends
    when the connection is closed, even while native code hangs.
    """
    wanted = threading.Event()
    threading.Thread(target=_read_requests, args=(connection, wanted), daemon=True).start()
    _limit_memory(request.pixel_limit)
    try:
        with open_video(
            request.address,
            "",
            options=request.options,
            form=request.form,
            pixel_limit=request.pixel_limit,
            recorded=False,
        ) as camera:
            width, height = camera.size
            _limit_memory(width * height or request.pixel_limit)
            connection.send_bytes(b"")
            wanted.wait()
            _send_newest(connection, request, camera.pictures(), wanted)
    except SourceError as error:
        with suppress(OSError):
            connection.send_bytes(str(error).encode())
    except (OSError, MemoryError, av.FFmpegError, cv2.error):
        pass  # the reader sees the end of the connection


def _send_newest(
    connection: Connection,
    request: CaptureRequest,
    pictures: Iterator[VideoPicture | Lost],
    wanted: threading.Event,
) -> None:
    """Send each picture that is wanted, and before it how many were lost."""
    clock, guard, lost = SystemClock(), LatencyGuard(), 0
    for picture in pictures:
        at = clock.now()
        found: Pixels | Lost
        if isinstance(picture, Lost):
            found = picture
        elif request.has_timestamps and _is_old(guard, clock, picture):
            continue
        elif wanted.is_set():
            found = picture.pixels()
        else:
            continue
        if not isinstance(found, Lost):
            wanted.clear()
            _send(connection, CaptureHeader(at, found.shape), found)
            continue
        lost += found.count
        if wanted.is_set():
            connection.send_bytes(msgspec.json.encode(CaptureHeader(at, (), lost, found.why)))
            lost = 0


def _is_old(guard: LatencyGuard, clock: SystemClock, picture: VideoPicture) -> bool:
    return picture.second is not None and guard.is_old(clock.seconds(), picture.second)


def _limit_memory(pixels: int) -> None:
    """Let this process take as much more memory as pictures of the declared size may need.

    A stream may change its size at any time, and its pictures are decoded before anybody can ask
    how large they are. One that grows far beyond what was declared breaks off, and declares its new
    size when it is opened again.
    """
    taken = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = taken + _OWN_BYTES + _BYTES_PER_PIXEL * pixels
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def _send(connection: Connection, header: CaptureHeader, pixels: Pixels) -> None:
    connection.send_bytes(msgspec.json.encode(header))
    # Written without the connection's own message format, which copies.
    left = pixels.data.cast("B")
    while left:
        left = left[os.write(connection.fileno(), left) :]


def _read_requests(connection: Connection, wanted: threading.Event) -> None:
    try:
        while True:
            connection.recv_bytes()
            wanted.set()
    except (EOFError, OSError):
        os._exit(0)


def _receive(connection: socket.socket) -> tuple[bytes, list[int], int, object]:
    received = socket.recv_fds(connection, REQUEST_BYTE_LIMIT, 1)
    if not received[0]:
        sys.exit()
    return received


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
