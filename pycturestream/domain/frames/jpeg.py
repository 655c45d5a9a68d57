"""What a JPEG will cost to decode, by its markers and without decoding it.

The decoder (libjpeg-turbo) reads whatever is accepted here in the same way, so that no picture can
claim one size and decode to another, or hide scans. Marker codes: ITU-T T.81 (the JPEG standard),
table B.1.
"""

import re

from msgspec import Struct

from pycturestream.domain.frames.rejection import Rejection

START_OF_IMAGE = b"\xff\xd8"
END_OF_IMAGE = b"\xff\xd9"
OTHER_PICTURES = (b"\x89PNG", b"GIF8", b"BM", b"RIFF", b"II*\x00", b"MM\x00*")
"""How PNG, GIF, BMP, WebP and TIFF begin."""

PASSES = 20
"""How often a decoder may go through the pixels of a picture of the largest size; through those of
a smaller one accordingly more often. A pass is one component in one scan: three for the usual
colour picture, 14 for a progressive one of libjpeg's. One over 40 megapixels takes 35 ms at most,
so that no admitted picture keeps a decoder busy for more than a second (docs/decisions/0031)."""

_NEXT_MARKER = re.compile(rb"\xff[\xc0-\xcf\xd8-\xfe]")
"""Where a scan or a segment ends. Data of a scan escape 0xFF; restart markers (0xD0 to 0xD7) belong
to them, and lower codes are none that the decoder takes for the end of a scan."""
_FILL = 0xFF
_DECODABLE = frozenset({0xC0, 0xC1, 0xC2})
"""Frame headers of what cameras and phones send: baseline, extended and progressive, with Huffman
coding."""
_ARITHMETIC = frozenset({0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
"""Nobody sends pictures with arithmetic coding, and the decoder goes on through a scan without data
at full cost: 7 kB keep it busy for half a minute."""
_UNDECODABLE = frozenset(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Lossless, hierarchical, or arithmetic."""
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_SEGMENTS = frozenset({0xC4, 0xCC, 0xDB, 0xDC, 0xDD, *range(0xE0, 0xF0), 0xFE})
"""What else may stand between the start and the end: tables, applications' data, comments."""
_START_OF_SCAN = 0xDA
_END = END_OF_IMAGE[1]
_MARKER_LIMIT = 1_000
"""Markers and fill bytes before the frame header, and segments behind it. A photo with a preview, a
colour profile and all metadata of a phone has some twenty."""
_SCAN_LIMIT = 64
"""Scans of one picture, however small. Encoders make ten, and twenty at most."""
_COMPONENTS = frozenset({1, 3, 4})
"""Grey, colour, and the four inks of printing."""
_SAMPLE_BITS = 8


class Size(Struct, frozen=True):
    """Width and height in pixels."""

    width: int
    height: int


class JpegHeader(Struct, frozen=True):
    """What the markers of a JPEG say of it."""

    size: Size
    """At least 1x1."""
    passes: int
    """How many components all of its scans hold together. A picture without any is left to the
    decoder, as all is that costs nothing."""


def read_size(data: bytes) -> Size:
    """Return the size of a complete JPEG. Raises what `read_header` raises."""
    return read_header(data).size


def read_header(data: bytes) -> JpegHeader:
    """Return what the markers of a complete JPEG say of it.

    A JPEG is complete if an end marker follows its header; anything may follow that: some cameras
    pad their pictures, and phones append previews and videos. Raises Rejection with reason
    `not-an-image`, `not-jpeg`, `truncated` or `too-small`.
    """
    if not data.startswith(START_OF_IMAGE):
        if data.startswith(OTHER_PICTURES):
            raise Rejection("not-jpeg", f"begins like another format: {data[:4]!r}")
        raise Rejection("not-an-image", f"{len(data)} bytes that begin with {data[:4]!r}")
    position = _find_frame_header(data)
    size, components = _read_frame_header(data, position)
    end_of_header = position + 2 + _read_length(data, position)
    return JpegHeader(size, _count_passes(data, end_of_header, components))


def check_cost(header: JpegHeader, pixel_limit: int) -> None:
    """Raise Rejection `too-many-pixels` for a picture that is too large, or takes too long."""
    size = header.size
    pixels, found = size.width * size.height, f"{size.width}x{size.height}"
    if pixels > pixel_limit:
        raise Rejection("too-many-pixels", f"{found}, allowed {pixel_limit} pixels")
    if pixels * header.passes > PASSES * pixel_limit:
        allowed = PASSES * pixel_limit // pixels
        raise Rejection(
            "too-many-pixels",
            f"{found} in {header.passes} components of scans, allowed {allowed} at this size",
        )


def _count_passes(data: bytes, position: int, components: int) -> int:
    """Return how many components the scans from `position` on hold together."""
    scans = passes = 0
    for _ in range(_MARKER_LIMIT):
        found = _NEXT_MARKER.search(data, position)
        if found is None:
            raise Rejection("truncated", f"no end marker in {len(data)} bytes")
        position, marker = found.start(), data[found.start() + 1]
        if marker == _END:
            return passes
        if marker != _START_OF_SCAN and marker not in _SEGMENTS:
            raise Rejection("not-jpeg", f"marker {marker:#x} behind the frame header")
        length = _read_length(data, position)
        if marker == _START_OF_SCAN:
            scans += 1
            passes += _read_scan_header(data, position, length, components)
        if scans > _SCAN_LIMIT:
            raise Rejection("not-jpeg", f"more than {_SCAN_LIMIT} scans")
        position += 2 + length
    raise Rejection("not-jpeg", f"more than {_MARKER_LIMIT} segments behind its frame header")


def _read_scan_header(data: bytes, position: int, length: int, components: int) -> int:
    """Return how many components a scan holds."""
    number = data[position + 4] if position + 4 < len(data) else 0
    if not 1 <= number <= components or length != 6 + 2 * number:
        raise Rejection("not-jpeg", f"a scan of {number} components in {length} bytes of header")
    return number


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
            kind = "arithmetic coding" if marker in _ARITHMETIC else "lossless or hierarchical"
            raise Rejection("not-jpeg", f"{kind}: frame header {marker:#x}")
        if marker == _FILL:
            position += 1
        elif marker in _STANDALONE:
            position += 2
        elif marker not in _SEGMENTS:
            raise Rejection(
                "not-jpeg", f"marker {marker:#x} before a frame header, at byte {position}"
            )
        else:
            position += 2 + _read_length(data, position)
    raise Rejection("not-jpeg", f"no frame header behind {_MARKER_LIMIT} markers")


def _read_length(data: bytes, position: int) -> int:
    """Return the length of a segment without its marker."""
    if position + 4 > len(data):
        raise Rejection("truncated", f"ends in a segment, after {len(data)} bytes")
    length = int.from_bytes(data[position + 2 : position + 4], "big")
    if length < 2:
        raise Rejection("not-jpeg", f"a segment of {length} bytes at byte {position}")
    return length


def _read_frame_header(data: bytes, position: int) -> tuple[Size, int]:
    """Return the size, and the number of components."""
    header = data[position + 4 : position + 10]
    if len(header) < 6:
        raise Rejection("truncated", f"ends in its frame header, after {len(data)} bytes")
    if header[0] != _SAMPLE_BITS:
        raise Rejection("not-jpeg", f"{header[0]} bits a sample, decoded are {_SAMPLE_BITS}")
    height, width = int.from_bytes(header[1:3], "big"), int.from_bytes(header[3:5], "big")
    if not width or not height:
        # A height of 0 is defined after the first scan (DNL), which the decoder does not read.
        raise Rejection("too-small", f"{width}x{height} by its header")
    components, length = header[5], _read_length(data, position)
    if components not in _COMPONENTS or length != 8 + 3 * components:
        raise Rejection("not-jpeg", f"{components} components in {length} bytes of header")
    return Size(width, height), components
