"""How often a phone may send: so many at once, and so many a second."""


class Allowance:
    """Fills up with time, and is used up by what is sent."""

    def __init__(self, most: float, per_second: float, now_s: float) -> None:
        self._most = most
        self._per_second = per_second
        self._left = most
        self._at_s = now_s

    def take(self, now_s: float) -> bool:
        """Return whether one more is allowed now; if so, it is used up."""
        self._left = min(self._most, self._left + (now_s - self._at_s) * self._per_second)
        self._at_s = now_s
        if self._left < 1:
            return False
        self._left -= 1
        return True
