"""The size of a JPEG by its header, without decoding it.

The decoder (libjpeg-turbo) reads whatever is accepted here in the same way, so that no picture can
claim one size and decode to another. Marker codes: ITU-T T.81 (the JPEG standard),
table B.1.
"""

import re

from msgspec import Struct

from pycturestream.domain.frames.rejection import Rejection

START_OF_IMAGE = b"\xff\xd8"
END_OF_IMAGE = b"\xff\xd9"
OTHER_PICTURES = (b"\x89PNG", b"GIF8", b"BM", b"RIFF", b"II*\x00", b"MM\x00*")
"""How PNG, GIF, BMP, WebP and TIFF begin."""

_SCANS_AND_END = re.compile(rb"\xff[\xda\xd9]")
_FILL = 0xFF
_DECODABLE = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})
"""Frame headers of pictures that the decoder can read: baseline, extended and progressive, with
Huffman or arithmetic coding."""
_UNDECODABLE = frozenset(range(0xC3, 0xD0)) - _DECODABLE - {0xC4, 0xC8, 0xCC}
"""And of those that it can't: lossless and hierarchical."""
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_SEGMENTS = frozenset({0xC4, 0xCC, 0xDB, 0xDC, 0xDD, *range(0xE0, 0xF0), 0xFE})
"""What else may precede a frame header: tables, applications' data, comments."""
_MARKER_LIMIT = 1_000
"""Markers and fill bytes before the frame header. A photo with a preview, a colour profile and all
metadata of a phone has some twenty."""
_SCAN_LIMIT = 64
"""Scans of one picture. Encoders make some ten. Each of a few bytes goes through all pixels once
more: 200 of them keep the decoder busy for 20 s."""
_SAMPLE_BITS = 8


class Size(Struct, frozen=True):
    """Width and height in pixels."""

    width: int
    height: int


def read_size(data: bytes) -> Size:
    """Return the size by the header of a complete JPEG, at least 1x1.

    A JPEG is complete if an end marker follows its header; anything may follow that: some cameras
    pad their pictures, and phones append previews and videos. Raises Rejection with reason
    `not-an-image`, `not-jpeg`, `truncated` or `too-small`.
    """
    if not data.startswith(START_OF_IMAGE):
        if data.startswith(OTHER_PICTURES):
            raise Rejection("not-jpeg", f"begins like another format: {data[:4]!r}")
        raise Rejection("not-an-image", f"{len(data)} bytes that begin with {data[:4]!r}")
    position = _find_frame_header(data)
    size = _read_frame_header(data, position)
    # Data between markers escape 0xFF, so that no marker can occur in a scan by chance.
    # One by one: a list of all of them would be thirty times as large as a picture made of them.
    for scans, mark in enumerate(_SCANS_AND_END.finditer(data, position)):
        if mark[0] == END_OF_IMAGE:
            return size
        if scans == _SCAN_LIMIT:
            raise Rejection("not-jpeg", f"more than {_SCAN_LIMIT} scans")
    raise Rejection("truncated", f"no end marker in {len(data)} bytes")


def _find_frame_header(data: bytes) -> int:
    """Return the position of the marker of the frame header."""
    position = len(START_OF_IMAGE)
    for _ in range(_MARKER_LIMIT):
        if position + 4 > len(data):
            raise Rejection("truncated", f"ends before its frame header, after {len(data)} bytes")
        if data[position] != 0xFF:
            raise Rejection("not-jpeg", f"no marker at byte {position}")
        marker = data[position + 1]
        if marker in _DECODABLE:
            return position
        if marker in _UNDECODABLE:
            raise Rejection("not-jpeg", f"lossless or hierarchical: frame header {marker:#x}")
        if marker == _FILL:
            position += 1
        elif marker in _STANDALONE:
            position += 2
        else:
            position += 2 + _segment_length(data, position)
    raise Rejection("not-jpeg", f"no frame header behind {_MARKER_LIMIT} markers")


def _segment_length(data: bytes, position: int) -> int:
    marker, length = data[position + 1], int.from_bytes(data[position + 2 : position + 4], "big")
    if marker not in _SEGMENTS or length < 2:
        raise Rejection("not-jpeg", f"marker {marker:#x} before a frame header, at byte {position}")
    return length


def _read_frame_header(data: bytes, position: int) -> Size:
    header = data[position + 4 : position + 9]
    if len(header) < 5:
        raise Rejection("truncated", f"ends in its frame header, after {len(data)} bytes")
    if header[0] != _SAMPLE_BITS:
        raise Rejection("not-jpeg", f"{header[0]} bits a sample, decoded are {_SAMPLE_BITS}")
    height, width = int.from_bytes(header[1:3], "big"), int.from_bytes(header[3:], "big")
    if not width or not height:
        # A height of 0 is defined after the first scan (DNL), which the decoder does not read.
        raise Rejection("too-small", f"{width}x{height} by its header")
    return Size(width, height)
