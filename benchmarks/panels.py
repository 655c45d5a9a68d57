"""Panels: how fast Elasticsearch answers what every panel of the dashboards and the report asks.

On an Elasticsearch of its own, which nothing else asks and nothing else writes to. It is filled
with the detections that `search` makes, and with a month of counts, alerts, their events and frame
accounts of the same cameras. Prometheus is not measured: it holds some hundred series.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from random import Random
from typing import Any, Final

from elasticsearch import Elasticsearch
from msgspec.structs import replace
from rich.table import Table

from benchmarks import BenchmarkError
from benchmarks.bench import Bench, Finding, make_table
from benchmarks.plan import SEED
from benchmarks.report_charts import (
    chart_figures,
    chart_tables,
    forget_answers,
    measure_charts,
    report_service,
)
from benchmarks.search import CAMERAS, LABELS, SITES, TIMEZONE, fill, own_elasticsearch
from pycturestream.clock import now
from pycturestream.config.settings import Settings
from pycturestream.contracts.alert_events import AlertEventRecord, daily_rate_record
from pycturestream.contracts.alerts import AlertChangeRecord
from pycturestream.contracts.camera_events import (
    CameraEventRecord,
    FrameAccountsRecord,
    camera_event_record,
)
from pycturestream.contracts.codec import encode_record
from pycturestream.contracts.counts import CountRecord, LineCountRecord, ZoneCountRecord
from pycturestream.contracts.topics import ALERT_EVENTS, ALERTS, CAMERA_EVENTS, COUNTS, SERVED
from pycturestream.dashboards.dashboard import Panel, dashboards, panels
from pycturestream.dashboards.elasticsearch_query import rows, search
from pycturestream.domain.cameras.presence import CameraEvent
from pycturestream.domain.frames.frame import LIVE, frame_id
from pycturestream.domain.reports.daily_rate import DailyRate
from pycturestream.domain.times import (
    DAY_MS,
    MINUTE_MS,
    Millis,
    compact,
    parse_duration,
    rfc3339,
)
from pycturestream.localstack.launch import Report
from pycturestream.stores.batch_writer import BatchWriter, Done
from pycturestream.stores.elasticsearch import ElasticsearchStore, connect

DAYS = 29
"""The store drops what is older than that."""
COUNTED: Final = ("person", "car")
"""Labels of a window, so that there are two records of it."""
ALERTS_A_DAY = 20
"""Of each camera; the first stays open. Each is notified of, and one in 20 is a false alarm."""
CAMERA = "camera-07"
"""What a dashboard shows that shows one camera."""
REPEATED = 15
"""Each query, after WARM_ROUNDS of all of them, which count for nothing: Java compiles them."""
WARM_ROUNDS = 3
REFRESH_MS = 1_000
"""Each time a panel asks for a little later, as in a browser: no answer is one from before."""
AIM_MS = 200
Written = tuple[str, bytes]
"""A topic and a record's JSON."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How many rows a panel shows of a time, and how long all of its queries take."""

    rows: int
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """A panel for the time that its dashboard opens with, and for a month."""

    at_first: Asked
    month: Asked


def measure(bench: Bench) -> Finding:
    """Fill the indices and ask for every panel. Raises StackError, BenchmarkError."""
    at = now()
    with own_elasticsearch(bench, "panels") as own, connect(own) as client:
        fill(bench, own, client, at)
        written = write(bench.report, own, month_records(at, bench.plan.seen_every_minutes))
        client.indices.refresh(index=",".join(SERVED), ignore_unavailable=True)
        asked = list(drawn_panels())
        for _ in range(WARM_ROUNDS):
            for _name, panel, length in asked:
                ask(client, panel, at, length)
        drawn = {}
        for name, panel, length in asked:
            drawn[name] = Drawn(
                _measure(client, panel, at, length), _measure(client, panel, at, DAYS * DAY_MS)
            )
            bench.report("panels", f"{name}: p95 {drawn[name].at_first.p95_ms:.0f} ms")
        charts = measure_charts(
            report_service(client, own.count_window_ms), CAMERA, at, lambda: forget_answers(client)
        )
    figures = panel_figures(drawn, written) | {"report": chart_figures(charts)}
    return Finding(figures, [*panel_tables(drawn), *chart_tables(charts)])


