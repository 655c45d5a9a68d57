"""Pictures of the sample clips as pages show them: blurred, with what is detected in them."""

from dataclasses import dataclass
from functools import cache
from itertools import islice

import av
import cv2
import numpy as np

from pycturestream.config.settings import PROJECT_FOLDER, Settings
from pycturestream.detector.letterbox import letterbox
from pycturestream.detector.model_runner import ModelRunner
from pycturestream.domain.detection import PERSON
from pycturestream.domain.frames.jpeg import Size
from pycturestream.pictures.blurring import blur
from pycturestream.pixels import encode_outgoing


@dataclass(frozen=True, slots=True)
class BlurredSample:
    """One frame of a clip."""

    jpeg: bytes
    width: int
    height: int
    detections: tuple

    def objects(self, name):
        """Return the objects of a detections record of this frame, each with a track."""
        return [
            {
                "label": each.label,
                "score": each.score,
                "box": [each.box.x_min, each.box.y_min, each.box.x_max, each.box.y_max],
                "track_id": f"{name}#{number}",
                "sector": "",
                "zones": [],
                "stationary": False,
            }
            for number, each in enumerate(self.detections)
        ]

    def record(self, name):
        """Return what a detections record of this frame has that others have not."""
        labels = [each.label for each in self.detections]
        return {
            "objects": self.objects(name),
            "label_counts": [
                {"label": label, "count": labels.count(label)} for label in sorted(set(labels))
            ],
            "width": self.width,
            "height": self.height,
        }


@cache
def blurred_sample(clip, frame_number, width):
    """Return a frame of a clip of `samples/`, scaled to a width."""
    with av.open(str(PROJECT_FOLDER / "samples" / f"{clip}.mp4")) as footage:
        [frame] = islice(footage.decode(video=0), frame_number, frame_number + 1)
        pixels = frame.to_ndarray(format="bgr24")
    runner = _runner()
    canvas = runner.description.canvases.fit(Size(pixels.shape[1], pixels.shape[0]))
    rgb = np.ascontiguousarray(pixels[..., ::-1])
    [found] = runner.detect([letterbox(rgb, canvas)])
    people = [each.box for each in found if each.label == PERSON]
    shown = blur(pixels, people).pixels
    height = round(shown.shape[0] * width / shown.shape[1])
    scaled = cv2.resize(shown, (width, height), interpolation=cv2.INTER_AREA)
    accepted = tuple(each for each in found if each.score >= 0.4)
    return BlurredSample(encode_outgoing(scaled), width, height, accepted)


@cache
def _runner():
    return ModelRunner.of(Settings())
