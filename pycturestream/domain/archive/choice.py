"""Which frames of a camera are archived, and why.

An alert is known only after the frames that led to it. So the frames of the last seconds are
remembered, without their pictures: those are in the log for some minutes longer.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from pycturestream.domain.alerts.alert_id import time_in_id
from pycturestream.domain.cameras.camera import Archiving
from pycturestream.domain.times import MINUTE_MS, Millis

Why = Literal["alert", "motion", "every"]
"""`every`: it was one of every so many."""

LONGEST_ALERT_MS = 10 * MINUTE_MS
"""Of an alert that stays open for longer, such as that of a parked car, the beginning is kept."""
JOIN_MS = 10_000
"""How much later than the frame that raised it an alert may be read: they are in two topics."""
RECENT_LIMIT = 5_000
"""Frames: those of 70 seconds at 60 a second."""
WINDOWS_LIMIT = 200
"""Alerts of one camera that are remembered at once."""


class Candidate(Struct, frozen=True):
    """A frame that may be archived."""

    frame_id: str
    captured_at: Millis
    moves: bool
    """Whether a track in it moves."""
    alert_ids: tuple[str, ...] = ()
    """The open alerts about objects in it."""


class AlertTimes(Struct, frozen=True):
    """An alert, as far as it matters here."""

    alert_id: str
    raised_at: Millis
    cleared_at: Millis | None = None


class Kept(Struct, frozen=True):
    """A frame to archive. It may come again with more reasons."""

    frame: Candidate
    why: tuple[Why, ...]
    alert_ids: tuple[str, ...] = ()


class Choice(Struct, frozen=True):
    """What is remembered of a camera."""

    recent: tuple[Kept, ...] = ()
    """The last frames, with the reasons for which they were kept so far; without any: not kept."""
    alerts: tuple[AlertTimes, ...] = ()
    frames: int = 0
    """How many were seen."""


def see_frame(
    state: Choice, frame: Candidate, archiving: Archiving
) -> tuple[Choice, tuple[Kept, ...]]:
    """Return the state after a frame, and what is to be archived because of it."""
    kept: list[Kept] = []
    if archiving.alerts:
        known = {alert.alert_id for alert in state.alerts}
        for alert_id in frame.alert_ids:
            if alert_id not in known and not _is_old(alert_id, frame.captured_at):
                alert = AlertTimes(alert_id, frame.captured_at)
                state, of_alert = see_alert(state, alert, archiving)
                kept += of_alert
    why: list[Why] = []
    covering = tuple(_covering(state.alerts, frame.captured_at, archiving))
    if covering:
        why.append("alert")
    if archiving.motion and frame.moves:
        why.append("motion")
    if archiving.every and state.frames % archiving.every == 0:
        why.append("every")
    seen = Kept(frame, tuple(why), covering)
    if why:
        kept.append(seen)
    return _remember(state, seen, archiving), tuple(kept)


def see_alert(
    state: Choice, alert: AlertTimes, archiving: Archiving
) -> tuple[Choice, tuple[Kept, ...]]:
    """Return the state after a change of an alert, and the earlier frames that it makes kept.

    A change that is read twice changes nothing.
    """
    if not archiving.alerts:
        return state, ()
    before = next((one for one in state.alerts if one.alert_id == alert.alert_id), None)
    if before:
        # The alert itself says when it began, a frame only that it was open.
        raised_at = min(before.raised_at, alert.raised_at)
        alert = AlertTimes(alert.alert_id, raised_at, alert.cleared_at or before.cleared_at)
    others = tuple(one for one in state.alerts if one.alert_id != alert.alert_id)
    recent, kept = [], []
    for one in state.recent:
        if alert.alert_id not in one.alert_ids and _covers(alert, one.frame.captured_at, archiving):
            why: tuple[Why, ...] = ("alert", *(each for each in one.why if each != "alert"))
            one = replace(one, why=why, alert_ids=(*one.alert_ids, alert.alert_id))  # noqa: PLW2901
            kept.append(one)
        recent.append(one)
    alerts = (*others, alert)[-WINDOWS_LIMIT:]
    return replace(state, recent=tuple(recent), alerts=alerts), tuple(kept)


def _is_old(alert_id: str, at: Millis) -> bool:
    """Whether an alert may have been open for too long: it is not begun anew after a restart.

    One about an object that was there for long before it is begun by the alert itself.
    """
    born = time_in_id(alert_id)
    return born is not None and at - born > LONGEST_ALERT_MS


def _covering(alerts: Iterable[AlertTimes], at: Millis, archiving: Archiving) -> Iterator[str]:
    return (alert.alert_id for alert in alerts if _covers(alert, at, archiving))


def _covers(alert: AlertTimes, at: Millis, archiving: Archiving) -> bool:
    """Whether a frame of this time is among those of an alert."""
    end = alert.raised_at + LONGEST_ALERT_MS
    if alert.cleared_at is not None:
        end = min(end, alert.cleared_at + archiving.after_ms)
    return alert.raised_at - archiving.before_ms <= at <= end


def _remember(state: Choice, seen: Kept, archiving: Archiving) -> Choice:
    """Return the state with one more frame, without what is too old to matter."""
    now, span = seen.frame.captured_at, archiving.before_ms + JOIN_MS
    # A clock that was wrong may have left frames of a time to come.
    recent = [one for one in state.recent if abs(now - one.frame.captured_at) <= span]
    over = now - span - archiving.after_ms
    return Choice(
        (*recent, seen)[-RECENT_LIMIT:],
        # An open one stays, so that a frame that names it doesn't begin it anew.
        tuple(one for one in state.alerts if one.cleared_at is None or one.cleared_at > over),
        state.frames + 1,
    )
