"""A budget of processor time, for work that may be left out."""

from typing import Final

Seconds = float

SAVED_S: Final = 2.0
"""What was not used stays available for so long: so who begins to look at many cameras sees
something of each soon."""


class ProcessorBudget:
    """Allows a share of one core: what a piece of work takes is known only when it is done."""

    def __init__(self, share: float, now: Seconds) -> None:
        self._share = share
        self._left_s = share * SAVED_S
        self._at = now
        self.spent_s: Seconds = 0.0
        """Processor time, in all."""

    def allows(self, now: Seconds) -> bool:
        """Whether another piece of work may begin."""
        saved = self._left_s + self._share * max(0.0, now - self._at)
        self._left_s, self._at = min(saved, self._share * SAVED_S), now
        return self._left_s > 0

    def spend(self, processor_s: Seconds) -> None:
        """Take note of the processor time that a piece of work took."""
        self._left_s -= processor_s
        self.spent_s += processor_s
