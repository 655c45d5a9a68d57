"""Finds faces with CenterFace, as LiteRT runs it. Whose they are is not asked.

The network was published by Xu et al. ("CenterFace: joint face detection and alignment using face
as point", 2019). For each square of 4x4 pixels it gives a score that a face has its centre there,
the logarithms of the face's height and width, and how far the centre is from that of the square.
docs/decisions/0051 says why it runs in LiteRT, and at which size.
"""

import hashlib
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from threading import Lock
from typing import Any

import cv2
import msgspec
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from msgspec import Struct
from numpy.typing import NDArray

from pycturestream.blur.face_scale import face_scale
from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.domain.box_arrays import shared_areas
from pycturestream.domain.frames.jpeg import Size
from pycturestream.domain.geometry import BoundingBox
from pycturestream.errors import ConfigurationError
from pycturestream.litert import allocate_tensors
from pycturestream.pixels import Pixels

FOLDER = PROJECT_FOLDER / "models" / "centerface"
DESCRIPTION = "face_model.json"
NETWORK = "float16.tflite"

STEP = 32
"""Both sides of what the network sees are multiples of it."""
STRIDE = 4
"""Pixels from one centre to the next."""
MARGIN = 114
"""Grey level of what is added at the right and below to reach a multiple of STEP."""
SAME_FACE_IOU = 0.3
"""As in the original."""
CANDIDATES = 1000
"""Centres that are compared with each other: the best ones. A crowd has fewer."""

Face = tuple[BoundingBox, float]
"""0..1 of the picture, and the score."""


class FaceModelError(ConfigurationError):
    """The face model can't be used; the message is one line."""


class FaceModel(Struct, frozen=True, forbid_unknown_fields=True):
    """The content of face_model.json."""

    name: str
    version: str
    licence: str
    origin: str
    threshold: float
    """The lowest score of a face that is covered."""
    detection_threshold: float
    """The lowest score of a face that counts as detected by itself; what is lower is weak."""
    sha256: dict[str, str]
    """Of the network's file, by its name."""


class FaceFinder:
    """One network, loaded once per process; its threads take turns."""

    def __init__(self, folder: Path = FOLDER, threads: int = 1) -> None:
        """Load the network, to run on `threads` cores. Raises FaceModelError."""
        self.model = read_face_model(folder)
        try:
            content = (folder / NETWORK).read_bytes()
        except OSError as error:
            raise FaceModelError(f"{folder / NETWORK}: {error.strerror}") from error
        if hashlib.sha256(content).hexdigest() != self.model.sha256.get(NETWORK):
            raise FaceModelError(
                f"{folder / NETWORK} is not the file that {DESCRIPTION} describes (SHA-256"
                " differs): restore or convert it again"
            )
        try:
            self._interpreter = Interpreter(model_content=content, num_threads=threads)
        except (ValueError, RuntimeError) as error:
            reason = str(error).partition("\n")[0]
            raise FaceModelError(f"{folder / NETWORK} can't be loaded: {reason}") from error
        self._input: int = self._interpreter.get_input_details()[0]["index"]
        self._shape: tuple[int, ...] = ()
        self._lock = Lock()

    def find(self, pixels: Pixels) -> list[Face]:
        """Return the faces in a picture, best first."""
        height, width = pixels.shape[:2]
        scale = face_scale(Size(width, height))
        canvas = _canvas(pixels, scale)
        with self._lock:
            scores, sizes, offsets = self._run(canvas)
        faces = find_faces(scores, sizes, offsets, self.model.threshold)
        across, down = round(width * scale), round(height * scale)
        whole = np.array([max(1, across), max(1, down)] * 2)
        return [
            (BoundingBox(*np.clip(box / whole, 0, 1).tolist()), float(score))
            for box, score in faces
        ]

    def _run(self, canvas: NDArray[np.float32]) -> Sequence[NDArray[np.float32]]:
        """Return scores [rows, columns, 1], sizes and offsets [rows, columns, 2]."""
        if canvas.shape != self._shape:
            self._interpreter.resize_tensor_input(self._input, canvas.shape)
            allocate_tensors(self._interpreter)
            self._shape = canvas.shape
        self._interpreter.set_tensor(self._input, canvas)
        self._interpreter.invoke()
        # They are numbered in the order of their names: offset, score, size.
        outputs = sorted(self._interpreter.get_output_details(), key=_name)
        offset, score, size = (self._interpreter.get_tensor(o["index"])[0] for o in outputs)
        return score, size, offset


def _name(output: Any) -> str:
    return str(output["name"])


def read_face_model(folder: Path) -> FaceModel:
    """Read face_model.json. Raises FaceModelError."""
    path = folder / DESCRIPTION
    try:
        return msgspec.json.decode(path.read_bytes(), type=FaceModel)
    except OSError as error:
        raise FaceModelError(f"{path}: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise FaceModelError(f"{path}: {error}") from error


def _canvas(pixels: Pixels, scale: float) -> NDArray[np.float32]:
    """Return what the network sees: RGB 0..255, [1, height, width, 3]."""
    height, width = pixels.shape[:2]
    across, down = max(1, round(width * scale)), max(1, round(height * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    scaled = cv2.resize(pixels, (across, down), interpolation=method)
    shape = 1, STEP * ceil(down / STEP), STEP * ceil(across / STEP), 3
    canvas = np.full(shape, MARGIN, np.float32)
    canvas[0, :down, :across] = scaled[..., ::-1]
    return canvas


def find_faces(
    scores: NDArray[np.float32],
    sizes: NDArray[np.float32],
    offsets: NDArray[np.float32],
    threshold: float,
) -> list[tuple[NDArray[np.float32], np.float32]]:
    """Return the boxes of the faces, x_min, y_min, x_max, y_max in pixels, and their scores.

    Best first, each face once. `scores` are 0..1, [rows, columns, 1]; `sizes` and `offsets` are
    down, then across, [rows, columns, 2]: logarithms of heights and widths, and parts of a square,
    both in squares of STRIDE pixels.
    """
    rows, columns = np.nonzero(scores[..., 0] >= threshold)
    order = np.argsort(-scores[rows, columns, 0], kind="stable")[:CANDIDATES]
    rows, columns = rows[order], columns[order]
    halves = np.exp(sizes[rows, columns]) * STRIDE / 2
    centres = (np.stack([rows, columns], axis=-1) + offsets[rows, columns] + 0.5) * STRIDE
    boxes = np.concatenate([centres - halves, centres + halves], axis=-1)[:, [1, 0, 3, 2]]
    return [(boxes[index], scores[rows[index], columns[index], 0]) for index in _each_once(boxes)]


def _each_once(boxes: NDArray[np.float32]) -> list[int]:
    """Return the indices of boxes that overlap with none before them which is kept."""
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=-1)
    left = np.ones(len(boxes), bool)
    kept: list[int] = []
    for index in range(len(boxes)):
        if not left[index]:
            continue
        kept.append(index)
        common = shared_areas(boxes, boxes[index])
        left &= common < SAME_FACE_IOU * (areas + areas[index] - common)
    return kept
