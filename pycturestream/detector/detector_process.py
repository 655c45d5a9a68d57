"""A model in a process of its own, so that no picture can take the job down with it.

Decoders and models are native code that is fed with bytes from outside: a picture may make them
raise, hang, or end their process. Here that costs one process, which is replaced, and the one
picture that did it, which is named; its neighbours are looked at again.
"""

import logging
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event, Timer
from typing import Final

import msgspec

from pycturestream.detector.detection_result import DetectionBatch, DetectionResult, DetectorError
from pycturestream.detector.registry import FOLDER, ModelDescription, ModelError, load_model
from pycturestream.errors import ServiceError

log = logging.getLogger(__name__)

READY: Final = b"R"
RESULTS: Final = b"L"
FAILED: Final = b"F"
"""What an answer of the process is, by its first byte: what a picture takes in milliseconds, what
was found, or what went wrong."""

START_PATIENCE_S = 120.0
"""TensorFlow takes ten seconds to load on two busy cores."""
SMOOTHING = 0.2
"""Weight of the newest batch in what a picture is expected to take."""
DETAIL_LIMIT = 500
"""Characters: TensorFlow's messages may hold whole tensors."""


class DetectorFailed(ServiceError):  # noqa: N818 - a verdict on the pictures of one call
    """The model gave no answer; the message says why."""


class DetectorProcess:
    """One model, in a child of this process that is started at once and used when ready."""

    def __init__(
        self,
        model: str,
        folder: Path = FOLDER,
        *,
        batch_size: int = 16,
        threads: int = 0,
        timeout_s: float = 10.0,
    ) -> None:
        """Start loading. `threads` bounds inference (0: all cores), `timeout_s` one call.

        `batch_size` pictures are detected at once. Raises ModelError when there is no such model.
        """
        self.description: ModelDescription = load_model(model, folder)
        self.replaced = 0
        """How often the process had to be replaced."""
        self._ready = False
        self._batch_size = batch_size
        self._threads = threads
        self._timeout_s = timeout_s
        self._start()

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def picture_ms(self) -> float:
        """What a picture takes at the moment, in milliseconds."""
        self.wait_until_ready()
        return self._picture_ms

    def wait_until_ready(self) -> None:
        """Return once pictures can be looked at. Raises ModelError if the model can't be loaded."""
        if self._ready:
            return
        try:
            answer = self._exchange(None, START_PATIENCE_S)
        except DetectorFailed as failure:
            raise ModelError(f"{self.description.name} {failure} while it was loaded") from failure
        if not answer.startswith(READY):
            raise ModelError(answer[1:].decode())
        self._picture_ms = msgspec.msgpack.decode(answer[1:], type=float)
        self._ready = True

    def detect(self, jpegs: Sequence[bytes]) -> DetectionBatch:
        """Return one look per picture, in order; what can't be looked at has its trouble.

        Pictures whose call failed are looked at again one by one, since one of them did it.
        """
        try:
            return self._ask(jpegs)
        except DetectorFailed:
            alone = [self._detect_alone(jpeg) for jpeg in jpegs]
            return DetectionBatch(
                tuple(result for results in alone for result in results.results),
                sum(results.decode_ms for results in alone),
                sum(results.inference_ms for results in alone),
            )

    def close(self) -> None:
        """End the process."""
        self._child.kill()
        self._child.wait()
        self._connection.close()
        if self._child.stdin:
            self._child.stdin.close()

    def _detect_alone(self, jpeg: bytes) -> DetectionBatch:
        try:
            return self._ask([jpeg])
        except DetectorFailed as failure:
            detail = f"the model {failure}"[:DETAIL_LIMIT]
            return DetectionBatch(
                (DetectionResult(error=DetectorError("detector-failed", detail)),), 0.0, 0.0
            )

    def _ask(self, jpegs: Sequence[bytes]) -> DetectionBatch:
        self.wait_until_ready()
        answer = self._exchange(msgspec.msgpack.encode(jpegs), self._timeout_s)
        if answer.startswith(FAILED):
            raise DetectorFailed(f"raised {answer[1:].decode()}")
        results = msgspec.msgpack.decode(memoryview(answer)[1:], type=DetectionBatch)
        if results.results:
            took = (results.decode_ms + results.inference_ms) / len(results.results)
            self._picture_ms += SMOOTHING * (took - self._picture_ms)
        return results

    def _exchange(self, request: bytes | None, timeout_s: float) -> bytes:
        """Send, unless there is nothing to say, and return the answer.

        Raises DetectorFailed when the process has ended or was too slow; it is replaced then.
        """
        child = self._child
        too_slow = Event()

        def expire() -> None:
            too_slow.set()
            child.kill()

        watchdog = Timer(timeout_s, expire)
        watchdog.start()
        try:
            if request is not None:
                self._connection.send_bytes(request)
            return self._connection.recv_bytes()
        except (EOFError, OSError) as error:
            self.close()
            what = f"took longer than {timeout_s:g} s" if too_slow.is_set() else _ending(child)
            log.warning("the model %s %s: its process is replaced", self.description.name, what)
            self.replaced += 1
            self._start()
            raise DetectorFailed(what) from error
        finally:
            watchdog.cancel()

    def _start(self) -> None:
        self._ready = False
        ours, theirs = socket.socketpair()
        command = [
            sys.executable,
            *("-m", "pycturestream.detector.detector_server"),
            *("--model", self.description.name),
            *("--folder", str(self.description.folder.parent)),
            *("--threads", str(self._threads)),
            *("--batch", str(self._batch_size)),
            str(theirs.fileno()),
        ]
        # What this process can import the child can, wherever it was started.
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
