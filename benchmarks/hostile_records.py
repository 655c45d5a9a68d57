"""What a hostile camera, or whoever else can write to Kafka, sends to stop the system.

Each kind is a function of the camera that shall go on, and of a valid JPEG. What stops them is in
`docs/security.md`.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from pycturestream.contracts import topics

Headers = list[tuple[str, bytes]]

HUGE = 3_000_000
"""Bytes; compressed they are some thousand."""
BOMB = 64_000_000
STRANGERS = 2_000
SCANS = 60
"""Fewer than what no decoder would begin with."""
SIDE = 4_000
"""Pixels."""
AHEAD_MS = 4_900
"""A clock that is just not so wrong that it would be corrected."""
_PROGRESSIVE, _ARITHMETIC = 0xC2, 0xCA
_LOWEST_BIT = 13
"""Of the first scans of each component; T.81 allows no higher one."""
_SCAN_DATA = b"\x80" * 20
"""Decoded, they are long stretches of coefficients; behind them a decoder reads zeros."""


class HostileRecord(NamedTuple):
    """A record as a producer hands it to Kafka."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers


def huge(_good: str, picture: bytes) -> Iterator[HostileRecord]:
    """Yield records that are small only while they are compressed."""
    zeros = bytes(HUGE)
    yield _frame("huge-value", picture + zeros)
    yield HostileRecord(topics.FRAMES, b"huge-key" + zeros, picture, _times())
    yield _frame("huge-header", picture, [("comment", zeros)])
    yield _frame("huge-headers", picture, [(f"{n:0300}", b"x" * 300) for n in range(HUGE // 600)])
    yield _frame("huge-time", picture, [("captured_at", b"1" * HUGE)])
    yield HostileRecord(topics.DETECTIONS, b"huge-result", b'{"id":"' + b"a" * HUGE, [])


def bombs(_good: str, _picture: bytes) -> Iterator[HostileRecord]:
    """Yield a record that fills the memory of whoever unpacks a few of them at once."""
    yield _frame("bomb", bytes(BOMB))


def pictures(_good: str, picture: bytes) -> Iterator[HostileRecord]:
    """Yield pictures that cost far more to decode than to send."""
    yield _frame("arithmetic", jpeg_of_scans(_ARITHMETIC))
    yield _frame("progressive", jpeg_of_scans(_PROGRESSIVE))
    yield _frame("144-megapixels", with_size(picture, 12_000, 12_000))
    yield _frame("65535-pixels", with_size(picture, 65_535, 1))
    yield _frame("half", picture[: len(picture) // 2])


def strangers(_good: str, picture: bytes) -> Iterator[HostileRecord]:
    """Yield records of many cameras that do not exist."""
    now = time.time_ns()
    for number in range(STRANGERS):
        yield _frame(f"stranger-{now}-{number}", picture[:100])


def impostor(good: str, picture: bytes) -> Iterator[HostileRecord]:
    """Yield pictures that claim to be of the good camera, with a clock ahead of its own."""
    for sender in ([], [("sender", b"somebody-else:1")]):
        yield HostileRecord(topics.FRAMES, good.encode(), picture, [*_times(AHEAD_MS), *sender])


def poison(good: str, _picture: bytes) -> Iterator[HostileRecord]:
    """Yield what no job writes, on each topic that others read."""
    camera = good.encode()
    for topic in (*topics.RESULTS, topics.CAMERAS, topics.ATTENTION, topics.ALERT_COMMANDS):
        for value in POISON:
            yield HostileRecord(topic, b"poison" if topic == topics.CAMERAS else camera, value, [])
        yield HostileRecord(topic, None, b"{}", [])
        yield HostileRecord(topic, b"\xff\xfe\x00", b"{}", [])


KINDS: Final[Mapping[str, Callable[[str, bytes], Iterator[HostileRecord]]]] = {
    "huge": huge,
    "bombs": bombs,
    "pictures": pictures,
    "strangers": strangers,
    "impostor": impostor,
    "poison": poison,
}
POISON: Final = (
    b"",
    b"\x00",
    b"\xff\xfe",
    b"null",
    b"[]",
    b"17",
    b'"text"',
    b"{}",
    b"[" * 50_000,
    b'{"a":' * 50_000,
    b'{"id":' + b"9" * 5_000 + b"}",
    b'{"id":NaN}',
    b'{"id":"\\ud800"}',
    b'{"id":"a","id":"b"}',
    *(
        f'{{"schema_version":1,"id":"x","camera_id":"gate","run":"live","event":"frames",'
        f'"captured_at":"{at}","processed_at":"{at}","window_start":"{at}","window_end":"{at}",'
        f'"at":"{at}","started_at":"{at}","occurred_at":"{at}","expires_at":"{at}"}}'.encode()
        for at in (
            "0001-01-01T00:00:00.000Z",
            "9999-12-31T23:59:59.999Z",
            "0000-00-00T00:00:00.000Z",
            "99999-01-01T00:00:00.000Z",
            "2026-02-30T25:61:61.000Z",
        )
    ),
)


def jpeg_of_scans(kind: int, scans: int = SCANS) -> bytes:
    """Return a JPEG of a few kilobytes, whose decoder goes through all pixels for each scan.

    `kind` is the marker of its frame header: progressive, with Huffman or arithmetic coding (ITU-T
    T.81, table B.1).
    """
    size = SIDE.to_bytes(2, "big")
    numbers = (1, 2, 3)
    components = b"".join(bytes([number, 0x11, 0]) for number in numbers)
    parts = [
        b"\xff\xd8",
        _segment(0xDB, bytes([0]) + bytes([1]) * 64),
        # Codes of one bit: the shortest tables that a decoder takes.
        *(_segment(0xC4, bytes([table, 1]) + bytes(16)) for table in (0x00, 0x10)),
        _segment(kind, bytes([8]) + size + size + bytes([len(numbers)]) + components),
        # The first coefficients of all components; then the others, one more bit in each scan.
        _segment(0xDA, bytes([3, 1, 0, 2, 0, 3, 0, 0, 0, _LOWEST_BIT])),
        _SCAN_DATA,
    ]
    for scan in range(scans - 1):
        bits = _LOWEST_BIT if scan < len(numbers) else _LOWEST_BIT << 4 | _LOWEST_BIT - 1
        parts += [_segment(0xDA, bytes([1, numbers[scan % 3], 0, 1, 63, bits])), _SCAN_DATA]
    return b"".join([*parts, b"\xff\xd9"])


def with_size(picture: bytes, width: int, height: int) -> bytes:
    """Return a JPEG with another size in its frame header. Raises ValueError if it has none."""
    for marker in (b"\xff\xc0", b"\xff\xc2"):
        place = picture.find(marker)
        if place > 0:
            size = height.to_bytes(2, "big") + width.to_bytes(2, "big")
            return picture[: place + 5] + size + picture[place + 9 :]
    raise ValueError("a baseline or progressive JPEG is needed")


def _segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big") + content


def _frame(camera_id: str, value: bytes, headers: Headers | None = None) -> HostileRecord:
    return HostileRecord(topics.FRAMES, camera_id.encode(), value, [*_times(), *(headers or [])])


def _times(ahead_ms: int = 0) -> Headers:
    now = b"%d" % (time.time_ns() // 1_000_000 + ahead_ms)
    return [("captured_at", now), ("sent_at", now)]
