"""`pycturestream rules`: past detections judged by rules again, and rules scored on clips."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from pycturestream.application.rule_trials import try_rules
from pycturestream.cli.cameras_of_file import camera_of_file, cameras_of_file
from pycturestream.cli.composition.alerts import alert_service
from pycturestream.cli.formatting import when
from pycturestream.cli.options import (
    CameraId,
    Since,
    Until,
    past_span,
)
from pycturestream.cli.output import AsJson, errors, print_json, print_line, print_table
from pycturestream.cli.rule_judging import judge
from pycturestream.cli.rule_scores import evaluate
from pycturestream.config.settings import settings
from pycturestream.contracts.alerts import read_alert
from pycturestream.contracts.cameras import decode_camera_or_default
from pycturestream.domain.alerts.alert_record import AlertRecord
from pycturestream.domain.pipeline.events import FrameDetections
from pycturestream.domain.times import Millis, rfc3339
from pycturestream.domain.trials.rule_comparison import (
    Comparison,
    TrialDay,
    camera_day_record,
    compare,
    outcome_record,
    trial_alert_record,
)
from pycturestream.log.cameras import known_cameras
from pycturestream.stores.elasticsearch import connect
from pycturestream.stores.search import ALL, Scope

app = typer.Typer(help="Try rules on past detections, and score them on clips.")
app.command()(evaluate)
app.command()(judge)


@app.command("try")
def try_command(
    file: Annotated[
        Path, typer.Argument(help="cameras.yaml with the rules to try.", show_default=False)
    ],
    *,
    since: Since = None,
    until: Until = None,
    camera: CameraId = None,
    as_json: AsJson = False,
) -> None:
    """Show which alerts the rules of a file would have raised on past detections.

    Of the last day before now or --until. They are compared with the alerts that today's rules
    raise on the same detections, with those that were raised, and with reported false alarms.
    Nothing is kept: `rules judge` writes alerts that can be searched.

    Example: `pycturestream rules try cameras.yaml --since 24h --camera gate`
    """
    begin, end = past_span(since, until)
    candidate = cameras_of_file(file)
    if camera is not None:
        candidate = {camera: camera_of_file(candidate, camera, file)}
    with alert_service() as service, connect(settings()) as client:
        known = known_cameras(settings())
        current = {name: decode_camera_or_default(known.get(name), name) for name in candidate}
        raised = service.alerts(Scope(since=begin, until=end, cameras=list(candidate)), ALL)
        alerts = try_rules(client, current, candidate, begin, end, settings(), _progress)
    compared = compare(
        candidate.values(),
        [read_alert(alert) for alert in raised],
        alerts.current,
        alerts.candidate,
        {alert["id"] for alert in raised if alert["wrong"]},
    )
    if as_json:
        print_json(map(camera_day_record, compared.days))
        print_json(trial_alert_record(alert, "more") for alert in compared.more)
        print_json(trial_alert_record(alert, "fewer") for alert in compared.fewer)
        print_json(map(outcome_record, compared.outcomes))
    else:
        _show(compared)


def _progress(
    frames: Iterable[FrameDetections], camera_id: str, begin: Millis, end: Millis
) -> Iterator[FrameDetections]:
    """Yield a camera's frames, and show how far they are in the time."""
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task(f"judging {camera_id}", total=end - begin)
        for found in frames:
            yield found
            bar.update(task, completed=found.frame.captured_at - begin)


def _show(compared: Comparison) -> None:
    print_table(
        ("camera", "day", "raised", "today's rules", "these rules"),
        (
            (day.camera_id, day.day, day.raised, day.current, day.candidate)
            for day in _with_sum(compared)
        ),
        empty="no alert: none was raised, none by today's rules, none by these",
    )
    for alerts, title in (
        (compared.more, "more"),
        (compared.fewer, "fewer"),
    ):
        if alerts:
            print_line(f"\n{len(alerts)} {title} than by today's rules:")
            print_table(
                ("raised", "camera", "rule", "level", "reason"), map(_row, alerts), empty=""
            )
    if compared.outcomes:
        wrong = compared.count(wrong=True, kept=False), compared.count(wrong=True, kept=True)
        others = compared.count(wrong=False, kept=False), compared.count(wrong=False, kept=True)
        print_line(f"\nof {sum(wrong)} false alarms {wrong[0]} would not have been raised")
        print_line(f"of {sum(others)} other alerts {others[0]} would not have been raised")


def _with_sum(compared: Comparison) -> list[TrialDay]:
    days = list(compared.days)
    if len(days) > 1:
        sums = (
            sum(getattr(day, name) for day in days) for name in ("raised", "current", "candidate")
        )
        days.append(TrialDay("all", "", *sums))
    return days


def _row(alert: AlertRecord) -> tuple[object, ...]:
    at = when(rfc3339(alert.raised_at))
    return at, alert.camera_id, alert.rule, alert.level, alert.reason
