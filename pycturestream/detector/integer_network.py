"""A network in int8, as LiteRT runs it; TensorFlow is not needed."""

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from pycturestream.detector.grid_boxes import BINS, SIDES, Grid, Raw, find_boxes
from pycturestream.detector.network import Found
from pycturestream.detector.registry import ModelDescription, ModelError
from pycturestream.litert import allocate_tensors

SHAPES_KEPT = 3
"""Interpreters for each thread, so that cameras of several shapes can take turns. One takes 11 MB;
fitting it to another shape takes a third of the time of a picture."""


class IntegerNetwork:
    """Interpreters with one thread each; each takes a picture at a time.

    The threads of one interpreter would wait for each other at every layer.
    """

    def __init__(self, content: bytes, threads: int) -> None:
        """Make one interpreter of the content of int8.tflite. Raises ValueError, RuntimeError."""
        self._content = content
        self._idle = [_Interpreter(content)]
        """The one that was used last comes last."""
        self._unmade = SHAPES_KEPT * threads - 1
        self._lock = Lock()
        self._threads = ThreadPoolExecutor(threads, "infer")

    @classmethod
    def load(cls, description: ModelDescription, threads: int = 0) -> "IntegerNetwork":
        """Load int8.tflite for `threads` pictures at a time; 0: as many as there are cores.

        Raises ModelError if it can't be loaded.
        """
        file = description.integer_model
        try:
            return cls(file.read_bytes(), threads or len(os.sched_getaffinity(0)))
        except (OSError, ValueError, RuntimeError) as error:
            reason = str(error).partition("\n")[0]
            raise ModelError(f"{file} can't be loaded: {reason}") from error

    def find(self, pictures: NDArray[np.uint8], floor: float) -> list[Found]:
        """Return what is in each picture; lower scores are not decoded."""
        return list(self._threads.map(lambda picture: self._find(picture, floor), pictures))

    def _find(self, picture: NDArray[np.uint8], floor: float) -> Found:
        interpreter = self._take(picture.shape)
        try:
            grids = interpreter.run(picture)
        finally:
            with self._lock:
                self._idle.append(interpreter)
        height, width = picture.shape[:2]
        return find_boxes(grids, (height, width), floor)

    def _take(self, shape: tuple[int, ...]) -> "_Interpreter":
        """Return an idle interpreter: of this shape, or a new one, or the least recently used."""
        with self._lock:
            fitting = (i for i, idle in enumerate(self._idle) if shape == idle.shape)
            index = next(fitting, None)
            if index is not None:
                return self._idle.pop(index)
            if self._idle and (self._idle[0].shape is None or not self._unmade):
                return self._idle.pop(0)
            self._unmade -= 1
        return _Interpreter(self._content)


class _Interpreter:
    """Runs the network on one picture; of another size than the last one it costs more."""

    def __init__(self, content: bytes) -> None:
        self._interpreter = Interpreter(model_content=content, num_threads=1)
        [taken] = self._interpreter.get_input_details()
        self._input: int = taken["index"]
        self.shape: tuple[int, ...] | None = None
        """Of its last picture."""

    def run(self, picture: NDArray[np.uint8]) -> list[Grid]:
        if picture.shape != self.shape:
            self._interpreter.resize_tensor_input(self._input, [1, *picture.shape])
            allocate_tensors(self._interpreter)
            self.shape = picture.shape
        self._interpreter.set_tensor(self._input, picture[np.newaxis])
        self._interpreter.invoke()
        scores: dict[tuple[int, ...], Raw] = {}
        sides: dict[tuple[int, ...], Raw] = {}
        for output in self._interpreter.get_output_details():
            raw = self._read(output)
            kind = sides if raw.values.shape[-1] == SIDES * BINS else scores
            kind[raw.values.shape[:2]] = raw
        return [Grid(scores[size], sides[size]) for size in sorted(scores, reverse=True)]

    def _read(self, output: Any) -> Raw:
        scale, zero = output["quantization"]
        return Raw(self._interpreter.get_tensor(output["index"])[0], float(scale), int(zero))