def panel_figures(drawn: Mapping[str, Drawn], written: int) -> dict[str, Any]:
    """Return the figures as they will stand in JSON; `written` are records beside detections."""
    return {
        "records_beside_detections": written,
        "aim_ms": AIM_MS,
        "panels": {
            name: {"at_first": _as_json(one.at_first), "month": _as_json(one.month)}
            for name, one in drawn.items()
        },
        "slower_than_the_aim": {
            time_: [name for name, one in drawn.items() if getattr(one, time_).p95_ms >= AIM_MS]
            for time_ in ("at_first", "month")
        },
    }


def panel_tables(drawn: Mapping[str, Drawn]) -> list[Table]:
    """Return what was measured, for people."""
    columns = ("", "rows", "p50 ms", "p95 ms", "a month: rows", "p50 ms", "p95 ms")
    table = make_table("Panels, for the time that their dashboard opens with", columns)
    for name, one in drawn.items():
        figures = (
            (str(asked.rows), f"{asked.p50_ms:.0f}", f"{asked.p95_ms:.0f}")
            for asked in (one.at_first, one.month)
        )
        table.add_row(name, *chain.from_iterable(figures))
    return [table]


def drawn_panels() -> Iterator[tuple[str, Panel, Millis]]:
    """Yield the panels that ask Elasticsearch: name, panel, and the time that is shown at first."""
    for dashboard in dashboards():
        variables = {v["name"]: v for v in dashboard["templating"]["list"]}
        one_camera = not variables.get("camera", {}).get("multi", True)
        length = parse_duration(dashboard["time"]["from"].removeprefix("now-"))
        title = dashboard["title"].removeprefix("PyctureStream ")
        for panel in panels(dashboard, {"camera": CAMERA} if one_camera else {}):
            if panel.source.kind == "elasticsearch":
                yield f"{title}: {panel.title}", panel, Millis(length)


def month_records(at: Millis, seen_every_minutes: int, days: int = DAYS) -> Iterator[Written]:
    """Yield the records of all cameras in the days before `at`, beside their detections.

    Each camera is seen in one minute of so many, as behind a motion gate.
    """
    random = Random(SEED)  # noqa: S311 - no secrets
    first = at - days * DAY_MS
    for start in range(first - first % MINUTE_MS, at, seen_every_minutes * MINUTE_MS):
        for camera in range(CAMERAS):
            yield from _minute(random, camera, Millis(start))
    for start in range(first - first % DAY_MS + DAY_MS, at - DAY_MS, DAY_MS):
        for camera in range(CAMERAS):
            yield from _day(random, camera, Millis(start))


