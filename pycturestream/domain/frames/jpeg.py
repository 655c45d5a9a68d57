"""What a JPEG will cost to decode, by its markers and without decoding it.

The decoder (libjpeg-turbo) walks through a picture as this does, so that no picture can claim one
size and decode to another, or hide scans; and what it shows is rejected only for its cost, or
because its end is missing. Marker codes: ITU-T T.81 (the JPEG standard), table B.1.
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

_MARKER = re.compile(rb"\xff[\xc0-\xcf\xd8-\xfe]")
"""What the decoder looks for from the end of a segment on, whatever lies between: zeros, fill bytes
(0xFF), escaped bytes (0xFF00), and the data of a scan with their restart markers (0xD0 to 0xD7).
Lower codes are none after which it would go on to another scan."""
_DECODABLE = frozenset({0xC0, 0xC1, 0xC2})
"""Frame headers of what cameras and phones send: baseline, extended and progressive, with Huffman
coding."""
_ARITHMETIC = frozenset({0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
"""Nobody sends pictures with arithmetic coding, and the decoder goes on through a scan without data
at full cost: 7 kB keep it busy for half a minute."""
_UNDECODABLE = frozenset(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Lossless, hierarchical, or arithmetic."""
_SEGMENTS = frozenset({0xC4, 0xCC, 0xDB, 0xDC, 0xDD, *range(0xE0, 0xF0), 0xFE})
"""What else may stand between the start and the end: tables, applications' data, comments."""
_PROGRESSIVE = 0xC2
_START_OF_SCAN = 0xDA
_END = END_OF_IMAGE[1]
_SEGMENT_LIMIT = 10_000
"""Segments before the frame header, and behind it. A photo with a preview, a colour profile and all
metadata of a phone has some twenty; to walk through so many takes ten milliseconds."""
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


class _FrameHeader(Struct, frozen=True):
    size: Size
    components: int
    is_progressive: bool


def read_size(data: bytes) -> Size:
    """Return the size of a complete JPEG. Raises what `read_header` raises."""
    return read_header(data).size


def read_header(data: bytes) -> JpegHeader:
    """Return what the markers of a complete JPEG say of it.

    A JPEG is complete if a marker follows the data of its last scan: usually the end marker.
    Anything may follow that: some cameras pad their pictures, and phones append previews and
    videos. Raises Rejection with reason `not-an-image`, `not-jpeg`, `truncated` or `too-small`.
    """
    if not data.startswith(START_OF_IMAGE):
        if data.startswith(OTHER_PICTURES):
            raise Rejection("not-jpeg", f"begins like another format: {data[:4]!r}")
        raise Rejection("not-an-image", f"{len(data)} bytes that begin with {data[:4]!r}")
    if data[2:3] not in (b"", b"\xff"):  # by these three bytes decoders choose the format
        raise Rejection("not-jpeg", f"no marker behind its start, but {data[2:4]!r}")
    position = _find_frame_header(data)
    frame = _read_frame_header(data, position)
    return JpegHeader(frame.size, _count_passes(data, _end_of_segment(data, position), frame))


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


def _count_passes(data: bytes, position: int, frame: _FrameHeader) -> int:
    """Return how many components the scans from `position` on hold together."""
    scans = passes = 0
    for _ in range(_SEGMENT_LIMIT):
        position, marker = _next_marker(data, position)
        if marker == _END:
            return passes
        if marker != _START_OF_SCAN and marker not in _SEGMENTS:
            raise Rejection("not-jpeg", f"marker {marker:#x} behind the frame header")
        if marker == _START_OF_SCAN:
            scans += 1
            found = _read_scan_header(data, position, frame.components)
            passes += found
            if scans == 1 and found == frame.components and not frame.is_progressive:
                # The decoder shows all of it as it reads this scan, and decodes no other.
                _next_marker(data, _end_of_segment(data, position))
                return passes
        if scans > _SCAN_LIMIT:
            raise Rejection("not-jpeg", f"more than {_SCAN_LIMIT} scans")
        position = _end_of_segment(data, position)
    raise Rejection("not-jpeg", f"more than {_SEGMENT_LIMIT} segments behind its frame header")


def _read_scan_header(data: bytes, position: int, components: int) -> int:
    """Return how many components a scan holds."""
    length = _read_length(data, position)
    number = data[position + 4] if position + 4 < len(data) else 0
    if not 1 <= number <= components or length != 6 + 2 * number:
        raise Rejection("not-jpeg", f"a scan of {number} components in {length} bytes of header")
    return number


def _find_frame_header(data: bytes) -> int:
    """Return the position of the marker of the frame header."""
    position = len(START_OF_IMAGE)
    for _ in range(_SEGMENT_LIMIT):
        position, marker = _next_marker(data, position)
        if marker in _DECODABLE:
            return position
        if marker in _UNDECODABLE:
            kind = "arithmetic coding" if marker in _ARITHMETIC else "lossless or hierarchical"
            raise Rejection("not-jpeg", f"{kind}: frame header {marker:#x}")
        if marker not in _SEGMENTS:
            raise Rejection(
                "not-jpeg", f"marker {marker:#x} before a frame header, at byte {position}"
            )
        position = _end_of_segment(data, position)
    raise Rejection("not-jpeg", f"no frame header behind {_SEGMENT_LIMIT} segments")


def _next_marker(data: bytes, position: int) -> tuple[int, int]:
    """Return the position and code of the next marker from `position` on."""
    found = _MARKER.search(data, position)
    if found is None:
        raise Rejection("truncated", f"ends without an end marker, after {len(data)} bytes")
    return found.start(), data[found.start() + 1]


def _end_of_segment(data: bytes, position: int) -> int:
    """Return the position behind a segment, which may lie behind the end."""
    # A length counts its own two bytes. Where it says less, the decoder goes on behind them.
    return position + 2 + max(2, _read_length(data, position))


def _read_length(data: bytes, position: int) -> int:
    """Return the length of a segment without its marker."""
    if position + 4 > len(data):
        raise Rejection("truncated", f"ends in a segment, after {len(data)} bytes")
    return int.from_bytes(data[position + 2 : position + 4], "big")


def _read_frame_header(data: bytes, position: int) -> _FrameHeader:
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
    is_progressive = data[position + 1] == _PROGRESSIVE
    return _FrameHeader(Size(width, height), components, is_progressive)
