"""Which panels may have nothing to show though all is well: those about what happens rarely."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pycturestream.dashboards.dashboard import Panel

REASONS: Final[Sequence[tuple[str, str, str]]] = (
    # Index, a part of each query (or of a field that it is divided by), reason.
    ("alerts", "", "no alert was raised"),
    ("alert-events", "event:notified", "nobody was notified"),
    ("alert-events", "event:false_alarm", "no alert was marked as a false alarm"),
    (
        "alert-events",
        "NOT mark:0",
        "no day since then had too many or too few alerts",
    ),
    (
        "alert-events",
        "event:rate",
        "`pycturestream serve` has recorded no day that began since then",
    ),
    ("camera-events", "NOT event:frames", "nothing happened to a camera"),
    ("counts", "crossed.line", "no line was crossed"),
    ("counts", "entered.zone", "no zone was entered"),
    ("counts", "label:person", "nobody was in view"),
    ("detections", "labels:", "nothing was in view"),
)


def why_empty(panel: Panel) -> str:
    """Return why a panel may have nothing to show; empty where that means that something fails."""
    return next(
        (
            reason
            for index, part, reason in REASONS
            if panel.source.index == index
            and all(part in _asked(target) for target in panel.targets)
        ),
        "",
    )


def _asked(target: Mapping[str, Any]) -> str:
    fields = (bucket["field"] for bucket in target["bucketAggs"])
    return " ".join((target["query"], *fields))
