"""Whether a picture is new, or was held up in the network and arrives late in a burst."""

_LATE_S = 1.0
"""Seconds a picture may be behind the newest: more than the usual jitter of networks."""
_WRONG_S = 2.0
"""Seconds. A backlog is read in less; a stream that is late for longer has a wrong clock."""
_DRIFT = 0.001
"""Seconds a second by which a camera's clock may run slow: many times what a quartz does."""


class LatencyGuard:
    """Compares a stream's own times with those at which its pictures arrive.

    After the network has stalled, all that was sent meanwhile arrives in one burst.
    """

    def __init__(self) -> None:
        self._lead: float | None = None
        """The most by which the stream's times were ahead of ours: then nothing was held up."""
        self._last = 0.0
        self._late_since: float | None = None
        self._is_trusted = True

    def is_old(self, second: float, stream_second: float) -> bool:
        """Return whether newer pictures are already on their way.

        `second` is when the picture arrived, `stream_second` its time in the stream; both in
        seconds since moments of their own.
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
