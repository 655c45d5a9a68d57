"""The alert rate of each camera on each complete day, for dashboards, and whether it is unusual.

A day is one of UTC. The day that is not over is left out: in its first hours a camera with quiet
nights would have too few alerts, every night.
"""

from collections.abc import Iterable, Iterator
from itertools import chain

from msgspec.structs import replace

from pycturestream.domain.reports.alert_rates import PAST_DAYS, CameraDay, CameraRate, alert_rates
from pycturestream.domain.reports.daily_rate import DailyRate
from pycturestream.domain.times import DAY_MS, Millis

DAYS = 7
"""The newest complete days, whose rates are found again and again: records may come late, and
others may be erased."""


def recorded_days(now: Millis) -> tuple[Millis, ...]:
    """Return when each of the newest complete days began, the oldest first."""
    today = now - now % DAY_MS
    return tuple(today - before * DAY_MS for before in range(DAYS, 0, -1))


def daily_rates(days: Iterable[CameraDay], now: Millis) -> Iterator[DailyRate]:
    """Yield the rate of each camera on each of the recorded days on which it was seen, or alerted.

    `days` begin at midnight, UTC. Each day is compared with the other cameras' same day, and with
    the PAST_DAYS before it.
    """
    by_start: dict[Millis, list[CameraDay]] = {}
    for day in days:
        by_start.setdefault(day.start, []).append(day)
    for start in recorded_days(now):
        compared = range(start - PAST_DAYS * DAY_MS, start + DAY_MS, DAY_MS)
        of_days = chain.from_iterable(by_start.get(each, ()) for each in compared)
        for rate in alert_rates(of_days, start):
            yield _daily_rate(rate, start, now)


def _daily_rate(rate: CameraRate, start: Millis, now: Millis) -> DailyRate:
    plain = DailyRate(
        camera_id=rate.camera_id,
        at=start,
        said_at=now,
        alerts=rate.alerts,
        hours=round(rate.hours, 3),
        mark=0,
    )
    if not rate.marks:
        return plain
    # A camera may be far above its peers and far below its own past: the surer one counts.
    surest = min(rate.marks, key=lambda mark: mark.chance)
    return replace(
        plain,
        mark=1 if surest.direction == "above" else -1,
        why="; ".join(mark.why for mark in rate.marks),
        expected=round(surest.expected, 3),
    )
