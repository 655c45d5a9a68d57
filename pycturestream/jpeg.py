"""What the header of a JPEG says, without decoding it.

Marker codes: ITU-T T.81 (the JPEG standard), table B.1.
"""

from dataclasses import dataclass

from pycturestream.refusal import Refusal

START_OF_IMAGE = b"\xff\xd8"
END_OF_IMAGE = b"\xff\xd9"
OTHER_PICTURES = (b"\x89PNG", b"GIF8", b"BM", b"RIFF", b"II*\x00", b"MM\x00*")
"""How PNG, GIF, BMP, WebP and TIFF begin."""

_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_START_OF_SCAN = 0xDA
_TAIL = 4096
"""Some cameras pad the end of a picture; an end marker this close to the end counts."""


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int


def read_size(data: bytes) -> Size:
    """Return the size that the header of a JPEG promises.

    Raises Refusal with reason `not-an-image`, `not-jpeg` or `truncated`.
    """
    if not data.startswith(START_OF_IMAGE):
        if data.startswith(OTHER_PICTURES):
            raise Refusal("not-jpeg", f"begins like another format: {data[:4]!r}")
        raise Refusal("not-an-image", f"{len(data)} bytes that begin with {data[:4]!r}")
    size = _find_frame_header(data)
    if data.rfind(END_OF_IMAGE, max(0, len(data) - _TAIL)) < 0:
        raise Refusal("truncated", f"no end marker in {len(data)} bytes")
    return size


def _find_frame_header(data: bytes) -> Size:
    position = len(START_OF_IMAGE)
    while position + 4 <= len(data):
        if data[position] != 0xFF:
            raise Refusal("not-jpeg", f"no marker at byte {position}")
        marker = data[position + 1]
        if marker == 0xFF:  # a fill byte
            position += 1
            continue
        if marker in _STANDALONE:
            position += 2
            continue
        if marker == _START_OF_SCAN:
            raise Refusal("not-jpeg", "picture data before a frame header")
        if marker in _FRAME_HEADERS:
            header = data[position + 5 : position + 9]
            if len(header) < 4:
                break
            return Size(
                width=int.from_bytes(header[2:], "big"), height=int.from_bytes(header[:2], "big")
            )
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    raise Refusal("truncated", f"ends before its frame header, after {len(data)} bytes")
