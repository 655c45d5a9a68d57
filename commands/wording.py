"""How records read for people."""

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]


def when(at: str | None) -> str:
    """Return an RFC 3339 time for a table: `2026-11-21 09:00:00Z`."""
    return f"{at[:10]} {at[11:19]}Z" if at else ""


def seen(record: Json) -> str:
    """Return what a detections record counts, the most frequent first: `person 2, car 1`."""
    counts = sorted(record["label_counts"], key=lambda item: (-item["count"], item["label"]))
    return ", ".join(f"{item['label']} {item['count']}" for item in counts) or "nothing"


def threats(record: Json) -> str:
    """Return the rules that a detections record broke, with their levels."""
    return ", ".join(f"{threat['rule']} ({threat['level']})" for threat in record["threats"])


def age(ms: int) -> str:
    """Return a time span in the unit that fits: `3 s`, `12 min`, `5 h`, `2 d`."""
    seconds = max(ms, 0) // 1000
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
