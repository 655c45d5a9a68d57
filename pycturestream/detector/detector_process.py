"""Runs a model in a process of its own, so that no picture can crash the job.

Decoders and models are native code that gets bytes from outside: a picture may make them raise,
hang, or crash. Here that costs one process, which is replaced, and the one picture that caused it,
which is reported; detection runs again for the other pictures of the call.
"""

import logging
import os
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Collection, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from threading import Event, Timer
from typing import Final

import msgspec
from msgspec import Struct

from pycturestream.config.settings import DECODE_TIMEOUT_S, Arithmetic
from pycturestream.detector.detection_result import DetectionBatch, DetectionResult, DetectorError
from pycturestream.detector.model_options import ModelOptions
from pycturestream.detector.registry import FOLDER, ModelDescription, ModelError, load_model
from pycturestream.errors import ServiceError

log = logging.getLogger(__name__)

READY: Final = b"R"
RESULTS: Final = b"L"
FAILED: Final = b"F"
"""The first byte of an answer. What follows it: a Ready, a DetectionBatch, or an error message."""
WAIT: Final = b"W"
"""Comes before the answer, again and again, while pictures take long to decode, and before each in
which faces are looked for: each has a deadline of its own, and must not end the model."""

START_TIMEOUT_S = 120.0
"""Seconds for loading a model: TensorFlow takes ten on two busy cores."""
BATCHES = 5
"""The time per picture is the median of that many: one batch during which the machine did something
else says nothing about the next."""
FACES_MS = 100.0
"""Milliseconds that faces take in a picture, until they were looked for: as much as one core needs.
"""
DETAIL_LIMIT = 500
"""Characters: TensorFlow's messages may hold whole tensors."""


class Ready(Struct, frozen=True):
    """What a process says of its model when it is loaded."""

    picture_ms: float
    """Milliseconds that a picture takes."""
    arithmetic: Arithmetic


class Request(Struct, frozen=True):
    """Pictures in which objects are to be detected."""

    jpegs: list[bytes]
    with_faces: list[int]
    """The numbers of those, from 0, in which faces are looked for too."""


class _NoAnswerError(ServiceError):
    """The process has ended, or was too slow; the message completes `the model …`."""


