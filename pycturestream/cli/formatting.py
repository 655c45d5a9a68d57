"""Formats records for people."""

from collections.abc import Mapping
from typing import Any

from pycturestream.domain.times import Millis, to_local

Json = Mapping[str, Any]


def when(at: str | None) -> str:
    """Return an RFC 3339 time for a table: `2026-11-21 09:00:00Z`."""
    return f"{at[:10]} {at[11:19]}Z" if at else ""


def local_when(at: Millis, timezone: str) -> str:
    """Return a time to the minute as a clock at the camera shows it: `2026-11-21 10:00+01:00`."""
    return to_local(at, timezone).isoformat(" ", "minutes")


def local_second(at: Millis, timezone: str) -> str:
    """Return the same to the second: `2026-11-21 10:00:00+01:00`."""
    return to_local(at, timezone).isoformat(" ", "seconds")


def passed(record: Json) -> tuple[str, str, str]:
    """Return a counts record's zone and line counts: entered, left and crossed.

    Zero counts are left out: most zones and lines have quiet minutes.
    """
    entered, left = (
        ", ".join(
            f"{item['zone']} {item['count']}" for item in record.get(kind, ()) if item["count"]
        )
        for kind in ("entered", "left")
    )
    crossed = ", ".join(
        f"{item['line']} {item['in']} in {item['out']} out"
        for item in record["crossed"]
        if item["in"] or item["out"]
    )
    return entered, left, crossed


def commands_of(record: Json) -> str:
    """Return the commands that hold for an alert: `acknowledged by guard, silenced by boss`."""
    words = {"acknowledged": "acknowledged", "silenced": "silenced", "wrong": "false alarm"}
    return ", ".join(
        f"{word} by {record[field]['by']}" for field, word in words.items() if record[field]
    )
