"""What understanding keeps to, by the settings."""

from pycturestream.frame import Mode
from pycturestream.settings import Settings
from pycturestream.understanding import UnderstandingLimits


def understanding_limits(settings: Settings, mode: Mode) -> UnderstandingLimits:
    return UnderstandingLimits(
        mode=mode,
        count_window_ms=settings.count_window_ms,
        offline_after_ms=settings.offline_after_ms,
        grace_ms=settings.stale_after_ms,
    )
