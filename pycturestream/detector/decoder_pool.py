"""Decodes untrusted pictures in processes that can be killed (docs/decisions/0031).

A picture that takes too long, or crashes the decoder, costs one small process and nothing else: the
model stays loaded, and the other pictures of the batch are decoded meanwhile.
"""

import logging
import mmap
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import NamedTuple

import msgspec
import numpy as np

from pycturestream.detector.canvas import Canvases
from pycturestream.detector.decoder_server import (
    FOR_FACES,
    PLAIN,
    DecodedPicture,
    Decoding,
    byte_size,
    memory_for_faces,
)
from pycturestream.detector.decoding import UndecodablePicture
from pycturestream.detector.letterbox import Letterboxed
from pycturestream.domain.frames.picture_measure import PictureMeasure
from pycturestream.errors import DataError
from pycturestream.pixels import Pixels

log = logging.getLogger(__name__)

START_TIMEOUT_S = 60.0
"""Seconds until a new process is ready: half of one, unless the machine is very busy."""
HANG_FACTOR = 3
"""How many times its processor time a picture may take by the clock: on a busy machine a decoder
gets a part of a core, and one that waits for something uses none."""


class Decoded(NamedTuple):
    """A decoded picture."""

    picture: Letterboxed
    """On the canvas."""
    measure: PictureMeasure
    cpu_ms: float
    """The milliseconds of processor time that it took."""
    for_faces: Pixels | None
    """The same picture as large as the face model sees it, if that was wanted."""


class DecoderFailed(DataError):  # noqa: N818 - named after the picture, which the caller keeps
    """A picture crashed its decoder, or took too long; the message completes `the decoder …`."""

    def __init__(self, detail: str, *, slow: bool) -> None:
        super().__init__(detail)
        self.slow = slow


class DecoderPool:
    """Decoders for some threads, and as many in reserve for those that have to be killed."""

    def __init__(self, canvases: Canvases, threads: int, timeout_s: float) -> None:
        """Allow each picture `timeout_s` seconds of processor time."""
        self._canvases = canvases
        self._timeout_s = timeout_s
        # Used from the left; a new one comes last, and is ready until it is needed.
        self._decoders = deque(_Decoder(canvases, timeout_s) for _ in range(2 * threads))

    @property
    def pids(self) -> list[int]:
        return [decoder.pid for decoder in self._decoders]

    def wait_until_ready(self) -> None:
        """Wait for all processes. One that can't be started fails when it is used."""
        for decoder in self._decoders:
            with suppress(EOFError, OSError, TimeoutError):
                decoder.wait_until_ready()

    def decode(self, jpeg: bytes, *, for_faces: bool = False) -> Decoded:
        """Return a picture on the canvas, and one for the face model if that is wanted.

        Any of the pool's threads may call it. Raises UndecodablePicture, or DecoderFailed.
        """
        try:
            return self._decode(jpeg, for_faces=for_faces)
        except DecoderFailed as failure:
            if failure.slow:
                raise
            # Somebody else may have ended the process, such as a system without memory.
            return self._decode(jpeg, for_faces=for_faces)

    def close(self) -> None:
        """End the processes."""
        while self._decoders:
            self._decoders.pop().close()

    def _decode(self, jpeg: bytes, *, for_faces: bool) -> Decoded:
        decoder = self._decoders.popleft()
        try:
            decoded = decoder.decode(jpeg, for_faces=for_faces)
        except UndecodablePicture:
            self._decoders.appendleft(decoder)
            raise
        except DecoderFailed as failure:
            log.warning("the decoder %s: replacing its process", failure)
            self._decoders.append(_Decoder(self._canvases, self._timeout_s))
            raise
        self._decoders.appendleft(decoder)
        return decoded


class _Decoder:
    """One process, started at once and used when it is ready."""

    def __init__(self, canvases: Canvases, timeout_s: float) -> None:
        self._canvases = canvases
        self._timeout_s = timeout_s
        self._ready = False
        memory = os.memfd_create("canvas")
        os.ftruncate(memory, byte_size(canvases))
        self._memory = np.frombuffer(mmap.mmap(memory, byte_size(canvases)), np.uint8)
        ours, theirs = socket.socketpair()
        command = [
            *(sys.executable, "-m", "pycturestream.detector.decoder_server"),
            *(str(canvases), str(timeout_s), str(theirs.fileno()), str(memory)),
        ]
        # A decoder can import what this process can, wherever it was started.
        path = os.pathsep.join(filter(None, sys.path))
        with theirs:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=sys.__stderr__,
                pass_fds=[theirs.fileno(), memory],
                env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"},
            )
        os.close(memory)
        self._connection: Connection = Connection(ours.detach())

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_until_ready(self) -> None:
        """Let EOFError, OSError and TimeoutError through."""
        if not self._ready:
            self._receive(START_TIMEOUT_S)
            self._ready = True

    def decode(self, jpeg: bytes, *, for_faces: bool) -> Decoded:
        """Raise UndecodablePicture, or DecoderFailed if the process ends or takes too long.

        It is closed then.
        """
        try:
            self.wait_until_ready()
            self._connection.send_bytes((FOR_FACES if for_faces else PLAIN) + jpeg)
            # For faces it is decoded twice, each time within the limit.
            answer = self._receive((2 if for_faces else 1) * HANG_FACTOR * self._timeout_s)
            decoding = msgspec.msgpack.decode(answer, type=Decoding)
        except (EOFError, OSError, TimeoutError, msgspec.DecodeError) as error:
            slow = isinstance(error, TimeoutError)
            status = self.close()
            slow = slow or status == -signal.SIGPROF
            reason = f"took longer than {self._timeout_s:g} s" if slow else _ending(status)
            raise DecoderFailed(reason, slow=slow) from error
        if decoding.picture is None:
            raise UndecodablePicture(decoding.undecodable)
        picture = decoding.picture
        place = picture.left, picture.top, picture.width, picture.height
        canvas = picture.canvas
        pixels = self._memory[: canvas.byte_size].reshape(canvas.height, canvas.width, 3)
        boxed = Letterboxed(pixels.copy(), picture.original, *place)
        return Decoded(boxed, picture.measure, decoding.cpu_ms, self._read_for_faces(picture))

    def _read_for_faces(self, picture: DecodedPicture) -> Pixels | None:
        if picture.for_faces is None:
            return None
        width, height = picture.for_faces.width, picture.for_faces.height
        memory = memory_for_faces(self._memory, self._canvases)
        return memory[: 3 * width * height].reshape(height, width, 3).copy()

    def close(self) -> int:
        """End the process, and return its exit status."""
        if self._process.poll() is None:
            try:
                # One that ends by itself tells why.
                self._connection.close()
                self._process.wait(0.1)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._connection.close()
        return self._process.wait()

    def _receive(self, timeout_s: float) -> bytes:
        if not self._connection.poll(timeout_s):
            raise TimeoutError
        return self._connection.recv_bytes()


def _ending(status: int) -> str:
    return f"was ended by signal {-status}" if status < 0 else f"ended with exit status {status}"
