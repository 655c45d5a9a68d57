"""Live pictures: how large and how often somebody may see a camera, and whose pictures never."""

from collections.abc import Mapping
from typing import Final, Literal

from pycturestream.domain.times import Millis

LiveSize = Literal["small", "large"]
"""Of one of many cameras that are shown side by side, and of one that is looked at alone."""

WIDTHS: Final[Mapping[LiveSize, int]] = {"small": 480, "large": 1_280}
"""Pixels. A picture that is narrower is published as it is."""
INTERVALS_MS: Final[Mapping[LiveSize, Millis]] = {"small": 1_000, "large": 250}
"""No more often than that."""

REPEATED_MS: Final[Millis] = 2_000
"""Who looks at cameras says so this often."""
REMEMBERED_MS: Final[Millis] = 6_000
"""For so long it is believed: one message may get lost, and the next one be late."""
