"""Detections records with a bit of everything that can be searched for."""

from collections.abc import Sequence
from random import Random
from typing import Any

from pycturestream.contracts.detections import read_searched
from pycturestream.domain.geometry import BoundingBox, sector
from pycturestream.domain.search.picture import SearchedPicture
from pycturestream.domain.times import HOUR_MS, MINUTE_MS, rfc3339, to_local
from tests.builders import detection_record

Json = dict[str, Any]

CAMERAS = {"gate": "north", "yard": "north", "plaza": "south", "attic": ""}
LABELS = ("person", "car", "truck", "dog", "bicycle")
ZONES = ("door", "lawn", "kerb side")
RULES = ("stranger-at-door", "parked", "crowd")
TIMEZONE = "Europe/Vienna"


def records(now: int, number: int, run: str, seed: int = 1) -> list[Json]:
    """Return records of the eight days before `now`, none of the same millisecond.

    None is within ten minutes of a whole number of hours ago, so that `now-2h` means the same for
    as long as a test runs.
    """
    random = Random(seed)
    times = random.sample(range(-10 * MINUTE_MS, 10 * MINUTE_MS), number)
    return [_record(random, now - HOUR_MS * random.randrange(8 * 24) - HOUR_MS // 2 + time, run)
            for time in times]  # fmt: skip


def pictures(found: Sequence[Json]) -> list[SearchedPicture]:
    return [read_searched(record) for record in found]


def _record(random: Random, at: int, run: str) -> Json:
    camera_id = random.choice(list(CAMERAS))
    local = to_local(at, TIMEZONE)
    objects = [_object(random) for _ in range(random.choice((0, 1, 1, 2, 2, 3, 5)))]
    labels = [each["label"] for each in objects]
    record = detection_record(
        camera_id=camera_id, captured_at=at, labels=labels, run=run,
        latency_ms=random.choice((90, 120, 300, 2_500)),
        threats=[_threat(random) for _ in range(random.choice((0, 0, 0, 1, 2)))],
    )  # fmt: skip
    record["picture"]["expires_at"] = rfc3339(at + 600_000)
    if random.random() < 0.1:
        record["picture"]["reference"] = f"{camera_id}/{at}.jpg"
    if random.random() < 0.1:
        record["picture_fault"] = random.choice(("dark", "blurred"))
    return record | {
        "site": CAMERAS[camera_id],
        "objects": objects,
        "weekday": local.isoweekday(),
        "hour": local.hour,
        "clock_corrected": random.random() < 0.1,
    }


def _object(random: Random) -> Json:
    width, height = (random.choice((0.02, 0.1, 0.3, 0.7)) for _ in range(2))
    x_min, y_min = (round(random.uniform(0, 1 - size), 4) for size in (width, height))
    box = BoundingBox(x_min, y_min, round(x_min + width, 4), round(y_min + height, 4))
    return {
        "label": random.choice(LABELS),
        "score": round(random.uniform(0.3, 1), random.choice((1, 2, 4))),
        "box": [box.x_min, box.y_min, box.x_max, box.y_max],
        "track_id": f"gate_20261121T120000000Z#{random.randrange(6)}",
        "sector": sector(box.center),
        "zones": random.sample(ZONES, random.choice((0, 0, 1, 2))),
        "stationary": random.random() < 0.3,
    }


def _threat(random: Random) -> Json:
    rule = random.choice(RULES)
    return {"rule": rule, "level": random.choice((1, 2, 3)), "alert_id": f"gate:{rule}:x"}
