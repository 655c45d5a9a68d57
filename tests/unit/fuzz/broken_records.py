"""Records of topic `frames` that are broken, each made from real pictures by a seed."""

import json
import re
import zlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random

import cv2
import numpy as np

from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.domain.frames.admission import Arrival, Place
from tests.scenes import NINE

CLIPS = sorted((PROJECT_FOLDER / "samples").glob("*.mp4"))
WIDTH = 128
"""Of the pictures: decoding ten thousand of them takes some seconds."""
NUMBERS = (0, 1, 2, 31, 32, 255, 256, 4096, 8192, 30_000, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF)
"""Where programs that read 16 bits go wrong."""
START_OF_SCAN = b"\xff\xda"
EXIF_TURNED = (
    b"\xff\xe1\x00\x22Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01"
    b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
)
KINDS = (
    (),
    (cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    (cv2.IMWRITE_JPEG_RST_INTERVAL, 2),
    (cv2.IMWRITE_JPEG_OPTIMIZE, 1, cv2.IMWRITE_JPEG_QUALITY, 40),
)


@dataclass(frozen=True, slots=True)
class Record:
    """A record as a producer hands it to Kafka; headers of None are left out."""

    key: bytes | None
    value: bytes | None
    captured_at: bytes | None = b"%d" % NINE
    sent_at: bytes | None = b"%d" % (NINE + 20)
    reference: bytes | None = None

    @property
    def headers(self) -> list[tuple[str, bytes]]:
        named = {
            "captured_at": self.captured_at,
            "sent_at": self.sent_at,
            "reference": self.reference,
        }
        return [(name, value) for name, value in named.items() if value is not None]

    def arrival(self, place: Place) -> Arrival:
        return Arrival(
            place, NINE + 50, self.key, self.value, self.captured_at, self.sent_at, self.reference
        )


def broken_record(seed: int, key: bytes = b"gate") -> Record:
    """Return the record of a seed: a picture, broken once or several times, or no picture."""
    chance = Random(f"record {seed}")
    record = Record(key, chance.choice(pictures()))
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        record = chance.choice(BREAKS)(record, chance)
    return record


@cache
def pictures() -> tuple[bytes, ...]:
    """Return pictures of the samples as JPEGs of every kind that cameras send."""
    found = []
    for number, clip in enumerate(CLIPS):
        pixels = _picture(clip)
        grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
        for kind in KINDS:
            data = cv2.imencode(".jpg", grey if number == 0 else pixels, kind)[1].tobytes()
            found += [data, data[:2] + EXIF_TURNED + data[2:]]
    return tuple(found)


def _picture(clip: Path) -> np.ndarray:
    capture = cv2.VideoCapture(str(clip))
    _, pixels = capture.read()
    capture.release()
    return cv2.resize(pixels, (WIDTH, WIDTH * pixels.shape[0] // pixels.shape[1]))


def _flip_bits(record: Record, chance: Random) -> Record:
    """Damage it anywhere, or in the tables and headers, where each bit counts."""
    data = bytearray(record.value or b"\0")
    end = chance.choice((len(data), min(len(data), 700)))
    for _ in range(chance.choice((1, 2, 8, 64))):
        data[chance.randrange(end)] ^= 1 << chance.randrange(8)
    return replace(record, value=bytes(data))


def _cut_short(record: Record, chance: Random) -> Record:
    """End it in its first bytes, its headers, its scan or its last bytes; perhaps with an end."""
    data = record.value or b""
    scan = max(data.find(START_OF_SCAN), 0)
    starts = (chance.randrange(12), chance.randint(0, scan), chance.randint(scan, len(data)))
    end = chance.choice((*starts, len(data) - chance.randrange(4)))
    return replace(record, value=data[: max(end, 0)] + chance.choice((b"", b"", b"\xff\xd9")))


def _lie_about_numbers(record: Record, chance: Random) -> Record:
    """Write other numbers where lengths and sizes stand, after one of the markers."""
    data = bytearray(record.value or b"")
    if markers := _markers(data):
        at = chance.choice(markers) + chance.choice((2, 5, 7))
        data[at : at + 2] = chance.choice(NUMBERS).to_bytes(2, "big")
    return replace(record, value=bytes(data))


def _lie_about_size(record: Record, chance: Random) -> Record:
    """Promise another width and height."""
    data = bytearray(record.value or b"")
    if header := re.search(rb"\xff[\xc0\xc2]\x00", data):
        sides = (chance.choice((*NUMBERS, chance.randrange(1 << 16))) for _ in range(2))
        data[header.start() + 5 : header.start() + 9] = b"".join(
            side.to_bytes(2, "big") for side in sides
        )
    return replace(record, value=bytes(data))


def _change_a_marker(record: Record, chance: Random) -> Record:
    data = bytearray(record.value or b"")
    if markers := _markers(data):
        data[chance.choice(markers) + 1] = chance.randrange(256)
    return replace(record, value=bytes(data))


def _markers(data: bytearray) -> list[int]:
    """Return where the first markers stand, and some bytes that look like one."""
    return [found.start() for found in re.finditer(rb"\xff[\xc0-\xfe]", data[:2_000])]


def _mix_up(record: Record, chance: Random) -> Record:
    """Leave out, repeat or exchange a piece of it, with one of another picture perhaps."""
    data = record.value or b""
    other = chance.choice((data, chance.choice(pictures())))
    start, end = sorted(chance.randint(0, len(data)) for _ in range(2))
    first, last = sorted(chance.randint(0, len(other)) for _ in range(2))
    piece = chance.choice((b"", other[first:last], other[:last], data[start:end] * 2))
    return replace(record, value=data[:start] + piece + data[end:])


def _append(record: Record, chance: Random) -> Record:
    """Add what cameras add, or more than a record may have."""
    tail = chance.choice((b"\0", b"\xff", b"\xff\xd9", START_OF_SCAN, chance.randbytes(9)))
    length = chance.choice((1, 100, 5_000, 5_000, 1_000_000))
    return replace(record, value=(record.value or b"") + (tail * length)[:length])


def _fill_the_header(record: Record, chance: Random) -> Record:
    """Put far too much before the picture's size."""
    segment = b"\xff\xe1\xff\xff" + bytes(65_533)
    filler = chance.choice((b"\xff", b"\xff\xd3", b"\xff\xfe\x00\x02", b"\xff\x00", segment))
    number = chance.choice((1, 10, len(segment) * 12 // len(filler)))
    data = record.value or b""
    return replace(record, value=data[:2] + filler * number + data[2:])


def _send_something_else(record: Record, chance: Random) -> Record:
    return replace(record, value=chance.choice(_other_values())(chance))


@cache
def _other_values() -> tuple[Callable[[Random], bytes | None], ...]:
    jpeg = pictures()[0]
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    formats = [
        cv2.imencode(name, pixels)[1].tobytes()
        for name in (".png", ".bmp", ".webp", ".tiff", ".ppm", ".jp2")
    ]
    legacy = {"camera_id": "gate", "timestamp": "noon", "image": b64encode(jpeg).decode()}
    texts = [json.dumps(legacy).encode(), b"[" * 100_000, b'{"a":' * 50_000, b"1" * 100_000]
    clip = CLIPS[0].read_bytes()[:20_000]
    bomb = zlib.compress(bytes(10_000_000))
    fixed = [None, b"", b"\xff", b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8\xff\xd9", b"GIF89a"]
    given = [*fixed, *formats, *texts, clip, bomb, bytes(1_000), jpeg[::-1]]
    return (
        *(lambda _, value=value: value for value in given),
        lambda chance: chance.randbytes(chance.choice((1, 10, 1_000, 50_000))),
        lambda chance: b"\xff\xd8\xff" + chance.randbytes(2_000) + b"\xff\xd9",
    )


def _lose_the_key(record: Record, chance: Random) -> Record:
    keys = (
        None, b"", b" ", b"-gate", b"../gate", b"gate\n", b"gate\0", b"\xff\xfe", "törl".encode(),
        b"g" * 65, b"g" * 100_000, b"invalid-camera-id", b"{}", chance.randbytes(8),
    )  # fmt: skip
    return replace(record, key=chance.choice(keys))


def _lose_the_time(record: Record, chance: Random) -> Record:
    times = (
        None, b"", b"-", b"--1", b"0", b"-1", b"12", b"1e12", b"+5", b"0x10", b"1_000", b" 17",
        b"17.5", b"NaN", b"2026-11-21T09:00:00Z", b"9" * 15, b"9" * 16, b"-" + b"9" * 16, b"9" * 17,
        b"9" * 200_000, b"\xff\xff", b"\0", "١٢٣".encode(), chance.randbytes(8),
        b"%d" % chance.randrange(-(10**16), 10**16), b"%d" % (NINE + chance.randrange(-9**9, 9**9)),
    )  # fmt: skip
    field = chance.choice(("captured_at", "sent_at"))
    return replace(record, **{field: chance.choice(times)})


def _name_a_reference(record: Record, chance: Random) -> Record:
    names = (
        b"", b".", b"..", b"/etc/passwd", b"../../etc/passwd", b"gate/1.jpg", b"gate/\0", b"\xff",
        b"gate" * 500, b"a/" * 5_000, b"file:///etc/passwd", chance.randbytes(20),
    )  # fmt: skip
    value = chance.choice((b"", None, record.value))
    return replace(record, value=value, reference=chance.choice(names))


BREAKS = (
    *(_flip_bits, _cut_short, _lie_about_numbers, _change_a_marker, _mix_up) * 2,
    _lie_about_size,
    _append,
    _fill_the_header,
    _send_something_else,
    _lose_the_key,
    _lose_the_time,
    _name_a_reference,
)
"""What can go wrong; damage to the picture itself twice as often as all else."""
