"""Alert rates: which cameras have too many or too few alerts, by their peers and their own past.

Alerts are modelled as events at a constant rate while a camera is seen (a Poisson process), so
that one more alert in a quiet week does not count as a change. Both comparisons ask how probable it
is that a camera like the others, or as it was before, has this many alerts or more, and this many
or fewer.

Peers: their typical rate is the median, because a few outliers must not decide what is typical.
For small numbers the median of a Poisson distribution is about a third below its mean, so a third
of an alert is added to each. The median absolute deviation (x 1.4826: a standard deviation, for a
normal distribution), less the spread that chance alone makes, gives how much peers really differ;
a negative binomial distribution has that spread.

Past: given the total number of alerts, the share of the period is binomial by the time seen (the
conditional test of Przyborowski and Wilenski, 1940), so a short past counts for little. Days that
differ by more than chance, such as weekends, make numbers count for less: all are divided by
Pearson's dispersion of the days, as in a quasi-Poisson model.
"""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Literal

from msgspec import Struct
from scipy.special import betainc, betaincc, gammainc, gammaincc

from pycturestream.domain.times import DAY_MS, Millis

DEFAULT_PERIOD_MS = 7 * DAY_MS
"""The period of a report that names none."""
PAST_DAYS = 21
"""How far back a camera's own past goes: three weeks, so that it includes weekends."""
CHANCE_LIMIT = 0.001
"""What is less probable is marked: of 500 ordinary cameras about one in a report."""
FACTOR = 2.0
"""And at least twice as many, or half as many: a certain difference may still be small."""
MIN_PEERS = 3
MIN_PAST_DAYS = 3
PEER_HOURS_SHARE = 0.1
"""A camera that was seen for less than this share of another's time is not a peer of it."""
MIN_HOURS = 1 / 60
"""What was seen for less than a minute has no rate: a single alert would be a thousand a day."""

Direction = Literal["above", "below"]
Against = Literal["peers", "past"]


class CameraDay(Struct, frozen=True):
    """The alerts of one camera in the 24 hours from `start` on."""

    camera_id: str
    start: Millis
    alerts: int
    hours: float
    """How long it was seen."""


class Mark(Struct, frozen=True):
    """Why a camera is far from what is typical."""

    against: Against
    direction: Direction
    expected: float
    """Alerts in the time that the camera was seen."""
    chance: float
    """The probability of so many or more (so few or fewer), if nothing were special."""
    why: str


class CameraRate(Struct, frozen=True):
    """The alerts of one camera in the period."""

    camera_id: str
    alerts: int
    hours: float
    marks: tuple[Mark, ...]
    days: tuple[CameraDay, ...]
    """Of the period, the oldest first; days without alerts and time seen are left out."""

    @property
    def per_hour(self) -> float | None:
        """Alerts per hour seen; None where it was seen for less than a minute."""
        return self.alerts / self.hours if self.hours >= MIN_HOURS else None

    @property
    def per_day(self) -> float | None:
        return None if self.per_hour is None else 24 * self.per_hour


def alert_rates(days: Iterable[CameraDay], since: Millis) -> list[CameraRate]:
    """Return the rates of the period from `since` on; earlier days are the past.

    Marked cameras come first, then those with the most alerts an hour.
    """
    period: dict[str, list[CameraDay]] = {}
    past: dict[str, list[CameraDay]] = {}
    for day in sorted(days, key=lambda day: day.start):
        (period if day.start >= since else past).setdefault(day.camera_id, []).append(day)
    sums = {name: _sum(of_camera) for name, of_camera in period.items()}
    rates = [
        CameraRate(name, *sums[name], _marks(name, sums, past.get(name, ())), tuple(of_camera))
        for name, of_camera in period.items()
    ]
    return sorted(rates, key=lambda rate: (not rate.marks, -(rate.per_hour or 0), rate.camera_id))


_Sum = tuple[int, float]
"""Alerts, and hours seen."""


def _sum(days: Sequence[CameraDay]) -> _Sum:
    return sum(day.alerts for day in days), sum(day.hours for day in days)


def _marks(camera_id: str, sums: Mapping[str, _Sum], past: Sequence[CameraDay]) -> tuple[Mark, ...]:
    alerts, hours = sums[camera_id]
    if hours < MIN_HOURS:
        return ()
    peers = [
        peer
        for name, peer in sums.items()
        if name != camera_id and peer[1] >= max(MIN_HOURS, PEER_HOURS_SHARE * hours)
    ]
    seen = [day for day in past if day.hours >= MIN_HOURS]
    marks = []
    if len(peers) >= MIN_PEERS:
        marks.append(_against_peers(alerts, hours, peers))
    if len(seen) >= MIN_PAST_DAYS:
        marks.append(_against_past(alerts, hours, seen))
    return tuple(mark for mark in marks if mark)


def _against_peers(alerts: int, hours: float, peers: Sequence[_Sum]) -> Mark | None:
    rates = [(number + 1 / 3) / seen for number, seen in peers]
    rate = median(rates)
    by_chance = median(rate / seen for _, seen in peers)
    deviation = 1.4826 * median(abs(other - rate) for other in rates)
    spread = max(0.0, deviation**2 - by_chance)
    expected = rate * hours
    excess = spread * hours**2
    basis = f"median of {len(peers)} other cameras"
    return _mark("peers", alerts, expected, *_tails(alerts, expected, excess), basis)


def _tails(number: int, mean: float, excess: float) -> tuple[float, float]:
    """Return the probabilities of at least and of at most so many, of an overdispersed Poisson."""
    if excess <= 1e-9 * mean:
        at_least = gammainc(number, mean) if number else 1.0
        return float(at_least), float(gammaincc(number + 1, mean))
    size = mean**2 / excess
    other = mean / (size + mean)
    at_least = betainc(number, size, other) if number else 1.0
    return float(at_least), float(betainc(size, number + 1, 1 - other))


def _against_past(alerts: int, hours: float, past: Sequence[CameraDay]) -> Mark | None:
    before, hours_before = _sum(past)
    rate = before / hours_before
    dispersion = 1.0
    if before:
        squares = sum((day.alerts - rate * day.hours) ** 2 / (rate * day.hours) for day in past)
        dispersion = max(1.0, squares / (len(past) - 1))
    now, then = alerts / dispersion, before / dispersion
    share = hours / (hours + hours_before)
    at_least = float(betainc(now, then + 1, share)) if alerts else 1.0
    at_most = float(betaincc(now + 1, then, share)) if before else 1.0
    expected = rate * hours
    basis = f"its own previous {len(past)} days"
    return _mark("past", alerts, expected, at_least, at_most, basis)


def _mark(
    against: Against, alerts: int, expected: float, at_least: float, at_most: float, basis: str
) -> Mark | None:
    word = "alert" if alerts == 1 else "alerts"
    why = f"{alerts} {word}; {expected:.1f} expected ({basis})"
    if at_least < CHANCE_LIMIT and alerts >= FACTOR * expected:
        return Mark(against, "above", expected, at_least, why)
    if at_most < CHANCE_LIMIT and alerts <= expected / FACTOR:
        return Mark(against, "below", expected, at_most, why)
    return None
