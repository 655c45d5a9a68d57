"""Trial rules compared with the current rules and with the alerts that were raised."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from pycturestream.domain.alerts.alert_record import AlertRecord
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.times import Millis, rfc3339, to_local


class TrialDay(Struct, frozen=True):
    """How many alerts were raised at one camera on one day of its own time zone."""

    camera_id: str
    day: str
    """`2026-11-21`."""
    raised: int
    current: int
    """By the current rules, on the same detections."""
    candidate: int
    """By the trial rules."""


class RaisedAlert(Struct, frozen=True):
    """One alert that was raised, and whether the trial rules would keep it."""

    alert: AlertRecord
    kept: bool
    """Whether they would raise an alert for the same situation."""
    wrong: bool
    """Whether somebody marked it as a false alarm."""


class Comparison(Struct, frozen=True):
    """What other rules would have changed."""

    days: tuple[TrialDay, ...]
    more: tuple[AlertRecord, ...]
    """Those that the current rules do not raise; in the order of time, as all that follows."""
    fewer: tuple[AlertRecord, ...]
    """Those that only the current rules raise."""
    outcomes: tuple[RaisedAlert, ...]

    def count(self, *, wrong: bool, kept: bool) -> int:
        """Return how many alerts that were raised have this outcome."""
        return sum((one.wrong, one.kept) == (wrong, kept) for one in self.outcomes)


def compare(
    cameras: Iterable[Camera],
    raised: Sequence[AlertRecord],
    current: Sequence[AlertRecord],
    candidate: Sequence[AlertRecord],
    wrong: Collection[str],
) -> Comparison:
    """Return what the rules of `cameras` change; `wrong` are ids of alerts that were raised.

    Two alerts are about one situation if they overlap in time on one camera and have the same rule;
    or the same label, where the rule is not among the trial rules: it may have a new name.
    """
    by_id = {camera.camera_id: camera for camera in cameras}
    names = {name: {rule.name for rule in camera.rules} for name, camera in by_id.items()}

    def renamed(one: AlertRecord) -> bool:
        return one.rule not in names[one.camera_id]

    def in_any(one: AlertRecord, others: Mapping[str, Sequence[AlertRecord]]) -> bool:
        return any(
            _overlap(one, other)
            and (
                one.rule == other.rule
                or ((renamed(one) or renamed(other)) and one.label == other.label)
            )
            for other in others.get(one.camera_id, ())
        )

    raised, current, candidate = (_by_time(alerts) for alerts in (raised, current, candidate))
    of_current, of_candidate = _by_camera(current), _by_camera(candidate)
    return Comparison(
        days=_days(by_id, raised, current, candidate),
        more=tuple(one for one in candidate if not in_any(one, of_current)),
        fewer=tuple(one for one in current if not in_any(one, of_candidate)),
        outcomes=tuple(
            RaisedAlert(one, in_any(one, of_candidate), one.id in wrong) for one in raised
        ),
    )


def camera_day_record(day: TrialDay) -> dict[str, Any]:
    return {
        "kind": "day",
        "camera_id": day.camera_id,
        "day": day.day,
        "raised": day.raised,
        "today": day.current,
        "tried": day.candidate,
    }


def trial_alert_record(alert: AlertRecord, kind: str) -> dict[str, Any]:
    """Return an alert that there would have been (`more`), or would not (`fewer`)."""
    return {
        "kind": kind,
        "id": alert.id,
        "camera_id": alert.camera_id,
        "rule": alert.rule,
        "level": alert.level,
        "label": alert.label,
        "zones": list(alert.zones),
        "raised_at": rfc3339(alert.raised_at),
        "cleared_at": None if alert.cleared_at is None else rfc3339(alert.cleared_at),
        "count": alert.count,
        "reason": alert.reason,
        "frame_id": alert.frame_id,
    }


def outcome_record(outcome: RaisedAlert) -> dict[str, Any]:
    record = trial_alert_record(outcome.alert, "raised")
    return record | {"wrong": outcome.wrong, "kept": outcome.kept}


def _overlap(one: AlertRecord, other: AlertRecord) -> bool:
    return (other.cleared_at is None or one.raised_at <= other.cleared_at) and (
        one.cleared_at is None or other.raised_at <= one.cleared_at
    )


def _by_camera(alerts: Iterable[AlertRecord]) -> dict[str, list[AlertRecord]]:
    groups: dict[str, list[AlertRecord]] = {}
    for alert in alerts:
        groups.setdefault(alert.camera_id, []).append(alert)
    return groups


def _by_time(alerts: Iterable[AlertRecord]) -> list[AlertRecord]:
    return sorted(alerts, key=lambda alert: (alert.raised_at, alert.camera_id, alert.id))


def _days(
    cameras: Mapping[str, Camera],
    *all_of_them: Sequence[AlertRecord],
) -> tuple[TrialDay, ...]:
    def day_of(alert: AlertRecord) -> tuple[str, str]:
        return alert.camera_id, _day(alert.raised_at, cameras[alert.camera_id])

    raised, current, candidate = (Counter(map(day_of, alerts)) for alerts in all_of_them)
    keys = sorted(raised.keys() | current.keys() | candidate.keys())
    return tuple(TrialDay(*key, raised[key], current[key], candidate[key]) for key in keys)


def _day(at: Millis, camera: Camera) -> str:
    return f"{to_local(at, camera.timezone):%Y-%m-%d}"
