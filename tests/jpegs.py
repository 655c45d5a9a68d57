"""JPEGs that no camera sends, put together segment by segment."""

import cv2
import numpy as np

START, END = b"\xff\xd8", b"\xff\xd9"
START_OF_SCAN, HUFFMAN_TABLE, COMMENT = 0xDA, 0xC4, 0xFE
BASELINE, PROGRESSIVE = 0xC0, 0xC2
ARITHMETIC, ARITHMETIC_PROGRESSIVE, LOSSLESS, HIERARCHICAL = 0xC9, 0xCA, 0xC3, 0xC5
GREY, COLOUR = (1,), (1, 2, 3)


def segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2, "big") + content


def frame_header(
    width: int, height: int, components: tuple[int, ...] = GREY, marker: int = BASELINE
) -> bytes:
    """Return a frame header; no component is subsampled."""
    parts = b"".join(bytes((component, 0x11, 0)) for component in components)
    size = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return segment(marker, b"\x08" + size + bytes((len(components),)) + parts)


def scan(
    components: tuple[int, ...] = GREY, first: int = 0, last: int = 63, bits: int = 0
) -> bytes:
    """Return a scan that holds no data: coefficients `first` to `last`, to the precision `bits`."""
    parts = b"".join(bytes((component, 0)) for component in components)
    return segment(START_OF_SCAN, bytes((len(components),)) + parts + bytes((first, last, bits)))


def arithmetic(width: int, height: int, scans: int, marker: int = ARITHMETIC_PROGRESSIVE) -> bytes:
    """Return an arithmetic-coded picture, whose scans without data cost as much as full ones."""
    tables = segment(0xDB, bytes(1) + bytes((1,) * 64))
    passes = scan(GREY, 0, 0) + scan(GREY, 1, 63) * (scans - 1)
    return START + tables + frame_header(width, height, GREY, marker) + passes + END


def encoded(width: int, height: int, *options: int, channels: int = 3, shade: int = 100) -> bytes:
    """Return an even picture as OpenCV encodes it with these options."""
    shape = (height, width, channels) if channels > 1 else (height, width)
    return cv2.imencode(".jpg", np.full(shape, shade, np.uint8), options)[1].tobytes()


def progressive(width: int, height: int, *, channels: int = 3, passes: int | None = None) -> bytes:
    """Return an even progressive picture; its last scan is repeated to make up so many passes."""
    options = (cv2.IMWRITE_JPEG_PROGRESSIVE, 1, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x111111)
    data = encoded(width, height, *options, channels=channels)
    if passes is None:
        return data
    own = 14 if channels == 3 else 6
    last = data[data.rindex(b"\xff\xda") : -2]
    return data[:-2] + last * (passes - own) + END


EXIF = segment(0xE1, b"Exif\0\0" + b"GPS 48.2082 N 16.3738 E")
"""A segment of metadata, which says where a picture was taken."""


def photo(width: int = 128, height: int = 96, seed: int = 1) -> bytes:
    """Return a picture with structure in every pixel, which compresses badly."""
    shades = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return cv2.imencode(".jpg", shades)[1].tobytes()


def pixels_of(jpeg: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
