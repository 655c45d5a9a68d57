"""`pycturestream counts`: how many objects were in view, by camera, label and window."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Annotated, Any

import msgspec
import typer

from pycturestream.application.counts import totals
from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.formatting import local_when, passed, when
from pycturestream.cli.options import CameraId, Label, Limit, Run, Since, Until
from pycturestream.cli.output import AsJson, errors, print_json, print_table
from pycturestream.clock import now
from pycturestream.config.settings import settings
from pycturestream.contracts.counts import count_record
from pycturestream.domain.counting.rollup import Attendance, Span, attendance
from pycturestream.domain.counting.window_count import WindowCount
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.times import DAY_MS, Millis, rfc3339
from pycturestream.errors import UsageError
from pycturestream.stores.elasticsearch import connect
from pycturestream.stores.search import Scope, find_counts

Json = dict[str, Any]

DEFAULT_PERIOD_MS = DAY_MS
"""The period of totals without `--since`: a thousand windows a camera and label ..."""
DEFAULT_DAYS_MS = 7 * DAY_MS
"""... and of totals by day."""
DEFAULT_ATTENDANT = "person"


def counts(
    *,
    camera: CameraId = None,
    label: Label = None,
    window: Annotated[
        Span | None, typer.Option(help="Totals for each such time span, in the camera's time zone.")
    ] = None,
    came: Annotated[
        bool,
        typer.Option(
            "--attendance",
            help="How many different people (or objects of --label) came: counted at each line of "
            "the camera, or by tracks if it has none. By --window, or in total.",
        ),
    ] = False,
    labels: Annotated[
        bool, typer.Option("--labels", help="The labels of each camera, the most common first.")
    ] = False,
    since: Since = None,
    until: Until = None,
    limit: Limit = 20,
    run: Run = LIVE,
    as_json: AsJson = False,
) -> None:
    """Show counts by camera, label and window, or their totals.

    Without `--since`, totals of live cameras cover the last day before now or `--until`; totals
    by day cover the last week.

    Example: `pycturestream counts --camera gate --label person --window 1h --since 8h`
    """
    if labels and (came or window):
        raise UsageError("--labels covers the whole time: leave out --attendance and --window")
    scope = Scope(run, camera, since, until)
    if not (window or came or labels):
        with error_mapping(settings()), connect(settings()) as client:
            found = list(find_counts(client, scope, limit, label=label))
        _show_counts(found, [when(record["window_start"]) for record in found], as_json=as_json)
        return
    if came:
        label = label or DEFAULT_ATTENDANT
    if since is None and run == LIVE:
        period_ms = DEFAULT_DAYS_MS if window == "1d" else DEFAULT_PERIOD_MS
        scope = replace(scope, since=(until or now()) - period_ms)
    with (
        errors.status("summing up …"),
        error_mapping(settings()),
        connect(settings()) as client,
    ):
        summed = totals(client, scope, label, window)
    if came:
        _show_attendance(attendance(summed)[:limit], run, as_json=as_json)
    elif labels:
        _show_labels(summed[:limit], run, as_json=as_json)
    else:
        summed = summed[:limit]
        times = [local_when(count.window_start, count.timezone) for count in summed]
        _show_counts([_record(count, run) for count in summed], times, as_json=as_json)


def _record(count: WindowCount, run: str) -> Json:
    record: Json = msgspec.to_builtins(count_record(count, run))
    return record


def _show_counts(records: Sequence[Json], times: Iterable[str], *, as_json: bool) -> None:
    if as_json:
        print_json(records)
        return
    print_table(
        (
            "window", "camera", "label", "most", "mean", "different", "frames",
            "entered", "left", "crossed",
        ),
        (
            (
                time_,
                record["camera_id"],
                record["label"],
                record["max"],
                f"{record['mean']:.1f}",
                record["unique"],
                record["frames"],
                *passed(record),
            )
            for time_, record in zip(times, records, strict=True)
        ),
        empty="no matching window",
    )  # fmt: skip


def _show_attendance(rows: Sequence[Attendance], run: str, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "run": run,
                "camera_id": came.count.camera_id,
                "label": came.count.label,
                "window_start": rfc3339(came.count.window_start),
                "window_end": rfc3339(came.count.window_end),
                "different": came.people,
                "counted_by": "line" if came.line else "tracks",
                "line": came.line,
            }
            for came in rows
        )
        return
    print_table(
        ("from", "to", "camera", "label", "different", "counted by"),
        (
            (
                *_time_of(came.count),
                came.count.camera_id,
                came.count.label,
                came.people,
                f"line {came.line}, in" if came.line else "tracks",
            )
            for came in rows
        ),
        empty="no matching window",
    )


def _show_labels(rows: Sequence[WindowCount], run: str, *, as_json: bool) -> None:
    if as_json:
        print_json(_record(count, run) for count in rows)
        return
    print_table(
        ("from", "to", "camera", "label", "different", "mean", "most"),
        (
            (
                *_time_of(count),
                count.camera_id,
                count.label,
                count.unique,
                f"{count.mean:.1f}",
                count.maximum,
            )
            for count in rows
        ),
        empty="no matching window",
    )


def _time_of(count: WindowCount) -> tuple[str, str]:
    def shown(at: Millis) -> str:
        return local_when(at, count.timezone)

    return shown(count.window_start), shown(count.window_end)
