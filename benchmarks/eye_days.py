"""How many people use the seeing aid at once, and how many pictures that makes: a simulation.

Each person uses it for some minutes a day, in several walks that begin by the hour of the day.
"""

from dataclasses import dataclass

import numpy as np

SECONDS_A_DAY = 86_400
HOURS = (
    0.2, 0.1, 0.1, 0.1, 0.2, 1, 4, 8, 9, 7, 6, 6,
    7, 6, 6, 6, 7, 8, 7, 5, 3, 2, 1, 0.5,
)  # fmt: skip
"""How much of a day's use begins in each hour: people go to work, to lunch, home, out. Assumed; the
busiest hour has 9 % of the day."""
WALKS = 4
"""Of a person on a day, of equal length on average."""


@dataclass(frozen=True, slots=True)
class Load:
    """What so many people make of a number of days."""

    people: int
    minutes_a_day: float
    mean: float
    """People at once, over all hours."""
    busiest_hour: float
    """People at once in the busiest hour of all days, on average over that hour."""
    most: int
    """People at once in the busiest second of all days."""

    def pictures_a_second(self, interval_s: float) -> float:
        """Return the pictures of the busiest second."""
        return self.most / interval_s

    def pictures_a_month(self, interval_s: float) -> float:
        """Return the pictures of 30 days."""
        return self.mean / interval_s * SECONDS_A_DAY * 30


def simulate(people: int, minutes_a_day: float, days: int, seed: int) -> Load:
    """Return the load of people who all use it each day; the same for the same seed.

    The length of a walk is exponential: many are short, some long.
    """
    random = np.random.default_rng(seed)
    shares = np.array(HOURS) / sum(HOURS)
    most, hours, total = 0, [], 0.0
    for _ in range(days):
        walks = people * WALKS
        begins = random.choice(24, walks, p=shares) * 3_600 + random.uniform(0, 3_600, walks)
        lengths = random.exponential(minutes_a_day * 60 / WALKS, walks)
        # A walk over midnight goes on on the same day's morning: a day like all others.
        ends = begins + lengths
        present = _present(np.floor(begins), np.ceil(ends))
        most = max(most, int(present.max()))
        hours.append(float(present.reshape(24, 3_600).mean(axis=1).max()))
        total += float(lengths.sum())
    mean = total / days / SECONDS_A_DAY
    return Load(people, minutes_a_day, round(mean, 1), round(max(hours), 1), most)


def _present(
    begins: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    ends: "np.ndarray[tuple[int], np.dtype[np.float64]]",
) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Return how many walks cover each second of a day."""
    steps = np.zeros(2 * SECONDS_A_DAY, np.int64)
    np.add.at(steps, begins.astype(np.int64), 1)
    np.add.at(steps, np.minimum(ends, 2 * SECONDS_A_DAY - 1).astype(np.int64), -1)
    present = np.cumsum(steps)
    return present[:SECONDS_A_DAY] + present[SECONDS_A_DAY:]
