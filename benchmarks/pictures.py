"""The pictures: 1280x720 JPEGs of some 100 KB, as a camera of today sends them.

The middle of the sample clip `plaza` (people on a campus, 768x576), cut to 16:9, enlarged, and
encoded by the project's own encoder to its own byte budget.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from producers.load import encode_pictures
from producers.picture import Picture, Pictures, Pixels
from producers.video_file import VideoFile
from pycturestream.clock import Clock, SystemClock
from pycturestream.config.settings import PROJECT_FOLDER, Settings
from pycturestream.domain.frames.frame import frame_id

CLIP = PROJECT_FOLDER / "samples" / "plaza.mp4"
WIDTH, HEIGHT = 1280, 720
PICTURES = 128
"""18 seconds of the clip."""


@dataclass(frozen=True, slots=True)
class Enlarged:
    """A clip whose pictures all have the size of a camera's."""

    clip: VideoFile

    def pictures(self, clock: Clock) -> Pictures:
        for picture in self.clip.pictures(clock):
            if isinstance(picture, Picture) and not isinstance(picture.content, bytes):
                yield replace(picture, content=enlarge(picture.content))


def enlarge(pixels: Pixels) -> Pixels:
    """Return the middle of a picture in the shape and size of the benchmark's."""
    rows, columns = pixels.shape[:2]
    height, width = min(rows, columns * HEIGHT // WIDTH), min(columns, rows * WIDTH // HEIGHT)
    top, left = (rows - height) // 2, (columns - width) // 2
    middle = pixels[top : top + height, left : left + width]
    # Keeps edges as sharp as a camera's, which plain interpolation would blur.
    large = cv2.resize(middle, (WIDTH, HEIGHT), interpolation=cv2.INTER_LANCZOS4)
    return np.asarray(large, np.uint8)


def make_pictures(settings: Settings, number: int = PICTURES) -> tuple[bytes, ...]:
    """Return that many pictures as JPEGs."""
    return encode_pictures(Enlarged(VideoFile(CLIP, "replay")), settings, SystemClock(), number)


def write_folder(jpegs: Sequence[bytes], folder: Path) -> Path:
    """Write the pictures where a producer can read them, in their order; return the folder."""
    folder.mkdir()
    for second, jpeg in enumerate(jpegs):
        (folder / f"{frame_id('bench', 1_795_251_600_000 + 1000 * second)}.jpg").write_bytes(jpeg)
    return folder
