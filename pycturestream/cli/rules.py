"""`pycturestream rules`: other rules, tried on what was seen."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from elasticsearch import Elasticsearch
from rich.progress import Progress

from pycturestream.cli.camera_choice import cameras_of, chosen
from pycturestream.cli.compose.alerts import alert_service, camera_of, now
from pycturestream.cli.errors import CommandError, UsageError
from pycturestream.cli.formatting import when
from pycturestream.cli.options import CameraId, Since, Until
from pycturestream.cli.output import AsJson, errors, print_json, print_table, say
from pycturestream.cli.rule_scores import evaluate
from pycturestream.config.camera_file import CameraFileError
from pycturestream.config.limits import pipeline_limits
from pycturestream.config.settings import settings
from pycturestream.contracts.alerts import alert_record, as_alert, read_alert
from pycturestream.contracts.detections import read_detections
from pycturestream.domain.alerts.alert_record import AlertRecord
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.pipeline.state import FrameDetections
from pycturestream.domain.times import DAY_MS, Millis, rfc3339
from pycturestream.domain.trials import rule_trial
from pycturestream.domain.trials.rule_comparison import (
    Comparison,
    TrialDay,
    camera_day_record,
    compare,
    outcome_record,
    tried_alert_record,
)
from pycturestream.domain.trials.rule_trial import Trial, lead_ms, new_masks, read_background
from pycturestream.log.cameras import known_cameras
from pycturestream.stores.elasticsearch import connect
from pycturestream.stores.search import ALL, Scope, find_camera_events, find_history

app = typer.Typer(help="Try rules on what was seen, and score them on clips.")
app.command()(evaluate)

Pair = tuple[Camera, Camera]
"""One camera with today's settings, and with those that are tried."""


@app.command("try")
def try_rules(
    file: Annotated[
        Path, typer.Argument(help="cameras.yaml with the rules to try.", show_default=False)
    ],
    *,
    since: Since = None,
    until: Until = None,
    camera: CameraId = None,
    as_json: AsJson = False,
) -> None:
    """Show which alerts the rules of a file would have raised on what was seen.

    Of the last day before now or --until. Beside them stand those that today's rules make of the
    same detections, those that were raised, and which of these people said were wrong.

    Example: `pycturestream rules try cameras.yaml --since 24h --camera gate`
    """
    end = now() if until is None else until
    begin = end - DAY_MS if since is None else since
    if begin >= end:
        raise UsageError("--since must be before --until")
    tried = _cameras(file, camera)
    with alert_service() as service, connect(settings()) as client:
        known = known_cameras(settings())
        pairs = [(camera_of(name, known.get(name)), there) for name, there in tried.items()]
        told = service.alerts(Scope(since=begin, until=end, cameras=list(tried)), ALL)
        by_today, by_tried = _try(client, pairs, begin, end)
    compared = compare(
        tried.values(),
        [read_alert(alert) for alert in told],
        by_today,
        by_tried,
        {alert["id"] for alert in told if alert["wrong"]},
    )
    if as_json:
        print_json(map(camera_day_record, compared.days))
        print_json(tried_alert_record(alert, "more") for alert in compared.more)
        print_json(tried_alert_record(alert, "fewer") for alert in compared.fewer)
        print_json(map(outcome_record, compared.outcomes))
    else:
        _show(compared)


def _cameras(file: Path, camera_id: str | None) -> dict[str, Camera]:
    try:
        cameras = cameras_of(file)
    except CameraFileError as error:
        raise CommandError(str(error)) from error
    return cameras if camera_id is None else {camera_id: chosen(cameras, camera_id, file)}


def _try(
    client: Elasticsearch, pairs: Iterable[Pair], begin: Millis, end: Millis
) -> tuple[list[AlertRecord], list[AlertRecord]]:
    """Return the alerts of that time by today's settings, and by those that are tried."""
    alerts: tuple[list[AlertRecord], list[AlertRecord]] = [], []
    limits = pipeline_limits(settings(), "live")
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as progress:
        for today, tried in pairs:
            name = tried.camera_id
            first = begin - lead_ms((today, tried))
            scope = Scope(camera_id=name, since=first, until=end)
            background = read_background(find_camera_events(client, scope))
            trials = [
                Trial(today, background, limits),
                Trial(tried, background, limits, new_masks(today, tried)),
            ]
            history = _history(client, scope, progress, f"judging {name}", end - first)
            for raised, changes in zip(alerts, rule_trial.run(trials, history, end), strict=True):
                found = (as_alert(alert_record(change, "trial")) for change in changes)
                raised += [alert for alert in found if begin <= alert.raised_at < end]
    return alerts


def _history(
    client: Elasticsearch, scope: Scope, progress: Progress, text: str, span_ms: int
) -> Iterator[FrameDetections]:
    """Yield what was found in a camera's frames, and show how far it is."""
    task = progress.add_task(text, total=span_ms)
    for record in find_history(client, scope):
        found = read_detections(record)
        yield found
        progress.update(task, completed=found.frame.captured_at - (scope.since or 0))
    progress.remove_task(task)


def _show(compared: Comparison) -> None:
    print_table(
        ("camera", "day", "raised", "today's rules", "these rules"),
        ((day.camera_id, day.day, day.raised, day.today, day.tried) for day in _with_sum(compared)),
        empty="no alert, neither raised nor by today's rules nor by these",
    )
    for alerts, title in (
        (compared.more, "more"),
        (compared.fewer, "fewer"),
    ):
        if alerts:
            say(f"\n{len(alerts)} {title} than by today's rules:")
            print_table(
                ("raised", "camera", "rule", "level", "reason"), map(_row, alerts), empty=""
            )
    if compared.outcomes:
        wrong = compared.count(wrong=True, kept=False), compared.count(wrong=True, kept=True)
        others = compared.count(wrong=False, kept=False), compared.count(wrong=False, kept=True)
        say(f"\nof {sum(wrong)} wrong alerts {wrong[0]} would not have been raised")
        say(f"of {sum(others)} others {others[0]} would not have been raised")


def _with_sum(compared: Comparison) -> list[TrialDay]:
    days = list(compared.days)
    if len(days) > 1:
        sums = (sum(getattr(day, name) for day in days) for name in ("raised", "today", "tried"))
        days.append(TrialDay("all", "", *sums))
    return days


def _row(alert: AlertRecord) -> tuple[object, ...]:
    at = when(rfc3339(alert.raised_at))
    return at, alert.camera_id, alert.rule, alert.level, alert.reason
