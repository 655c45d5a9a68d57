"""What a camera is used to: how many different things an hour of the day brings, by its past.

Each hour is held against the same hour of earlier working days, or of earlier days of the weekend,
so that the morning rush is no news. The past is a few last values, not an average: its median and
the median deviation from it bear that every other day of them was strange.
"""

from collections.abc import Collection, Mapping
from math import log2, sqrt
from statistics import median

from msgspec import Struct, field
from msgspec.structs import replace

from pycturestream.domain.cameras.camera import Rule
from pycturestream.domain.threats import violation
from pycturestream.domain.threats.conditions import Scene
from pycturestream.domain.threats.violation import Violations
from pycturestream.domain.times import HOUR_MS, Millis, to_local

PAST_DAYS = 10
"""Two weeks of working days, five weekends."""
ENOUGH_DAYS = 5
"""A median of fewer says little: nothing is strange before that."""
SEEN_MS = HOUR_MS * 3 // 4
"""An hour of which less was seen says nothing, and is not remembered."""
FRAME_WORTH_MS = 60_000
"""Looks farther apart than that leave a gap."""
UNUSUAL = 4.0
"""Deviations from the median: in a normal distribution 1 of 16,000 is outside, once in two years
of hours."""
DEVIATION = 1.4826
"""Of a normal distribution, by the median of its absolute deviations (Rousseeuw and Croux 1993)."""
STEPS = 16
"""Of the logarithm to base 2, so that a number takes one byte: 4 % apart, up to 60,000."""


class HourlyBaseline(Struct, frozen=True):
    """What is remembered for one rule about the unusual."""

    hour_at: Millis = 0
    """When the running hour began, by the camera's own clock."""
    number: int = 0
    """The different things of this hour."""
    seen_ms: int = field(default=0, name="watched_ms")
    """How much of this hour was seen."""
    past: Mapping[int, bytes] = field(default_factory=dict)
    """By hour of the day, weekends from 24 on: the numbers of the last days, a byte each."""
    violations: Violations = field(default_factory=dict, name="breaches")
    """The things in view that are counted, or will be."""
    unusual: tuple[Millis, int, int] | None = field(default=None, name="strange")
    """The hour that was the last to be strange, its number and the usual one."""


def follow(
    baseline: HourlyBaseline, rule: Rule, scene: Scene, living: Collection[str], unseen_ms: int
) -> HourlyBaseline:
    """Return what is known after one more frame; nobody looked for `unseen_ms` before it."""
    hour_at = hour_of(scene.at, scene.camera.timezone)
    if hour_at != baseline.hour_at:
        baseline = _begin(_close(baseline, rule, scene, hour_at), hour_at)
    violations, _ = violation.follow(baseline.violations, rule, scene, living)
    number = baseline.number
    for name, one in violations.items():
        if violation.is_enough(rule, one) and not one.told:
            violations[name] = violation.IN_ALERT
            number += 1
    seen_ms = baseline.seen_ms + (unseen_ms if unseen_ms <= FRAME_WORTH_MS else 0)
    unusual = baseline.unusual
    if rule.about == "unusually-busy" and (bounds := _bounds(baseline, scene.camera.timezone)):
        _, middle, high = bounds
        if number > high:
            unusual = hour_at, number, round(middle)
    return replace(baseline, number=number, seen_ms=seen_ms, violations=violations, unusual=unusual)


def hour_of(at: Millis, timezone: str) -> Millis:
    """Return when the hour began that a local clock shows."""
    local = to_local(at, timezone)
    return at - (local.minute * 60 + local.second) * 1000 - at % 1000


def _close(baseline: HourlyBaseline, rule: Rule, scene: Scene, hour_at: Millis) -> HourlyBaseline:
    """Return what is known when an hour is over."""
    timezone = scene.camera.timezone
    if not baseline.hour_at or baseline.seen_ms < SEEN_MS:
        return replace(baseline, unusual=None)  # unknown is not strange
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
    """Return below what, about what and above what the running hour is strange; None: unknown."""
    past = baseline.past.get(_slot(baseline.hour_at, timezone), b"")
    if len(past) < ENOUGH_DAYS:
        return None
    numbers = [2 ** (byte / STEPS) - 1 for byte in past]
    middle = median(numbers)
    deviation = DEVIATION * median(abs(number - middle) for number in numbers)
    # Things that come by chance scatter by the root of their number (Poisson), at the least.
    deviation = max(deviation, sqrt(middle), 1.0)
    return middle - UNUSUAL * deviation, middle, middle + UNUSUAL * deviation


def _slot(hour_at: Millis, timezone: str) -> int:
    local = to_local(hour_at, timezone)
    return local.hour + (24 if local.isoweekday() >= 6 else 0)


def _byte_of(number: int) -> int:
    return min(255, round(STEPS * log2(1 + number)))
