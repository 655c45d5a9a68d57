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
from pycturestream.domain.threats.conditions import Look
from pycturestream.domain.threats.violation import Breaches
from pycturestream.domain.times import HOUR_MS, Millis, to_local

PAST_DAYS = 10
"""Two weeks of working days, five weekends."""
ENOUGH_DAYS = 5
"""A median of fewer says little: nothing is strange before that."""
WATCHED_MS = HOUR_MS * 3 // 4
"""An hour of which less was seen says nothing, and is not remembered."""
LOOK_WORTH_MS = 60_000
"""Looks farther apart than that leave a gap."""
STRANGE = 4.0
"""Deviations from the median: in a normal distribution 1 of 16,000 is outside, once in two years
of hours."""
DEVIATION = 1.4826
"""Of a normal distribution, by the median of its absolute deviations (Rousseeuw and Croux 1993)."""
STEPS = 16
"""Of the logarithm to base 2, so that a number takes one byte: 4 % apart, up to 60,000."""


class Usual(Struct, frozen=True):
    """What is remembered for one rule about the unusual."""

    hour_at: Millis = 0
    """When the running hour began, by the camera's own clock."""
    number: int = 0
    """The different things of this hour."""
    watched_ms: int = 0
    """How much of this hour was seen."""
    past: Mapping[int, bytes] = field(default_factory=dict)
    """By hour of the day, weekends from 24 on: the numbers of the last days, a byte each."""
    breaches: Breaches = field(default_factory=dict)
    """The things in view that are counted, or will be."""
    strange: tuple[Millis, int, int] | None = None
    """The hour that was the last to be strange, its number and the usual one."""


def follow(usual: Usual, rule: Rule, look: Look, living: Collection[str], unseen_ms: int) -> Usual:
    """Return what is known after one more frame; nobody looked for `unseen_ms` before it."""
    hour_at = hour_of(look.at, look.camera.timezone)
    if hour_at != usual.hour_at:
        usual = _begin(_close(usual, rule, look, hour_at), hour_at)
    breaches, _ = violation.follow(usual.breaches, rule, look, living)
    number = usual.number
    for name, one in breaches.items():
        if violation.is_enough(rule, one) and not one.told:
            breaches[name] = violation.TOLD
            number += 1
    watched_ms = usual.watched_ms + (unseen_ms if unseen_ms <= LOOK_WORTH_MS else 0)
    strange = usual.strange
    if rule.about == "unusually-busy" and (bounds := _bounds(usual, look.camera.timezone)):
        _, middle, high = bounds
        if number > high:
            strange = hour_at, number, round(middle)
    return replace(usual, number=number, watched_ms=watched_ms, breaches=breaches, strange=strange)


def hour_of(at: Millis, timezone: str) -> Millis:
    """Return when the hour began that a local clock shows."""
    local = to_local(at, timezone)
    return at - (local.minute * 60 + local.second) * 1000 - at % 1000


def _close(usual: Usual, rule: Rule, look: Look, hour_at: Millis) -> Usual:
    """Return what is known when an hour is over."""
    timezone = look.camera.timezone
    if not usual.hour_at or usual.watched_ms < WATCHED_MS:
        return replace(usual, strange=None)  # unknown is not strange
    strange, bounds = usual.strange, _bounds(usual, timezone)
    if hour_at - usual.hour_at > HOUR_MS or bounds is None:
        strange = None
    elif rule.about == "unusually-quiet":
        low, middle, _ = bounds
        found = usual.hour_at, usual.number, round(middle)
        strange = found if usual.number < low else None
    elif usual.number <= bounds[2]:
        strange = None
    slot = _slot(usual.hour_at, timezone)
    past = usual.past.get(slot, b"") + bytes([_byte_of(usual.number)])
    return replace(usual, strange=strange, past={**usual.past, slot: past[-PAST_DAYS:]})


def _begin(usual: Usual, hour_at: Millis) -> Usual:
    return replace(usual, hour_at=hour_at, number=0, watched_ms=0)


def _bounds(usual: Usual, timezone: str) -> tuple[float, float, float] | None:
    """Return below what, about what and above what the running hour is strange; None: unknown."""
    past = usual.past.get(_slot(usual.hour_at, timezone), b"")
    if len(past) < ENOUGH_DAYS:
        return None
    numbers = [2 ** (byte / STEPS) - 1 for byte in past]
    middle = median(numbers)
    deviation = DEVIATION * median(abs(number - middle) for number in numbers)
    # Things that come by chance scatter by the root of their number (Poisson), at the least.
    deviation = max(deviation, sqrt(middle), 1.0)
    return middle - STRANGE * deviation, middle, middle + STRANGE * deviation


def _slot(hour_at: Millis, timezone: str) -> int:
    local = to_local(hour_at, timezone)
    return local.hour + (24 if local.isoweekday() >= 6 else 0)


def _byte_of(number: int) -> int:
    return min(255, round(STEPS * log2(1 + number)))
