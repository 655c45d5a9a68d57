"""Records that nobody of this system writes: JSON of another shape, and what is no JSON at all."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import msgspec

DEEP = 20_000
NO_JSON = (
    b"", b"{", b"null", b"[]", b"0", b'"text"', b"true", b"NaN", b"Infinity", b"-Infinity",
    b"1e999",
    b"\xff\xfe", b"\xef\xbb\xbf{}", b"\x00" * 100, b'{"\xff": 1}', b'{"camera_id": "\\ud800"}',
    b"[" * DEEP, b"[" * DEEP + b"]" * DEEP, b'{"a":' * DEEP + b"0" + b"}" * DEEP,
    b"9" * 5_000, b'{"a": NaN}', b'{"revision": ' + b"9" * 5_000 + b"}",
)  # fmt: skip
ODD: tuple[Any, ...] = (
    None, True, -1, 0, 2**31, 2**53, 2**63, 2**64, 10**30, -(10**30), 0.5, 1e308, -1e308, 1e-320,
    "", "x", "x" * 5_000, "\x00", "\n\r\x1b[2J", "..", "a/../../b", "\N{SNOWMAN}" * 100,
    "0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "1000-01-01T00:00:00.000Z",
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-11-21T09:00:00",
    "2100-01-01T00:00:00.000Z", "1999-12-31T23:59:59.999Z", "2026-02-30T00:00:00.000Z",
    [], {}, [[]], [{}], [None], {"a": 1}, [0] * 1_000, [["x"] * 4] * 5,
)  # fmt: skip
"""Values in place of good ones."""

Path = tuple[str | int, ...]


def poisoned(good: dict[str, Any]) -> Iterator[bytes]:
    """Yield what is no JSON, then a good record with each of its values replaced or left out."""
    yield from NO_JSON
    encoded = msgspec.json.encode(good)
    # A value that comes twice, in two forms, and one that no program knows.
    yield encoded[:-1] + b',"camera_id":[],"captured_at":7}'
    yield encoded[:-1] + b',"unknown":' + b"[" * DEEP + b"]" * DEEP + b"}"
    yield encoded[:-1] + b',"unknown":' + b"[" * 500 + b"]" * 500 + b"}"
    for path in _paths(good):
        for value in ODD:
            yield msgspec.json.encode(_changed(good, path, value))
        yield msgspec.json.encode(_without(good, path))


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the way to each part of a value; of a list, only its first one is looked into."""
    parts = value.items() if isinstance(value, dict) else enumerate(value[:1])
    for name, part in parts:
        yield (*path, name)
        if isinstance(part, dict | list):
            yield from _paths(part, (*path, name))


def _changed(good: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    record = deepcopy(good)
    _parent(record, path)[path[-1]] = value
    return record


def _without(good: dict[str, Any], path: Path) -> dict[str, Any]:
    record = deepcopy(good)
    del _parent(record, path)[path[-1]]
    return record


def _parent(record: Any, path: Path) -> Any:
    for name in path[:-1]:
        record = record[name]
    return record
