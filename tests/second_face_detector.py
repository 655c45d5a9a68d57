"""A face detector that has nothing to do with ours, to look for faces in what was blurred.

MediaPipe's full-range model takes a square of 192x192 pixels, and gives a box and a score for each
of 48x48 places.
"""

from pathlib import Path

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter

FILE = Path(__file__).parent / "data" / "face_detection_full_range.tflite"
SIDE, PLACES = 192, 48
LARGEST_LOGIT = 80.0


class SecondFaceDetector:
    def __init__(self) -> None:
        self._interpreter = Interpreter(model_path=str(FILE))
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._boxes, self._scores = (o["index"] for o in self._interpreter.get_output_details())

    def find(self, square, threshold: float) -> list[tuple[float, float]]:
        """Return the centres of faces, x and y in 0..1 of a square of pixels."""
        method = cv2.INTER_AREA if len(square) > SIDE else cv2.INTER_LINEAR
        rgb = cv2.resize(square, (SIDE, SIDE), interpolation=method)[..., ::-1]
        self._interpreter.set_tensor(self._input, rgb[np.newaxis].astype(np.float32) / 127.5 - 1)
        self._interpreter.invoke()
        boxes = self._interpreter.get_tensor(self._boxes)[0]
        logits = self._interpreter.get_tensor(self._scores)[0, :, 0]
        scores = 1 / (1 + np.exp(-np.clip(logits, -LARGEST_LOGIT, LARGEST_LOGIT)))
        rows, columns = np.divmod(np.arange(PLACES**2), PLACES)
        centres = boxes[:, :2] / SIDE + (np.stack([columns, rows], axis=-1) + 0.5) / PLACES
        return [(float(x), float(y)) for x, y in centres[scores >= threshold]]
