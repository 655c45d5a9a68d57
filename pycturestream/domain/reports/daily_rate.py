"""The alert rate of one camera on one complete day, and whether it is unusual."""

from typing import ClassVar, Literal

from msgspec import Struct

from pycturestream.domain.erasure import Erasures
from pycturestream.domain.times import DAY_MS, Millis, compact

RateMark = Literal[-1, 0, 1]
"""Too few alerts, neither, too many: a number, so that dashboards can draw it."""


class DailyRate(Struct, frozen=True, kw_only=True):
    """The alerts of one camera on one day; later findings about the same day replace it."""

    event: ClassVar[str] = "rate"

    camera_id: str
    at: Millis
    """When the day began."""
    said_at: Millis
    alerts: int
    hours: float
    """How long the camera was seen."""
    mark: RateMark
    why: str = ""
    """Why it is marked; empty where it is not."""
    expected: float | None = None
    """How many alerts would have been typical; of marked days only."""

    @property
    def id(self) -> str:
        return f"rate:{self.camera_id}:{compact(self.at)}"

    def is_erased(self, erasures: Erasures) -> bool:
        """Whether any moment of the day is erased."""
        return erasures.touches(self.camera_id, self.at, self.at + DAY_MS - 1)
