"""The hourly baseline: how many different objects a camera usually sees in an hour of the day.

Each hour is compared with the same hour of earlier working days, or of earlier weekend days, so
that the morning rush is not unusual. The past is kept as the last few values, not as an average:
the median and the median absolute deviation tolerate that nearly half of them were unusual.
"""

from collections.abc import Mapping
from functools import lru_cache
from math import log2, sqrt
from statistics import median

from msgspec import Struct, field
from msgspec.structs import replace

from pycturestream.domain.cameras.camera import Rule
from pycturestream.domain.threats import violation
from pycturestream.domain.threats.conditions import Scene
from pycturestream.domain.threats.violation import Violations
from pycturestream.domain.times import HOUR_MS, MINUTE_MS, Millis, local_minute

PAST_DAYS = 10
"""Two weeks of working days, five weekends."""
ENOUGH_DAYS = 5
"""A median of fewer says little: before that, nothing is unusual."""
SEEN_MS = HOUR_MS * 3 // 4
"""An hour of which less was observed is not remembered."""
FRAME_WORTH_MS = 60_000
"""Frames farther apart than that leave a gap."""
UNUSUAL = 4.0
"""Deviations from the median: in a normal distribution 1 of 16,000 is outside, once in two years
of hours."""
DEVIATION = 1.4826
"""Of a normal distribution, by the median of its absolute deviations (Rousseeuw and Croux 1993)."""
HOURS_REMEMBERED = 1_024
"""Bounds take longer than all else about a frame, and change once an hour; one of each camera."""
STEPS = 16
"""Of the logarithm to base 2, so that a number takes one byte: 4 % apart, up to 60,000."""


class HourlyBaseline(Struct, frozen=True, array_like=True):
    """The state of one rule about unusual hours."""

    hour_at: Millis = 0
    """When the current hour began, by the clock of the camera's time zone."""
    number: int = 0
    """The different objects of this hour."""
    seen_ms: int = 0
    """How much of this hour was observed."""
    past: Mapping[int, bytes] = field(default_factory=dict)
    """By hour of the day, weekends from 24 on: the numbers of the last days, one byte each."""
    violations: Violations = field(default_factory=dict)
    """The objects in view that have been counted, or will be."""
    unusual: tuple[Millis, int, int] | None = None
    """The last hour that was unusual, its number and the expected one."""


def update(baseline: HourlyBaseline, rule: Rule, scene: Scene, gap_ms: int) -> HourlyBaseline:
    """Return the baseline after one more frame, `gap_ms` after the previous one."""
    hour_at = hour_of(scene.at, scene.camera.timezone)
    if hour_at != baseline.hour_at:
        baseline = _begin(_close(baseline, rule, scene, hour_at), hour_at)
    # Different objects are counted, not visits.
    violations, _ = violation.update(baseline.violations, rule, scene, lets_go=False)
    number = baseline.number
    for name, one in violations.items():
        if violation.is_enough(rule, one) and not one.in_alert:
            violations[name] = violation.IN_ALERT
            number += 1
    seen_ms = baseline.seen_ms + (gap_ms if gap_ms <= FRAME_WORTH_MS else 0)
    unusual = baseline.unusual
    if rule.about == "unusually-busy" and (bounds := _bounds(baseline, scene.camera.timezone)):
        _, middle, high = bounds
        if number > high:
            unusual = hour_at, number, round(middle)
    return replace(baseline, number=number, seen_ms=seen_ms, violations=violations, unusual=unusual)


def hour_of(at: Millis, timezone: str) -> Millis:
    """Return when the current hour of a local clock began."""
    return at - local_minute(at, timezone).minute * MINUTE_MS - at % MINUTE_MS


def _close(baseline: HourlyBaseline, rule: Rule, scene: Scene, hour_at: Millis) -> HourlyBaseline:
    """Return the baseline at the end of an hour."""
    timezone = scene.camera.timezone
    if not baseline.hour_at or baseline.seen_ms < SEEN_MS:
        return replace(baseline, unusual=None)  # unknown is not unusual
    unusual, bounds = baseline.unusual, _bounds(baseline, timezone)
    if hour_at - baseline.hour_at > HOUR_MS or bounds is None:
        unusual = None
    elif rule.about == "unusually-quiet":
        low, middle, _ = bounds
        found = baseline.hour_at, baseline.number, round(middle)
        unusual = found if baseline.number < low else None
    elif baseline.number <= bounds[2]:
        unusual = None
    slot = _slot(baseline.hour_at, timezone)
    past = baseline.past.get(slot, b"") + bytes([_byte_of(baseline.number)])
    return replace(baseline, unusual=unusual, past={**baseline.past, slot: past[-PAST_DAYS:]})


def _begin(baseline: HourlyBaseline, hour_at: Millis) -> HourlyBaseline:
    return replace(baseline, hour_at=hour_at, number=0, seen_ms=0)


def _bounds(baseline: HourlyBaseline, timezone: str) -> tuple[float, float, float] | None:
    """Return the lower bound, the median and the upper bound of expected numbers; None: unknown."""
    past = baseline.past.get(_slot(baseline.hour_at, timezone), b"")
    return _bounds_after(past) if len(past) >= ENOUGH_DAYS else None


@lru_cache(maxsize=HOURS_REMEMBERED)
def _bounds_after(past: bytes) -> tuple[float, float, float]:
    numbers = [2 ** (byte / STEPS) - 1 for byte in past]
    middle = median(numbers)
    deviation = DEVIATION * median(abs(number - middle) for number in numbers)
    # Objects that come by chance scatter by the square root of their number (Poisson), at least.
    deviation = max(deviation, sqrt(middle), 1.0)
    return middle - UNUSUAL * deviation, middle, middle + UNUSUAL * deviation


def _slot(hour_at: Millis, timezone: str) -> int:
    local = local_minute(hour_at, timezone)
    return local.hour + (24 if local.isoweekday() >= 6 else 0)


def _byte_of(number: int) -> int:
    return min(255, round(STEPS * log2(1 + number)))
