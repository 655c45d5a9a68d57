"""A process that decodes untrusted pictures; `decoder_pool` starts it and ends it.

Its arguments are the canvas, or that canvases are fitted, the seconds that a picture may take, and
the numbers of the socket that it serves and of the memory for its pictures, which it shares with
its parent: in a message the pixels would be copied piece by piece. It ends when the socket is
closed, as it is when its parent is killed.
"""

import mmap
import os
import signal
import sys
import time
from multiprocessing.connection import Connection
from typing import Final

import cv2
import msgspec
import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from pycturestream.detector.canvas import Canvas, Canvases, parse_canvases
from pycturestream.detector.decoding import (
    FACE_BYTES,
    UndecodablePicture,
    decode_for_faces,
    decode_jpeg,
)
from pycturestream.detector.measure import measure
from pycturestream.domain.frames.jpeg import Size
from pycturestream.domain.frames.picture_measure import PictureMeasure

PLAIN: Final = b"P"
FOR_FACES: Final = b"F"
"""The first byte of a request, before the JPEG: whether a picture for the face model is made too.
"""


class DecodedPicture(Struct, frozen=True):
    """A picture whose canvas is at the beginning of the shared memory: RGB, row by row."""

    canvas: Canvas
    original: Size
    left: int
    top: int
    width: int
    height: int
    measure: PictureMeasure
    for_faces: Size | None = None
    """Of the picture for the face model, which is in the memory behind the largest canvas."""


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
    """Return the bytes of the shared memory: of the largest canvas, and a picture for faces.

    What is not used of it takes no memory.
    """
    return _canvas_bytes(canvases) + FACE_BYTES


def memory_for_faces(memory: NDArray[np.uint8], canvases: Canvases) -> NDArray[np.uint8]:
    """Return the part of the shared memory that the picture for the face model begins."""
    return memory[_canvas_bytes(canvases) :]


def _canvas_bytes(canvases: Canvases) -> int:
    return 3 * canvases.largest_area


def _serve(parent: Connection, memory: NDArray[np.uint8], canvases: Canvases, cpu_s: float) -> None:
    request = parent.recv_bytes()
    decoding = _decode(request, memory, canvases, cpu_s)
    signal.setitimer(signal.ITIMER_PROF, 0)
    parent.send_bytes(msgspec.msgpack.encode(decoding))


def _decode(
    request: bytes, memory: NDArray[np.uint8], canvases: Canvases, cpu_s: float
) -> Decoding:
    began = time.process_time()
    jpeg, picture, undecodable = request[1:], None, ""
    try:
        # The system ends the process by its own processor time, so that no picture is blamed for a
        # busy machine, and native code can't ignore it.
        signal.setitimer(signal.ITIMER_PROF, cpu_s)
        boxed = decode_jpeg(jpeg, canvases, memory)
        rows, columns = boxed.canvas.shape[:2]
        place = boxed.left, boxed.top, boxed.width, boxed.height
        picture = DecodedPicture(Canvas(columns, rows), boxed.original, *place, measure(boxed))
        if request[:1] == FOR_FACES:
            # Decoded again, or the objects of a camera would change with its other models. No
            # picture is refused because of that: the second decoding has a time of its own.
            signal.setitimer(signal.ITIMER_PROF, cpu_s)
            pixels = decode_for_faces(jpeg, memory_for_faces(memory, canvases))
            picture = replace(picture, for_faces=Size(pixels.shape[1], pixels.shape[0]))
    except UndecodablePicture as error:
        undecodable = str(error)
    return Decoding((time.process_time() - began) * 1000, picture, undecodable)


if __name__ == "__main__":
    main()
