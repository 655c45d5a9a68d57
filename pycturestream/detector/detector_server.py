"""The process in which a model runs; `detector_process` starts it and sends it pictures.

Its last argument is the number of the socket that it serves. It ends when the socket or its
standard input is closed, as they are when its parent is killed.
"""

import argparse
import os
import sys
import time
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread

import msgspec

from pycturestream.detector.detector import Detector
from pycturestream.detector.detector_process import (
    FAILED,
    READY,
    RESULTS,
    WAIT,
    Ready,
    Request,
)
from pycturestream.detector.face_runner import FaceRunner
from pycturestream.detector.gpu_memory import gpu_memory
from pycturestream.detector.model_options import ModelOptions
from pycturestream.detector.model_runner import ModelRunner
from pycturestream.detector.registry import ModelError, load_model

NICENESS = 5
"""Inference takes all cores for a while; transport of pictures and results has priority."""
WARM_UP_BATCHES = (1, 4)
"""One picture and several: TensorFlow prepares each kind of batch on its first run."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--options", required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--decode-timeout", type=float, required=True)
    parser.add_argument("--faces", type=Path)
    parser.add_argument("socket", type=int)
    arguments = parser.parse_args()
    os.nice(NICENESS)
    Thread(target=_end_with_parent, daemon=True).start()
    with Connection(arguments.socket) as parent:
        try:
            description = load_model(arguments.model, arguments.folder)
            options = msgspec.json.decode(arguments.options, type=ModelOptions)
            runner = ModelRunner.load(description, options)
            load_faces = partial(FaceRunner.load, options.threads, arguments.faces)
            detector = Detector(runner, arguments.batch, arguments.decode_timeout, load_faces)
            picture_ms = _warm_up(runner)
            detector.wait_until_ready()
        except ModelError as error:
            parent.send_bytes(FAILED + str(error).encode())
            return
        parent.send_bytes(READY + msgspec.msgpack.encode(Ready(picture_ms, runner.arithmetic)))
        _serve(parent, detector)


def _serve(parent: Connection, detector: Detector) -> None:
    while True:
        try:
            request = msgspec.msgpack.decode(parent.recv_bytes(), type=Request)
        except EOFError:
            return
        try:
            batch = detector.detect(
                request.jpegs, request.with_faces, lambda: parent.send_bytes(WAIT)
            )
            measured = replace(batch, gpu_memory=gpu_memory())
            answer = RESULTS + msgspec.msgpack.encode(measured)
        except Exception as error:  # noqa: BLE001 - the parent reports whatever a model raises
            answer = FAILED + f"{type(error).__name__}: {error}".encode()
        parent.send_bytes(answer)


def _warm_up(runner: ModelRunner) -> float:
    """Warm up the model; return the milliseconds that a picture of a batch takes."""
    runner.warm_up(WARM_UP_BATCHES)
    began = time.perf_counter()
    pictures = runner.warm_up(WARM_UP_BATCHES[-1:])
    return (time.perf_counter() - began) * 1000 / pictures


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)  # at once: the model may hang


if __name__ == "__main__":
    main()
