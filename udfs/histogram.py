"""Distributions whose percentiles Prometheus can compute.

Flink shows the distributions of Python operators in its web UI only: its reporter leaves them out,
and of an operator that runs inside the task manager it has the last value alone. So they are
counted by upper bounds, as a histogram of Prometheus is: counters `{name}_bucket` with the label
`le`, `{name}_sum` and `{name}_count`.
"""

from collections.abc import Sequence
from typing import Any, Final

LATENCY_MS: Final = (100, 200, 300, 500, 750, 1_000, 1_500, 2_000, 3_000, 5_000)
"""Closest where listeners notice a difference; a live picture is dropped at 2,000."""
DURATION_MS: Final = (2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000)
BATCH_SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Histogram:
    """A distribution for Flink's web UI, and the same as counters for Prometheus."""

    def __init__(self, group: Any, name: str, bounds: Sequence[int]) -> None:
        """`group` is a metric group of Flink; `bounds` are upper bounds, rising."""
        self._distribution = group.distribution(name)
        self._sum = group.counter(f"{name}_sum")
        self._count = group.counter(f"{name}_count")
        self._buckets = [
            (bound, group.add_group("le", text).counter(f"{name}_bucket"))
            for bound, text in (*((bound, str(bound)) for bound in bounds), (float("inf"), "+Inf"))
        ]

    def update(self, value: int) -> None:
        """Count one value, which is not negative."""
        self._distribution.update(value)
        self._sum.inc(value)
        self._count.inc()
        for bound, counter in self._buckets:
            if value <= bound:
                counter.inc()
