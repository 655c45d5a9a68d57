"""Whether a picture is new, or was held up in the network and arrives late in a burst."""

from collections import deque
from heapq import nlargest
from math import inf, nan

_LATE_S = 1.0
"""Seconds a picture may be behind the newest: more than the usual jitter of networks."""
_WRONG_S = 2.0
"""Seconds. A backlog is read in less; a lead that stays for longer is that of another clock."""
_PAUSE_S = 0.5
"""The most that counts of a pause between two pictures: nothing is learned while none comes, and
with few pictures a second not many of them may be lost."""
_WINDOW_S = 4.5
"""Seconds after which a lead is forgotten: a clock that runs slower by a fifth, such as that of a
camera which counts 25 pictures a second and sends 20, stays right."""
_DOUBT_S = 2 * _WINDOW_S
"""Seconds for which a lead must be right that did not stay the same before. It never is where a
clock runs slower still."""
_SAMPLE_S = 0.1
"""The least time between two leads that are remembered, however many pictures come."""
_STEADY_S = 0.2
"""By how much the leads of another clock may differ for it to be believed at once."""


class LatencyGuard:
    """Compares a stream's own times with those at which its pictures arrive.

    After the network has stalled, all that was sent meanwhile arrives in one burst. How far the
    stream's times are ahead of ours (their lead) is learned from the last seconds: it is that of
    the pictures that came without delay, and no single one decides it. A lead that few pictures
    have is an outlier; one that stays is that of a clock which was set.
    """

    def __init__(self) -> None:
        self._usual = _Leads()
        self._other = _Leads()
        """Those of the pictures since the last one that was not late."""
        self._passed: deque[float] = deque(maxlen=2)
        """The stream's times of the last two pictures with a usual lead."""
        self._second = 0.0
        self._flow = 0.0
        """Seconds for which pictures have been coming; pauses count little."""
        self._other_since = 0.0
        self._doubted_until = -inf
        self._was_above = False
        """Whether the last picture's lead was far above the usual one."""
        self._is_old = False

    def is_old(self, second: float, stream_second: float) -> bool:
        """Return whether newer pictures are already on their way.

        `second` is when the picture arrived, `stream_second` its time in the stream; both in
        seconds since moments of their own. One whose time makes no sense, such as NaN, is judged
        as the one before.
        """
        self._flow += min(second - self._second, _PAUSE_S)
        self._second = second
        lead, usual = stream_second - second, self._usual.highest()
        before, self._was_above = self._was_above, lead > usual + _LATE_S
        if lead >= usual - _LATE_S:
            self._usual.add(self._flow, lead)
            if self._was_above and not before:
                return self._is_old
            self._passed.append(stream_second)
            self._other.clear()
            self._is_old = False
            return False
        if not self._other:
            self._other_since = self._flow
        self._other.add(self._flow, lead)
        has_stayed = self._flow - self._other_since > _WRONG_S
        if has_stayed or self._flow < self._doubted_until or not self._usual:
            if self._usual and not (has_stayed and self._other.spread() <= _STEADY_S):
                self._doubted_until = self._flow + _DOUBT_S
            self._usual, self._other = self._other, _Leads()
            self._passed = deque([stream_second], maxlen=2)
            self._is_old = False
        # Held up are only pictures of a later time than those that came: a stream whose time runs
        # back has another clock, or shows the wrong time for a moment.
        elif lead < usual and stream_second > min(self._passed):
            self._is_old = True
        return self._is_old


class _Leads:
    """The leads of the last seconds, of one picture in each tenth of a second."""

    def __init__(self) -> None:
        self._leads: deque[tuple[float, float]] = deque()
        """Each with the second at which its picture arrived."""

    def __len__(self) -> int:
        return len(self._leads)

    def add(self, second: float, lead: float) -> None:
        if self._leads and second - self._leads[-1][0] < _SAMPLE_S:
            return
        self._leads.append((second, lead))
        while second - self._leads[0][0] > _WINDOW_S:
            self._leads.popleft()

    def clear(self) -> None:
        self._leads.clear()

    def highest(self) -> float:
        """Return the second highest, which no outlier decides; NaN where there is none."""
        return nlargest(2, (lead for _, lead in self._leads))[-1] if self._leads else nan

    def spread(self) -> float:
        """Return by how much they differ."""
        leads = [lead for _, lead in self._leads]
        return max(leads) - min(leads)
