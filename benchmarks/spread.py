"""Summary statistics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

POINTS = {"p50": 50, "p95": 95, "p99": 99, "max": 100}


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle and the ends of some numbers."""

    median: float
    min: float
    max: float


def spread(numbers: Sequence[float], decimals: int = 2) -> Spread:
    """Return the spread of at least one number."""
    ends = (median(numbers), min(numbers), max(numbers))
    return Spread(*(round(number, decimals) for number in ends))


def percentiles(numbers: Sequence[float]) -> dict[str, int]:
    """Return p50, p95, p99 and max, rounded; nothing where there are no numbers."""
    if not numbers:
        return {}
    found = np.percentile(numbers, list(POINTS.values()))
    return {name: round(value) for name, value in zip(POINTS, found.tolist(), strict=True)}


@dataclass(frozen=True, slots=True)
class Fairness:
    """The share of its frames that was processed, by camera, where all sent as many."""

    fair: float
    """The share of all together."""
    min: float
    max: float


def fairness(processed: Mapping[str, int], received: Mapping[str, int]) -> Fairness:
    """Return the shares; all zero where nothing was received."""
    shares = [processed.get(camera, 0) / sent for camera, sent in received.items() if sent]
    if not shares:
        return Fairness(0.0, 0.0, 0.0)
    fair = sum(processed.values()) / sum(received.values())
    return Fairness(*(round(share, 3) for share in (fair, min(shares), max(shares))))
