"""Finds where pictures begin in any bytes: in a file of their own or amid others.

JPEG, PNG and WebP, as they are and as base64. A JPEG counts if what follows its first marker is the
head of one, since three bytes alone are found everywhere. What compresses by copying, as snappy and
LZ4 do, leaves such a head as it is: a picture has nothing to copy yet when it begins.
"""

import base64
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, Literal

Kind = Literal["JPEG", "PNG", "WebP", "JPEG in base64", "PNG in base64", "WebP in base64"]

CHUNK: Final = 4 * 1024 * 1024
"""Bytes that are searched at once; memory stays at a few times as much."""
WINDOW: Final = 128 * 1024
"""How far behind its beginning a picture is looked at: metadata of 64 kB may come first."""
_BASE64_LOOKED_AT: Final = 4_096
_GZIP: Final = b"\x1f\x8b\x08"

_FRAME_HEADS: Final = frozenset({0xC0, 0xC1, 0xC2, 0xC3, *range(0xC5, 0xC8), 0xC9, 0xCA, 0xCB})
"""Markers of JPEG that a picture's size follows; it has one."""
_SEGMENTS: Final = frozenset({0xC4, 0xCC, *range(0xDB, 0xE0), *range(0xE0, 0xF0), 0xFE})
"""Markers that may come before it."""
_NAMED: Final = (b"JFIF\0", b"JFXX\0", b"Exif\0", b"Adobe")
_BASE64: Final = re.compile(rb"(?:[A-Za-z0-9+/_-]|\\/|\\[nr]|[\r\n])+")
_BREAKS: Final = re.compile(rb"\\[nr]|[\\\r\n]")


@dataclass(frozen=True, slots=True, order=True)
class Picture:
    """Where a picture begins."""

    offset: int
    kind: Kind


def find_in_file(file: BinaryIO, advance: Callable[[int], None] | None = None) -> Iterator[Picture]:
    """Yield the pictures in a file, in a compressed one (gzip) also those that were compressed.

    Those have the offset of the whole, 0. `advance` is called with the bytes that were read.
    """
    is_gzip = file.read(len(_GZIP)) == _GZIP
    file.seek(0)
    yield from find_pictures(_reporting(file.read, advance))
    if is_gzip:
        file.seek(0)
        yield from {Picture(0, found.kind) for found in find_pictures(_unpacking(file))}


def find_pictures(read: Callable[[int], bytes]) -> Iterator[Picture]:
    """Yield the pictures in what `read` returns, called with a number of bytes until it has none.

    The order is that of their offsets.
    """
    held, begin = b"", 0
    while True:
        more = read(CHUNK)
        held += more
        # What begins later is looked at with the next bytes.
        end = len(held) - WINDOW if more else len(held)
        for found in sorted(_find(held, end)):
            yield Picture(begin + found.offset, found.kind)
        if not more:
            return
        if end > 0:
            held, begin = held[end:], begin + end


def find_in_bytes(data: bytes) -> list[Picture]:
    """Return the pictures in some bytes."""
    return sorted(_find(data, len(data)))


def _find(data: bytes, end: int) -> Iterator[Picture]:
    """Yield the pictures that begin before `end`."""
    if data == bytes(len(data)):  # of files that were made longer than what is in them
        return
    for start, kind, is_one in _STARTS:
        place = data.find(start, 0, end + len(start) - 1) if end > 0 else -1
        while 0 <= place < end:
            if is_one(data[place : place + WINDOW]):
                yield Picture(place, kind)
            place = data.find(start, place + 1, end + len(start) - 1)


def _is_jpeg(data: bytes) -> bool:
    """Whether bytes that begin with FF D8 FF are the head of a JPEG, as far as there are any."""
    if data[6:11] in _NAMED and 0xE0 <= data[3] <= 0xEF:
        return True
    at = 2
    while at + 4 <= len(data):
        mark, marker = data[at], data[at + 1]
        if mark != 0xFF:
            return False
        if marker == 0xFF:  # fills
            at += 1
            continue
        size = int.from_bytes(data[at + 2 : at + 4])
        if marker in _FRAME_HEADS:
            components = data[at + 9 : at + 10]
            return size >= 11 and any(data[at + 7 : at + 9]) and components in {b"", *_COMPONENTS}
        if marker not in _SEGMENTS or size < 2:
            return False
        at += 2 + size
    return at > 2


_COMPONENTS: Final = (b"\1", b"\3", b"\4")


def _is_png(data: bytes) -> bool:
    return data[8:16] == b"\0\0\0\rIHDR"


def _is_webp(data: bytes) -> bool:
    return data[8:15] == b"WEBPVP8"


def _encoded(is_one: Callable[[bytes], bool], smallest: int) -> Callable[[bytes], bool]:
    """Return what judges base64 by the bytes that it stands for, if they are so many at least."""

    def judge(data: bytes) -> bool:
        match = _BASE64.match(data[:_BASE64_LOOKED_AT])
        letters = _BREAKS.sub(b"", match[0] if match else b"").translate(_URL_LETTERS)
        decoded = base64.b64decode(letters[: len(letters) // 4 * 4])
        return len(decoded) >= smallest and is_one(decoded)

    return judge


_URL_LETTERS: Final = bytes.maketrans(b"_-", b"/+")
_STARTS: Final[tuple[tuple[bytes, Kind, Callable[[bytes], bool]], ...]] = (
    (b"\xff\xd8\xff", "JPEG", _is_jpeg),
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG", lambda _: True),
    (b"RIFF", "WebP", _is_webp),
    # Of base64 as it is or as JSON may escape it, and as addresses have it.
    *((start, "JPEG in base64", _encoded(_is_jpeg, 12)) for start in (b"/9j", b"_9j_")),
    (b"iVBORw0KGgo", "PNG in base64", _encoded(_is_png, 16)),
    (b"UklGR", "WebP in base64", _encoded(_is_webp, 15)),
)
"""How pictures begin, and what looks at the rest."""


def _reporting(
    read: Callable[[int], bytes], advance: Callable[[int], None] | None
) -> Callable[[int], bytes]:
    def reporting(size: int) -> bytes:
        data = read(size)
        if advance:
            advance(len(data))
        return data

    return reporting


def _unpacking(file: BinaryIO) -> Callable[[int], bytes]:
    """Return what reads the content of a gzip file; a damaged one ends where the damage begins."""
    unpacker = zlib.decompressobj(wbits=31)

    def read(size: int) -> bytes:
        nonlocal unpacker
        while True:
            packed = unpacker.unconsumed_tail or unpacker.unused_data or file.read(CHUNK)
            if unpacker.eof:
                unpacker = zlib.decompressobj(wbits=31)
            try:
                unpacked = unpacker.decompress(packed, size)
            except zlib.error:
                return b""
            if unpacked or not packed:
                return unpacked

    return read
