"""`pycturestream alerts false-alarms`: the false alarms, and settings that would avoid them."""

from typing import Annotated

import typer

from pycturestream.cli.composition.alerts import alert_service
from pycturestream.cli.formatting import when
from pycturestream.cli.options import CameraId, Since, Until
from pycturestream.cli.output import AsJson, console, errors, print_json, print_table
from pycturestream.domain.reports.false_alarm import (
    Suggestion,
    false_alarm_record,
    suggestion_record,
)
from pycturestream.stores.search import Scope


def false_alarms(
    *,
    camera: CameraId = None,
    since: Since = None,
    until: Until = None,
    only_suggestions: Annotated[
        bool, typer.Option("--suggestions", help="Only the suggested settings.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List false alarms with what they were about, and the mask, score or zone that would help.

    All that are still kept, or those from --since on.

    Example: `pycturestream alerts false-alarms --camera gate --json > false-alarms.jsonl`
    """
    with errors.status("looking up what they were about …"), alert_service() as service:
        alarms, found = service.false_alarms(Scope(camera_id=camera, since=since, until=until))
    if as_json:
        print_json(
            map(suggestion_record, found) if only_suggestions else map(false_alarm_record, alarms)
        )
        return
    if not only_suggestions:
        print_table(
            ("raised", "camera", "rule", "label", "score", "box", "by", "reason", "alert"),
            (
                (
                    when(one.evidence.raised_at),
                    one.evidence.camera_id,
                    one.evidence.rule,
                    one.evidence.label or "",
                    "" if one.evidence.score is None else f"{one.evidence.score:.2f}",
                    _box(false_alarm_record(one)["box"]),
                    one.command.by,
                    one.command.reason,
                    one.evidence.alert_id,
                )
                for one in alarms
            ),
            empty="no alert was marked as a false alarm",
        )
    for suggestion in found:
        console.print(_sentence(suggestion), soft_wrap=True, highlight=False, markup=False)


def _box(sides: list[float] | None) -> str:
    return " ".join(f"{side:.2f}" for side in sides) if sides else ""


def _sentence(found: Suggestion) -> str:
    """Return what to write into the camera file, and why."""
    if isinstance(found.value, float):
        return f"{found.camera_id}: rule {found.rule}: min_score: {found.value:.3g}  # {found.why}"
    polygon = [list(corner) for corner in found.value]
    place = "a mask" if found.kind == "mask" else f"rule {found.rule}: a zone"
    return f"{found.camera_id}: {place}: polygon: {polygon}  # {found.why}"