class DetectorProcess:
    """One model in a child process, which is started at once and used when it is ready."""

    def __init__(
        self,
        model: str,
        folder: Path = FOLDER,
        options: ModelOptions = ModelOptions(),  # noqa: B008 - immutable
        *,
        batch_size: int = 16,
        timeout_s: float = 10.0,
        decode_timeout_s: float = DECODE_TIMEOUT_S,
        face_folder: Path | None = None,
    ) -> None:
        """Start the process. `timeout_s` bounds one call.

        `batch_size` is the number of pictures of one inference, `decode_timeout_s` the processor
        time that decoding of a picture may take. `face_folder` has another face model than the
        shipped one. Raises ModelError if there is no such model.
        """
        self.description: ModelDescription = load_model(model, folder)
        self.replaced = 0
        """How often the process was replaced."""
        self._ready = False
        self._batch_size = batch_size
        self._options = options
        self._timeout_s = timeout_s
        self._decode_timeout_s = decode_timeout_s
        self._face_folder = face_folder
        self._faces_ms = deque([FACES_MS], BATCHES)
        self._start()

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def picture_ms(self) -> float:
        """The usual time per picture, in milliseconds, without that for faces."""
        self.wait_until_ready()
        return median(self._picture_ms)

    @property
    def faces_ms(self) -> float:
        """The usual time for the faces in a picture, in milliseconds."""
        return median(self._faces_ms)

    def wait_until_ready(self) -> None:
        """Wait until the model is loaded. Raises ModelError if it can't be."""
        if self._ready:
            return
        try:
            answer = self._exchange(None, START_TIMEOUT_S)
        except _NoAnswerError as failure:
            raise ModelError(f"{self.description.name} {failure} while it was loaded") from failure
        if not answer.startswith(READY):
            raise ModelError(answer[1:].decode())
        ready = msgspec.msgpack.decode(answer[1:], type=Ready)
        log.info("the model %s computes in %s", self.description.name, ready.arithmetic)
        self.arithmetic = ready.arithmetic
        self._picture_ms = deque([ready.picture_ms], BATCHES)
        self._ready = True

    def detect(self, jpegs: Sequence[bytes], with_faces: Collection[int] = ()) -> DetectionBatch:
        """Return one result per picture, in order; a picture that fails has its error.

        Faces are looked for too in the pictures with the numbers `with_faces`, from 0. When a call
        fails, detection runs again for its pictures one by one, to find the one that caused it.
        """
        try:
            return self._ask(jpegs, with_faces)
        except _NoAnswerError:
            alone = [
                self._detect_alone(jpeg, with_faces=number in with_faces)
                for number, jpeg in enumerate(jpegs)
            ]
            return DetectionBatch(
                tuple(result for results in alone for result in results.results),
                sum(results.decode_ms for results in alone),
                sum(results.inference_ms for results in alone),
                sum(results.faces_ms for results in alone),
            )

    def close(self) -> None:
        """End the process."""
        self._child.kill()
        self._child.wait()
        self._connection.close()
        if self._child.stdin:
            self._child.stdin.close()

    def _detect_alone(self, jpeg: bytes, *, with_faces: bool) -> DetectionBatch:
        try:
            return self._ask([jpeg], [0] if with_faces else [])
        except _NoAnswerError as failure:
            detail = f"the model {failure}"[:DETAIL_LIMIT]
            return DetectionBatch(
                (DetectionResult(error=DetectorError("detector-failed", detail)),), 0.0, 0.0
            )

    def _ask(self, jpegs: Sequence[bytes], with_faces: Collection[int]) -> DetectionBatch:
        self.wait_until_ready()
        request = Request(list(jpegs), sorted(with_faces))
        answer = self._exchange(msgspec.msgpack.encode(request), self._timeout_s)
        if answer.startswith(FAILED):
            raise _NoAnswerError(f"raised {answer[1:].decode()}")
        results = msgspec.msgpack.decode(memoryview(answer)[1:], type=DetectionBatch)
        if results.results:
            took = results.decode_ms + results.inference_ms
            self._picture_ms.append(took / len(results.results))
        # Where the face model can't be loaded, faces take no time.
        if looked := sum(results.results[number].error is None for number in with_faces):
            self._faces_ms.append(results.faces_ms / looked)
        return results

    def _exchange(self, request: bytes | None, timeout_s: float) -> bytes:
        """Send a request, unless it is None, and return the next answer.

        Raises _NoAnswerError if the process has ended or is too slow; it is replaced then.
        """
        child = self._child
        too_slow = Event()

        def expire() -> None:
            too_slow.set()
            child.kill()

        answer = WAIT
        try:
            while answer == WAIT:
                watchdog = Timer(timeout_s, expire)
                watchdog.start()
                try:
                    if request is not None:
                        self._connection.send_bytes(request)
                        request = None
                    answer = self._connection.recv_bytes()
                finally:
                    watchdog.cancel()
        except (EOFError, OSError) as error:
            self.close()
            what = f"took longer than {timeout_s:g} s" if too_slow.is_set() else _ending(child)
            log.warning("the model %s %s: replacing its process", self.description.name, what)
            self.replaced += 1
            self._start()
            raise _NoAnswerError(what) from error
        return answer

    def _start(self) -> None:
        self._ready = False
        ours, theirs = socket.socketpair()
        command = [
            sys.executable,
            *("-m", "pycturestream.detector.detector_server"),
            *("--model", self.description.name),
            *("--folder", str(self.description.folder.parent)),
            *("--options", msgspec.json.encode(self._options).decode()),
            *("--batch", str(self._batch_size)),
            *("--decode-timeout", str(self._decode_timeout_s)),
            *(("--faces", str(self._face_folder)) if self._face_folder else ()),
            str(theirs.fileno()),
        ]
        # The child can import what this process can, wherever it was started.
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        with theirs:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=sys.__stderr__,
                pass_fds=[theirs.fileno()],
                env=environment,
            )
        self._connection: Connection = Connection(ours.detach())


def _ending(child: subprocess.Popen[bytes]) -> str:
    status = child.returncode
    return f"was ended by signal {-status}" if status < 0 else f"ended with exit status {status}"
