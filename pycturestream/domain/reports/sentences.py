"""What a report says first: the figures of each chart that matter most, as English sentences."""

from collections.abc import Iterable, Sequence
from datetime import date

from pycturestream.domain.reports.alert_rates import CameraRate
from pycturestream.domain.reports.attendance import DayCame, LineCame, most
from pycturestream.domain.reports.camera_health import CameraHealth
from pycturestream.domain.reports.common_labels import CommonLabel
from pycturestream.domain.reports.hours_of_week import DAYS_OF_WEEK, WeekHour, busiest
from pycturestream.languages.phrases import counted

RIVALS = 3
"""A day with the most is one of so many: a day until now is a part of two."""
NAMED = 3
"""So many cameras are named; of more, the number is given."""


def sentences_of_days(days: Sequence[DayCame], label: str) -> list[str]:
    """Return how many came in all, and on which day the most."""
    seen = [day.different for day in days if day.different is not None]
    if not seen:
        return []
    came = sum(seen)
    different = "" if came == 1 else "different "
    said = [f"{_number(came)} {different}{things_of(label, came)} came."]
    if (top := most(days)) and top.different and len(seen) >= RIVALS:
        said.append(f"{_day(top.day)} had the most {things_of(label)}: {_number(top.different)}.")
    return said


def sentences_of_hours(hours: Sequence[WeekHour], label: str) -> list[str]:
    """Return the busiest hour of the week."""
    top = busiest(hours)
    if top is None or top.an_hour is None:
        return []
    when = f"{DAYS_OF_WEEK[top.weekday - 1]}, {top.hour:02}:00 to {(top.hour + 1) % 24:02}:00"
    things = things_of(label, top.an_hour)
    return [f"The busiest hour: {when}, {_rough(top.an_hour)} {things} at a camera."]


def sentences_of_labels(labels: Iterable[CommonLabel]) -> list[str]:
    """Return the most common label of all cameras together."""
    sums: dict[str, int] = {}
    for one in labels:
        sums[one.label] = sums.get(one.label, 0) + one.different
    if not sums:
        return []
    top = max(sorted(sums), key=lambda label: sums[label])
    total = sum(sums.values())
    objects = "object" if total == 1 else "different objects"
    of_all = f"{_number(sums[top])} of {_number(total)} {objects}"
    return [f"The most common class: {top} ({of_all})."]


def sentences_of_lines(lines: Sequence[LineCame]) -> list[str]:
    """Return how many crossed all lines, each way."""
    if not lines:
        return []
    ins, outs = sum(one.crossed_in for one in lines), sum(one.crossed_out for one in lines)
    of_lines = f"{lines[0].line} was" if len(lines) == 1 else f"{len(lines)} lines were"
    return [f"{of_lines} crossed {_times(ins)} in and {_times(outs)} out."]


def sentences_of_rates(rates: Sequence[CameraRate]) -> list[str]:
    """Return which cameras have too many or too few alerts."""
    if not rates:
        return []
    said = []
    for direction, words in (("above", "too many"), ("below", "too few")):
        marked = [
            f"{rate.camera_id} ({_number(rate.alerts)}, {_rough(mark.expected)} expected)"
            for rate in rates
            if (mark := next((one for one in rate.marks if one.direction == direction), None))
        ]
        if marked:
            said.append(f"{_named(marked)} had {words} alerts.")
    total = sum(rate.alerts for rate in rates)
    at = "1 camera" if len(rates) == 1 else f"{len(rates)} cameras"
    unmarked = "" if said else ", and none had too many or too few"
    return [*said, f"{_number(total)} alert{'s' * (total != 1)} at {at}{unmarked}."]


def sentences_of_health(found: Sequence[CameraHealth]) -> list[str]:
    """Return which cameras are offline or late, and how many frames were dropped or rejected."""
    if not found:
        return []
    said = []
    if offline := [one.camera_id for one in found if one.state == "offline"]:
        said.append(f"{_named(offline)} {'is' if len(offline) == 1 else 'are'} offline.")
    if late := [one.camera_id for one in found if one.state == "late"]:
        said.append(f"{_named(late)} {'is' if len(late) == 1 else 'are'} online without results.")
    if not said and all(one.state == "online" for one in found):
        said.append("All cameras are online.")
    received = sum(one.account.received for one in found)
    dropped = sum(sum(one.account.dropped.values()) for one in found)
    rejected = sum(sum(one.account.dead_letters.values()) for one in found)
    if received:
        said.append(
            f"Of {_number(received)} picture{'s' * (received != 1)}, {_number(dropped)} "
            f"({dropped / received:.1%}) were dropped and {_number(rejected)} rejected."
        )
    return said


def things_of(label: str, number: float = 2) -> str:
    """Return what so many objects of a label are called."""
    return counted(label, 1 if number == 1 else 2, "en").partition(" ")[2]


def _number(number: int) -> str:
    return f"{number:,}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{_number(number)} times"


def _rough(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def _day(day: str) -> str:
    at = date.fromisoformat(day)
    return f"{DAYS_OF_WEEK[at.weekday()]}, {at.day} {at:%B}"


def _named(names: Sequence[str]) -> str:
    if len(names) > NAMED:
        return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
