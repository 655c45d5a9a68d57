"""A picture that was found as flat columns, for CSV and spreadsheets."""

from collections.abc import Mapping
from typing import Any, Final

from pycturestream.contracts.detection_words import seen, threats
from pycturestream.contracts.detections import read_searched

Json = Mapping[str, Any]

COLUMNS: Final = (
    "captured_at", "camera_id", "site", "weekday", "hour", "shows", "count", "max_score",
    "max_size", "level", "threats", "width", "height", "frame_id", "run", "expires_at", "archive",
    "id",
)  # fmt: skip


def columns(record: Json) -> dict[str, Any]:
    """Return a picture as flat columns."""
    picture = read_searched(record)
    return {
        "captured_at": record["captured_at"],
        "camera_id": record["camera_id"],
        "site": record["site"],
        "weekday": record["weekday"],
        "hour": record["hour"],
        "shows": seen(record),
        "count": len(picture.objects),
        "max_score": max((found.score for found in picture.objects), default=None),
        "max_size": max((found.size for found in picture.objects), default=None),
        "level": max(picture.levels, default=None),
        "threats": threats(record),
        "width": record["width"],
        "height": record["height"],
        "frame_id": record["frame_id"],
        "run": record["run"],
        "expires_at": record["picture"]["expires_at"],
        "archive": record["picture"]["archive"],
        "id": record["id"],
    }
