"""Whether a picture is new, or was kept back in the network and comes late with others."""

_LATE_S = 1.0
"""How far behind the newest a picture may be: more than networks usually waver."""
_WRONG_S = 2.0
"""A backlog is read in less; who is late for longer has a wrong clock."""
_DRIFT = 0.001
"""Seconds a second: what a camera's clock may run slow, many times what a quartz does."""


class LatencyGuard:
    """Compares a stream's own times with those at which its pictures come.

    Where the network stood still for a while, all that was sent meanwhile comes in one burst.
    """

    def __init__(self) -> None:
        self._lead: float | None = None
        """The most that the stream's times were ahead of ours, which is when nothing waited."""
        self._last = 0.0
        self._late_since: float | None = None
        self._is_trusted = True

    def is_old(self, second: float, stream_second: float) -> bool:
        """Return whether newer pictures are on their way already.

        `second` is when the picture came, `stream_second` its time in the stream.
        """
        if not self._is_trusted:
            return False
        lead = stream_second - second
        if self._lead is None:
            self._lead = lead
        self._lead = max(lead, self._lead - _DRIFT * (second - self._last))
        self._last = second
        if lead >= self._lead - _LATE_S:
            self._late_since = None
            return False
        if self._late_since is None:
            self._late_since = second
        self._is_trusted = second - self._late_since <= _WRONG_S
        return self._is_trusted
