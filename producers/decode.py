"""Pixels of a JPEG that is what its header says."""

import cv2
import numpy as np

from producers.picture import Pixels
from pycturestream.domain.frames.jpeg import read_size
from pycturestream.domain.frames.rejection import Rejection


def decode(jpeg: bytes, pixel_limit: int, flags: int = cv2.IMREAD_COLOR) -> Pixels | None:
    """Return the pixels, or None for what is damaged, no JPEG, or dangerously large.

    `flags` are OpenCV's. Pictures are turned as their EXIF says, as the job turns them too.
    """
    try:
        size = read_size(jpeg)
    except Rejection:
        return None
    if size.width * size.height > pixel_limit:
        return None
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), flags)
    return None if pixels is None else np.asarray(pixels, np.uint8)
