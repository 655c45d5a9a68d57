"""The limits of the pipeline."""

from msgspec import Struct

from pycturestream.domain.frames.frame import Mode


class PipelineLimits(Struct, frozen=True):
    """The limits of the pipeline; see the settings of the same names."""

    mode: Mode
    count_window_ms: int
    offline_after_ms: int
    grace_ms: int
    """How long after its end a window waits for frames that are still on their way."""
    clock_tolerance_ms: int = 5_000
    """In live mode no time that is later than now by more is remembered."""
    sender_hold_ms: int = 30_000
