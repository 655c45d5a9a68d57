"""Pairs what people saw with what was told: each one once."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

SAME_MS = 2_000
"""People and a camera that sends one picture a second may be so far apart about a moment."""
Cost = int | None
"""What it costs to pair two, 0 or more; None: they can't be the same."""


def pair(costs: Sequence[Sequence[Cost]]) -> dict[int, int]:
    """Return the column of each row that has one.

    As many are paired as possible, and of those ways the one that costs least.
    """
    if not costs or not costs[0]:
        return {}
    # More than all pairs can cost together: no saving is worth a pair.
    far = (1 + max(cost or 0 for row in costs for cost in row)) * (len(costs) + 1)
    matrix = np.array([[far if cost is None else cost for cost in row] for row in costs])
    rows: Any
    columns: Any
    rows, columns = linear_sum_assignment(matrix)
    return {
        int(row): int(column)
        for row, column in zip(rows, columns, strict=True)
        if costs[row][column] is not None
    }
