"""Totals of counts over longer times: quarters of hours, hours, days, or a whole period.

A total of windows is the count of one longer window. The maximum is the maximum of all, the mean
weights each window by its frames, and zone events add up. Different objects add up as well, though
one object may be in many windows: all of the first window, and the new ones of each later window.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from pycturestream.domain.counting.window_count import WindowCount
from pycturestream.domain.times import Millis, from_datetime, to_local

Span = Literal["1m", "5m", "15m", "1h", "1d"]
MINUTES: Mapping[Span, int] = {"1m": 1, "5m": 5, "15m": 15, "1h": 60, "1d": 1_440}
"""Each divides the next one."""


class Attendance(Struct, frozen=True):
    """How many different objects of one label came to a camera in the time of a count."""

    count: WindowCount
    people: int
    line: str | None
    """The line over which they were counted as they came in; None: the tracks are counted."""


def roll_up(counts: Iterable[WindowCount], span: Span) -> list[WindowCount]:
    """Return the totals of each camera and label by this span, the newest first.

    Hours and days are those of the camera's own time zone: a day may have 23 or 25 hours. A
    window that does not fit into one stays as it is.
    """

    def time_of(count: WindowCount) -> tuple[Millis, Millis]:
        start, end = _around(count, MINUTES[span])
        fits = count.window_end <= end
        return (start, end) if fits else (count.window_start, count.window_end)

    groups = _grouped(counts, lambda count: (count.camera_id, count.label, *time_of(count)))
    totals = []
    for group in groups:
        start, end = time_of(group[0])
        totals.append(replace(_total(group), window_start=start, window_end=end))
    return sorted(totals, key=lambda count: (-count.window_start, count.camera_id, count.label))


def total(counts: Iterable[WindowCount]) -> list[WindowCount]:
    """Return one count of each camera and label, from its first window to its last.

    The label with the most different objects comes first in each camera.
    """
    totals = map(_total, _grouped(counts, lambda count: (count.camera_id, count.label)))
    return sorted(
        totals, key=lambda count: (count.camera_id, -count.unique, -count.mean, count.label)
    )


def attendance(counts: Iterable[WindowCount]) -> list[Attendance]:
    """Return how many came in the time of each count: over each line, or by tracks without one.

    A person who comes out from behind a pillar may be a new track, but crosses a line only once.
    """
    attendances = []
    for count in counts:
        attendances += [
            Attendance(count, number, line) for line, number in count.crossed_in.items()
        ]
        if not count.crossed_in:
            attendances.append(Attendance(count, count.unique, None))
    return attendances


def _around(count: WindowCount, minutes: int) -> tuple[Millis, Millis]:
    """Return the beginning and end of the local span in which a window begins."""
    local = to_local(count.window_start, count.timezone).replace(second=0, microsecond=0)
    if minutes == MINUTES["1d"]:
        midnight = local.replace(hour=0, minute=0, fold=0)
        return from_datetime(midnight), from_datetime(midnight + timedelta(days=1))
    # The hour that comes twice in autumn keeps its fold, and so stays two.
    hour, minute = divmod((local.hour * 60 + local.minute) // minutes * minutes, 60)
    start = from_datetime(local.replace(hour=hour, minute=minute))
    return start, start + minutes * 60_000


def _grouped(
    counts: Iterable[WindowCount], key: Callable[[WindowCount], Hashable]
) -> Iterable[Sequence[WindowCount]]:
    groups: dict[Hashable, list[WindowCount]] = {}
    for count in counts:
        groups.setdefault(key(count), []).append(count)
    return groups.values()


def _total(windows: Sequence[WindowCount]) -> WindowCount:
    first, *later = sorted(windows, key=lambda count: count.window_start)
    frames = sum(count.frames for count in windows)
    return replace(
        (first, *later)[-1],
        window_start=first.window_start,
        frames=frames,
        maximum=max(count.maximum for count in windows),
        mean=sum(count.mean * count.frames for count in windows) / max(frames, 1),
        unique=first.unique + sum(count.new for count in later),
        new=sum(count.new for count in windows),
        entered=_added(count.entered for count in windows),
        left=_added(count.left for count in windows),
        crossed_in=_added(count.crossed_in for count in windows),
        crossed_out=_added(count.crossed_out for count in windows),
        revision=sum(count.revision for count in windows),
    )


def _added(columns: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
    """Return the sums by border; unlike those of a Counter, zeros stay."""
    sums: dict[str, int] = {}
    for column in columns:
        for border, number in column.items():
            sums[border] = sums.get(border, 0) + number
    return sums
