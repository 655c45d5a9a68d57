"""The plain loop that everything is compared with: decode and detect, nothing else."""

import time
from pathlib import Path

import cv2

from models.decoding import decode_jpeg
from models.detector import Detector
from models.registry import load_model

PICTURES = 96


def pictures(clip: Path, number: int = PICTURES) -> list[bytes]:
    """Return the first pictures of a clip as JPEGs."""
    video = cv2.VideoCapture(str(clip))
    jpegs: list[bytes] = []
    while len(jpegs) < number:
        found, picture = video.read()
        if not found:
            raise ValueError(f"{clip} has fewer than {number} pictures")
        jpegs.append(cv2.imencode(".jpg", picture)[1].tobytes())
    video.release()
    return jpegs


def milliseconds_a_picture(model: str, jpegs: list[bytes], batch: int) -> float:
    """Return the wall time of decoding and detecting one picture, in batches of this size."""
    detector = Detector.load(load_model(model))
    detector.warm_up((batch,))
    canvas = detector.description.canvas
    began = time.perf_counter()
    for start in range(0, len(jpegs), batch):
        detector.detect([decode_jpeg(jpeg, canvas) for jpeg in jpegs[start : start + batch]])
    return (time.perf_counter() - began) / len(jpegs) * 1000
