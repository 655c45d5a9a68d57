"""A process that decodes untrusted pictures; `decoder_pool` starts it and ends it.

Its arguments are the canvas, or that canvases are fitted, the seconds that a picture may take, and
the numbers of the socket that it serves and of the memory for the canvas, which it shares with its
parent: in a message the pixels would be copied piece by piece. It ends when the socket is closed,
as it is when its parent is killed.
"""

import mmap
import os
import signal
import sys
import time
from multiprocessing.connection import Connection

import cv2
import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from pycturestream.detector.canvas import Canvas, Canvases, parse_canvases
from pycturestream.detector.decoding import UndecodablePicture, decode_jpeg
from pycturestream.detector.measure import measure
from pycturestream.domain.frames.jpeg import Size
from pycturestream.domain.frames.picture_measure import PictureMeasure


class DecodedPicture(Struct, frozen=True):
    """A picture whose canvas is at the beginning of the shared memory: RGB, row by row."""

    canvas: Canvas
    original: Size
    left: int
    top: int
    width: int
    height: int
    measure: PictureMeasure


class Decoding(Struct, frozen=True):
    """What became of one picture."""

    cpu_ms: float
    """Milliseconds of processor time."""
    picture: DecodedPicture | None = None
    undecodable: str = ""
    """Why there is no picture."""


def main() -> None:
    canvases, cpu_s = parse_canvases(sys.argv[1]), float(sys.argv[2])
    _silence_native_code()
    cv2.setNumThreads(1)  # there is a process for each picture that is decoded at a time
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when it ends
    memory = np.frombuffer(mmap.mmap(int(sys.argv[4]), byte_size(canvases)), np.uint8)
    with Connection(int(sys.argv[3])) as parent:
        try:
            parent.send_bytes(b"")  # ready
            while True:
                _serve(parent, memory, canvases, cpu_s)
        except (EOFError, OSError):
            os._exit(0)


def _silence_native_code() -> None:
    """Let only Python write to stderr: libjpeg has a line to say about each odd picture."""
    sys.stderr = os.fdopen(os.dup(sys.stderr.fileno()), "w", buffering=1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def byte_size(canvases: Canvases) -> int:
    """Return the bytes of the shared memory: those of the largest canvas."""
    return 3 * canvases.largest_area


def _serve(parent: Connection, memory: NDArray[np.uint8], canvases: Canvases, cpu_s: float) -> None:
    jpeg = parent.recv_bytes()
    # The system ends the process by its own processor time, so that no picture is blamed for a
    # busy machine, and native code can't ignore it.
    signal.setitimer(signal.ITIMER_PROF, cpu_s)
    decoding = _decode(jpeg, memory, canvases)
    signal.setitimer(signal.ITIMER_PROF, 0)
    parent.send_bytes(msgspec.msgpack.encode(decoding))


def _decode(jpeg: bytes, memory: NDArray[np.uint8], canvases: Canvases) -> Decoding:
    began = time.process_time()
    picture, undecodable = None, ""
    try:
        boxed = decode_jpeg(jpeg, canvases, memory)
        rows, columns = boxed.canvas.shape[:2]
        place = boxed.left, boxed.top, boxed.width, boxed.height
        picture = DecodedPicture(Canvas(columns, rows), boxed.original, *place, measure(boxed))
    except UndecodablePicture as error:
        undecodable = str(error)
    return Decoding((time.process_time() - began) * 1000, picture, undecodable)


if __name__ == "__main__":
    main()
