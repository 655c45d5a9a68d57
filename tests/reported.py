"""Records of some days at some cameras, with whatever a report has to tell apart."""

from math import exp
from random import Random
from typing import Any

from pycturestream.contracts.topics import ALERTS, CAMERA_EVENTS, COUNTS
from pycturestream.domain.times import DAY_MS, HOUR_MS, MINUTE_MS, to_local
from tests.builders import accounting_record, alert_record, count_record, event_record

Record = tuple[str, dict[str, Any]]

CAMERAS = {
    "attic": ("", "UTC"),
    "gate": ("campus", "Europe/Vienna"),
    "plaza": ("campus", "Europe/Vienna"),
    "roof": ("harbour", "Asia/Kolkata"),
    "street": ("harbour", "Europe/London"),
}
LABELS = {"person": 6.0, "car": 3.0, "bicycle": 1.0, "dog": 0.3}
LINES = {"gate": ("door", "road"), "plaza": ("west",)}
EYE = "eye-0123456789abcdef"
"""A phone of the seeing aid, which no report shows."""


def records(
    at: int, days: int = 7, *, every_ms: int = 15 * MINUTE_MS, seed: int = 1, run: str = "live"
) -> list[Record]:
    """Return the records of the days before `at`.

    Roof has been offline for three hours, street was away for a day, nobody is ever in the attic.
    """
    random = Random(seed)
    made: list[Record] = []
    first = (at - days * DAY_MS) // MINUTE_MS * MINUTE_MS
    for camera_id in (*CAMERAS, EYE):
        made.append(_event(camera_id, first, "online", run))
        for start in range(first, at - 2 * MINUTE_MS, every_ms):
            if _is_seen(camera_id, start, at):
                made += _window(random, camera_id, start, run)
    made.append(_event("roof", at - 3 * HOUR_MS, "offline", run))
    numbers = {"gate": 40 * days, "plaza": days, "street": days, "attic": days}
    for camera_id, number in numbers.items():
        for _ in range(number):
            raised_at = at - random.randrange(1, days * DAY_MS)
            rule = random.choice(("stranger-at-door", "parked"))
            alert = alert_record(
                camera_id=camera_id, rule=rule, raised_at=raised_at, state="cleared", run=run
            )
            made.append((ALERTS, alert))
    return made


def _is_seen(camera_id: str, start: int, at: int) -> bool:
    if camera_id == "roof":
        return start < at - 3 * HOUR_MS
    return camera_id != "street" or not DAY_MS < at - start < 2 * DAY_MS


def _event(camera_id: str, at: int, name: str, run: str) -> Record:
    return CAMERA_EVENTS, event_record(camera_id=camera_id, at=at, event=name, run=run)


def _window(random: Random, camera_id: str, start: int, run: str) -> list[Record]:
    site, timezone = CAMERAS.get(camera_id, ("eye", "UTC"))
    local = to_local(start, timezone)
    # Busiest at noon, and on Tuesdays.
    busy = exp(-(((local.hour + local.minute / 60 - 12.5) / 4) ** 2))
    busy *= 1.6 if local.isoweekday() == 2 else 1.0
    busy *= 0 if camera_id == "attic" else 1
    processed = random.choice((120, 120, 120, 118, 90))
    account = accounting_record(camera_id=camera_id, at=start, processed=processed, run=run)
    if random.random() < 0.02:
        account["frames"]["received"] += 2
        account["frames"]["dead_letters"] = {"not-jpeg": 2}
    made: list[Record] = [(CAMERA_EVENTS, account)]
    for label, rate in LABELS.items():
        most = round(random.uniform(0.3, 1.0) * busy * rate)
        if label != "person" and not most:
            continue
        count = count_record(
            camera_id=camera_id, label=label, window_start=start, most=most, run=run
        )
        new = random.randint(0, most)
        lines = LINES.get(camera_id, ()) if label == "person" else ()
        made.append((COUNTS, count | {
            "site": site, "timezone": timezone, "new": new, "entered": [], "left": [],
            "crossed": [
                {"line": line, "in": random.randint(0, new), "out": random.randint(0, new)}
                for line in lines
            ],
        }))  # fmt: skip
    return made
