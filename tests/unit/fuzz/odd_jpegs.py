"""Pictures that are oddly put together, each made from good ones by a seed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

import cv2
import numpy as np

from tests.jpegs import COMMENT, END, HUFFMAN_TABLE, START, START_OF_SCAN, segment

WIDTH, HEIGHT = 72, 40
NEW_LINES_DEFINED, RESTART_INTERVAL, QUANTISATION, START_OF_FRAME = 0xDC, 0xDD, 0xDB, 0xC0
NUMBERS = (0, 1, 2, 3, 4, 8, 17, 67, 255, 256, 0x7FFF, 0xFFFF)
"""Lengths of segments that are wrong."""
SAMPLINGS = (0x411111, 0x221111, 0x211111, 0x121111, 0x111111)


@dataclass(frozen=True, slots=True)
class OddPicture:
    """A picture, and what it was made from."""

    data: bytes
    original: bytes
    is_same: bool
    """Whether only such things were added as every decoder skips: it shows the same."""


def odd_picture(seed: int) -> OddPicture:
    chance = Random(seed)
    original = chance.choice(originals())
    parts = split(original)
    is_same = chance.random() < 0.4
    kinds = HARMLESS if is_same else HARMLESS + HARMFUL
    for _ in range(chance.randint(1, 4)):
        parts = chance.choice(kinds)(parts, chance)
    return OddPicture(b"".join(parts), original, is_same)


@cache
def originals() -> Sequence[bytes]:
    """Return small pictures of all kinds that encoders make."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    shades = np.stack([3 * columns, 5 * rows, (columns * rows) % 256], axis=2).astype(np.uint8)
    grey = np.ascontiguousarray(shades[:, :, 2])
    options = [
        (),
        (cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
        (cv2.IMWRITE_JPEG_OPTIMIZE, 1),
        (cv2.IMWRITE_JPEG_RST_INTERVAL, 2),
        (cv2.IMWRITE_JPEG_PROGRESSIVE, 1, cv2.IMWRITE_JPEG_RST_INTERVAL, 3),
        *((cv2.IMWRITE_JPEG_SAMPLING_FACTOR, factor) for factor in SAMPLINGS),
    ]
    encoded = [
        cv2.imencode(".jpg", picture, each)[1].tobytes()
        for picture in (shades, grey)
        for each in options
    ]
    return [*encoded, one_scan_for_each_component(shades), without_tables(encoded[0])]


def split(jpeg: bytes) -> list[bytes]:
    """Return the start, the segments, the data of each scan, and the end of a good picture."""
    parts, position = [jpeg[:2]], 2
    while jpeg[position:] != END:
        length = int.from_bytes(jpeg[position + 2 : position + 4], "big")
        parts.append(jpeg[position : position + 2 + length])
        position += 2 + length
        if parts[-1][1] == START_OF_SCAN:
            end = position
            while jpeg[end] != 0xFF or jpeg[end + 1] in {0, *range(0xD0, 0xD8)}:
                end += 1
            parts.append(jpeg[position:end])
            position = end
    return [*parts, END]


def one_scan_for_each_component(shades: np.ndarray) -> bytes:
    """Return a baseline picture of three scans: OpenCV writes one."""
    greys = [
        split(cv2.imencode(".jpg", np.ascontiguousarray(shades[:, :, i]))[1].tobytes())
        for i in range(3)
    ]
    tables = [part for part in greys[0] if part[1] in {QUANTISATION, HUFFMAN_TABLE}]
    size = HEIGHT.to_bytes(2, "big") + WIDTH.to_bytes(2, "big")
    components = b"".join(bytes((number, 0x11, 0)) for number in (1, 2, 3))
    frame = segment(START_OF_FRAME, b"\x08" + size + b"\x03" + components)
    scans = [
        segment(START_OF_SCAN, bytes((1, number, 0, 0, 63, 0))) + parts[-2]
        for number, parts in enumerate(greys, 1)
    ]
    return START + b"".join(tables) + frame + b"".join(scans) + END


def without_tables(jpeg: bytes) -> bytes:
    """Return a picture as webcams send it: every decoder knows the usual Huffman tables."""
    return b"".join(part for part in split(jpeg) if part[:2] != bytes((0xFF, HUFFMAN_TABLE)))


# --- what is skipped --------------------------------------------------------------------------


def rubbish(chance: Random) -> bytes:
    """Return bytes without a marker."""
    size = chance.choice((1, 2, 3, 16, 608))
    return chance.choice(
        (
            bytes(size),
            b"\xff\x00" * size,
            b"\r\n" * size,
            chance.randbytes(size).replace(b"\xff", b"\xfe"),
        )
    )


def skipped_segment(chance: Random) -> bytes:
    marker = chance.choice((COMMENT, NEW_LINES_DEFINED, *range(0xE2, 0xEE)))
    if chance.random() < 0.3:
        return bytes((0xFF, marker, 0, chance.choice((0, 1))))  # shorter than its own length
    looks_like_markers = END + segment(START_OF_SCAN, b"\x01\x01\x00\x00\x3f\x00") + b"\xff\xc2"
    content = chance.choice((b"", bytes(7), looks_like_markers, originals()[0], b"\xff" * 9))
    return segment(marker, content)


def inserted(parts: list[bytes], chance: Random, piece: bytes) -> list[bytes]:
    """Return the parts with another one between two segments, or behind the data of a scan."""
    header_of_scan = bytes((0xFF, START_OF_SCAN))
    gaps = [
        at
        for at in range(1, len(parts))
        if parts[at - 1][:2] != header_of_scan and not is_marker_at(parts[at - 1], piece)
        # Rubbish behind the start would be no JPEG, by its first three bytes.
        if not is_marker_at(piece, parts[at]) and (at > 1 or piece[:1] == b"\xff")
    ]
    at = chance.choice(gaps or [len(parts)])
    return [*parts[:at], piece, *parts[at:]]


def is_marker_at(before: bytes, behind: bytes) -> bool:
    """Whether a fill byte and what follows it look like a marker."""
    return before[-1:] == b"\xff" != behind[:1]


def with_rubbish(parts: list[bytes], chance: Random) -> list[bytes]:
    return inserted(parts, chance, rubbish(chance))


def with_fill_bytes(parts: list[bytes], chance: Random) -> list[bytes]:
    return inserted(parts, chance, b"\xff" * chance.choice((1, 2, 700)))


def with_skipped_segment(parts: list[bytes], chance: Random) -> list[bytes]:
    return inserted(parts, chance, skipped_segment(chance))


def with_restart_marker(parts: list[bytes], chance: Random) -> list[bytes]:
    return inserted(parts, chance, bytes((0xFF, chance.randint(0xD0, 0xD7))))


def with_more_behind(parts: list[bytes], chance: Random) -> list[bytes]:
    return [*parts, chance.choice((bytes(5000), originals()[1], b"ftyp", chance.randbytes(40)))]


HARMLESS: tuple[Callable[[list[bytes], Random], list[bytes]], ...] = (
    with_rubbish,
    with_fill_bytes,
    with_skipped_segment,
    with_restart_marker,
    with_more_behind,
)


# --- what may break it ------------------------------------------------------------------------


def without_part(parts: list[bytes], chance: Random) -> list[bytes]:
    at = chance.randrange(1, len(parts))
    return [*parts[:at], b"", *parts[at + 1 :]]


def with_part_twice(parts: list[bytes], chance: Random) -> list[bytes]:
    at, to = chance.randrange(len(parts)), chance.randrange(1, len(parts) + 1)
    return [*parts[:to], parts[at], *parts[to:]]


def with_wrong_length(parts: list[bytes], chance: Random) -> list[bytes]:
    at = chance.randrange(1, len(parts))
    length = chance.choice(NUMBERS).to_bytes(2, "big")
    return [*parts[:at], parts[at][:2] + length + parts[at][4:], *parts[at + 1 :]]


def with_other_bytes(parts: list[bytes], chance: Random) -> list[bytes]:
    at = chance.randrange(1, len(parts))
    changed = bytearray(parts[at])
    for _ in range(chance.randint(1, 3)):
        if changed:
            changed[chance.randrange(len(changed))] = chance.choice(
                (0, 1, 0xFF, chance.randrange(256))
            )
    return [*parts[:at], bytes(changed), *parts[at + 1 :]]


def with_marker_in_part(parts: list[bytes], chance: Random) -> list[bytes]:
    """Return the parts with any marker in one of them, or between two."""
    at = chance.randrange(1, len(parts))
    inside = chance.randrange(len(parts[at]) + 1)
    marker = bytes((0xFF, chance.randrange(1, 0xFF)))
    return [*parts[:at], parts[at][:inside] + marker + parts[at][inside:], *parts[at + 1 :]]


def cut_off(parts: list[bytes], chance: Random) -> list[bytes]:
    whole = b"".join(parts)
    return [whole[:2], whole[2 : chance.randrange(2, len(whole) + 1)]]


def with_other_end(parts: list[bytes], chance: Random) -> list[bytes]:
    ends = (
        b"",
        b"\xff",
        bytes(20),
        originals()[0],
        segment(RESTART_INTERVAL, b"\0\2"),
        b"\xff\xf0",
    )
    return [*parts[:-1], chance.choice(ends)]


HARMFUL: tuple[Callable[[list[bytes], Random], list[bytes]], ...] = (
    without_part,
    with_part_twice,
    with_wrong_length,
    with_other_bytes,
    with_marker_in_part,
    cut_off,
    with_other_end,
)