def _minute(random: Random, camera: int, start: Millis) -> Iterator[Written]:
    camera_id = f"camera-{camera:02}"
    for label in COUNTED:
        most = random.choice((0, 1, 1, 2, 3, 6))
        count = CountRecord(
            id=f"{camera_id}:{label}:{compact(start)}:60s",
            run=LIVE,
            revision=1,
            camera_id=camera_id,
            site=f"site-{camera % SITES}",
            timezone=TIMEZONE,
            label=label,
            window_start=rfc3339(start),
            window_end=rfc3339(start + MINUTE_MS),
            frames=120,
            maximum=most,
            mean=most / 2,
            unique=most,
            new=most // 2,
            entered=(ZoneCountRecord("door", most // 2),),
            crossed=(LineCountRecord("street", most // 2, most // 3),),
        )
        yield COUNTS, encode_record(count)
    stale = random.choice((0, 0, 0, 2))
    accounts = FrameAccountsRecord(120, 120 - stale, {"stale": stale} if stale else {}, {})
    event = CameraEventRecord(
        id=f"{frame_id(camera_id, start)}:frames",
        run=LIVE,
        camera_id=camera_id,
        at=rfc3339(start),
        event="frames",
        detail="120 received",
        revision=1,
        frames=accounts,
    )
    yield CAMERA_EVENTS, encode_record(event)


def _day(random: Random, camera: int, start: Millis) -> Iterator[Written]:
    camera_id = f"camera-{camera:02}"
    for number in range(ALERTS_A_DAY):
        still_open = number == 0
        raised_at = Millis(start + random.randrange(DAY_MS - MINUTE_MS))
        rule = random.choice(("stranger-at-door", "car-in-yard", "too-many"))
        alert = AlertChangeRecord(
            id=f"{rule}:{frame_id(camera_id, raised_at)}#0",
            run=LIVE,
            revision=2,
            state="updated" if still_open else "cleared",
            camera_id=camera_id,
            site=f"site-{camera % SITES}",
            rule=rule,
            level=random.choice((1, 2, 3)),
            label=random.choice(list(LABELS)),
            raised_at=rfc3339(raised_at),
            updated_at=rfc3339(raised_at + MINUTE_MS),
            cleared_at=None if still_open else rfc3339(raised_at + MINUTE_MS),
            reason="A stranger stands at the door.",
            frame_id=frame_id(camera_id, raised_at),
        )
        yield ALERTS, encode_record(alert)
        yield ALERT_EVENTS, encode_record(_event(alert, raised_at, random.randrange(1_000, 9_000)))
        if random.random() < 0.05:
            yield ALERT_EVENTS, encode_record(_event(alert, raised_at, None))
    offline = CameraEvent(camera_id, Millis(start + random.randrange(DAY_MS)), "offline")
    yield CAMERA_EVENTS, encode_record(camera_event_record(offline, LIVE))
    rate = DailyRate(
        camera_id=camera_id,
        at=start,
        said_at=Millis(start + DAY_MS),
        alerts=ALERTS_A_DAY,
        hours=24.0,
        mark=random.choice((0, 0, 0, 1, -1)),
    )
    yield ALERT_EVENTS, encode_record(daily_rate_record(rate))


def _event(alert: AlertChangeRecord, raised_at: Millis, delay_ms: int | None) -> AlertEventRecord:
    """Return that somebody was notified so late, or without a delay a false alarm."""
    at = Millis(raised_at + (DAY_MS // 2 if delay_ms is None else delay_ms))
    event = AlertEventRecord(
        id=f"wrong:{alert.id}",
        revision=at,
        camera_id=alert.camera_id,
        at=rfc3339(at),
        raised_at=alert.raised_at,
        event="false_alarm",
        alert_id=alert.id,
        rule=alert.rule,
        by="watch",
    )
    if delay_ms is None:
        return event
    return replace(
        event,
        id=f"notified:{alert.id}",
        event="notified",
        kind="raised",
        channel="mail",
        delay_ms=delay_ms,
    )


def write(report: Report, own: Settings, records: Iterator[Written]) -> int:
    """Write records as the serving job does; return how many there were. Raises BenchmarkError."""
    writer = BatchWriter(ElasticsearchStore(own))
    written = 0
    while batch := list(islice(records, own.write_batch_size)):
        if set(outcomes := writer.write(batch)) != {Done.WRITTEN}:
            raise BenchmarkError(f"Elasticsearch did not take every record: {set(outcomes)}")
        written += len(batch)
        if written % 50_000 < own.write_batch_size:
            report("panels", f"{written:,} records beside detections")
    writer.close()
    return written


def _measure(client: Elasticsearch, panel: Panel, at: Millis, length: Millis) -> Asked:
    took, shown = [], 0
    for number in range(REPEATED):
        began = time.perf_counter()
        shown = ask(client, panel, Millis(at - number * REFRESH_MS), length)
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    return Asked(shown, round(took[len(took) // 2], 1), round(took[int(len(took) * 0.95)], 1))


def ask(client: Elasticsearch, panel: Panel, until: Millis, length: Millis) -> int:
    """Ask for a panel as Grafana does; return its number of rows.

    Answers that Elasticsearch remembers count for nothing: with the time, they change.
    """
    span, count = panel.span(Millis(until - length), until), 0
    for target in panel.targets:
        reply = client.search(
            index=panel.source.index,
            body=search(target, panel.source, span),
            request_cache=False,
            ignore_unavailable=True,
        )
        count += len(rows(target, reply.body))
    return count


def _as_json(asked: Asked) -> dict[str, Any]:
    return {"rows": asked.rows, "p50_ms": asked.p50_ms, "p95_ms": asked.p95_ms}
