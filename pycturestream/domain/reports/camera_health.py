"""How each camera and its pictures fare: online or not, the newest result, drops and rejections."""

from collections.abc import Iterable, Mapping
from typing import Literal

from msgspec import Struct

from pycturestream.domain.reports.tallies import AccountTally, PresenceTally
from pycturestream.domain.times import MINUTE_MS, Millis

LATE_MS = 5 * MINUTE_MS
"""An account is written some seconds after its minute has ended: a result may be two minutes old
though all is well."""

State = Literal["online", "late", "offline", "unknown"]
"""Late: it is online, and has no new results."""


class CameraHealth(Struct, frozen=True):
    """The state of a camera now, and what became of its frames in the period."""

    camera_id: str
    state: State
    changed_at: Millis | None
    """Since when it is online or offline."""
    last_result_at: Millis | None
    age_ms: Millis | None
    """Of the newest result."""
    account: AccountTally


def camera_health(
    presence: Iterable[PresenceTally], accounts: Iterable[AccountTally], now: Millis
) -> list[CameraHealth]:
    """Return each camera of which there is anything, those that need care first."""
    present = {tally.camera_id: tally for tally in presence}
    counted = {tally.camera_id: tally for tally in accounts}
    found = [_health(name, present, counted, now) for name in present.keys() | counted.keys()]
    order: dict[State, int] = {"offline": 0, "late": 1, "unknown": 2, "online": 3}
    return sorted(found, key=lambda one: (order[one.state], one.camera_id))


def _health(
    camera_id: str,
    present: Mapping[str, PresenceTally],
    counted: Mapping[str, AccountTally],
    now: Millis,
) -> CameraHealth:
    presence = present.get(camera_id) or PresenceTally(camera_id)
    last = presence.last_result_at
    age = None if last is None else max(0, now - last)
    return CameraHealth(
        camera_id,
        _state(presence.online, age),
        presence.changed_at,
        last,
        age,
        counted.get(camera_id) or AccountTally(camera_id),
    )


def _state(online: bool | None, age: Millis | None) -> State:  # noqa: FBT001 - a fact, no switch
    if online is False:
        return "offline"
    if age is not None and age <= LATE_MS:
        return "online"
    return "unknown" if online is None else "late"
