"""Every panel's query, run against a real Elasticsearch over records of which each number
is known."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from jsonschema import Draft202012Validator

from benchmarks.panels import ask, drawn_panels, month_records
from benchmarks.panels import write as write_month
from pycturestream.application.alert_ports import ElasticsearchAlerts
from pycturestream.application.alerts import daily_alert_rates
from pycturestream.config.settings import Settings
from pycturestream.contracts.schemas import schema
from pycturestream.contracts.topics import (
    ALERT_EVENTS,
    ALERTS,
    CAMERA_EVENTS,
    COUNTS,
    DETECTIONS,
    SERVED,
)
from pycturestream.dashboards.dashboard import Panel, dashboards, panels
from pycturestream.dashboards.elasticsearch_query import rows, search
from pycturestream.domain.times import Millis, day, parse_rfc3339, rfc3339
from pycturestream.stores.batch_writer import Done
from pycturestream.stores.elasticsearch import ElasticsearchStore, connect
from pycturestream.stores.record import decode_result
from tests.builders import alert_event_record

pytestmark = pytest.mark.integration

NOON = parse_rfc3339("2031-07-01T12:00:00.000Z")  # no other test writes records of that day
HOUR = 3_600_000
Shown = list[dict[str, Any]]


def seen(camera: str, label: str, number: int) -> dict[str, Any]:
    return {
        "label": label,
        "score": 0.5 + 0.1 * number,
        "box": [0.1, 0.1, 0.2, 0.3],
        "track_id": f"{camera}-{label}-{number}",
        "sector": "center",
        "zones": [],
        "stationary": False,
    }


def detection(camera: str, before_s: float, latency_ms: int, *labels: str, now: int = NOON) -> Any:
    at = int(now - before_s * 1000)
    frame_id = f"{camera}_{at}"
    return DETECTIONS, {
        "id": f"{frame_id}:nanodet@1",
        "run": "live",
        "frame_id": frame_id,
        "camera_id": camera,
        "site": "north",
        "setting": "outdoor",
        "captured_at": rfc3339(at),
        "camera_captured_at": rfc3339(at),
        "clock_corrected": False,
        "received_at": rfc3339(at + 20),
        "processed_at": rfc3339(at + latency_ms),
        "latency_ms": latency_ms,
        "weekday": 2,
        "hour": 12,
        "width": 1280,
        "height": 720,
        "models": [{"name": "nanodet", "version": "1"}],
        "picture": {
            "topic": "frames",
            "partition": 0,
            "offset": 1,
            "expires_at": rfc3339(at + 360_000),
            "archive": None,
        },
        "labels": sorted(set(labels)),
        "label_counts": [{"label": x, "count": labels.count(x)} for x in sorted(set(labels))],
        "objects": [seen(camera, label, number) for number, label in enumerate(labels)],
        "measure": {
            "brightness": 0.5,
            "contrast": 0.2,
            "sharpness": 1.5,
            "thumbnail": "A" * 256,
        },
        "threats": [],
    }


def count(
    camera: str,
    before_min: int,
    label: str,
    most: int,
    *,
    now: int = NOON,
    timezone: str = "UTC",
    crossed: tuple[tuple[str, int, int], ...] = (),
    entered: tuple[tuple[str, int], ...] = (),
) -> Any:
    start = now - before_min * 60_000
    return COUNTS, {
        "id": f"{camera}:{label}:{start}",
        "run": "live",
        "revision": 1,
        "camera_id": camera,
        "site": "north",
        "timezone": timezone,
        "label": label,
        "window_start": rfc3339(start),
        "window_end": rfc3339(start + 60_000),
        "frames": 120,
        "max": most,
        "mean": most / 2,
        "unique": most,
        "new": most,
        "entered": [{"zone": zone, "count": number} for zone, number in entered],
        "left": [],
        "crossed": [{"line": line, "in": ins, "out": outs} for line, ins, outs in crossed],
    }


def alert(
    camera: str, before_min: int, rule: str, *, cleared: bool = False, now: int = NOON
) -> Any:
    at = rfc3339(now - before_min * 60_000)
    return ALERTS, {
        "id": f"{camera}:{rule}:{at}",
        "run": "live",
        "revision": 2,
        "state": "cleared" if cleared else "updated",
        "camera_id": camera,
        "site": "north",
        "rule": rule,
        "level": 3,
        "label": "person",
        "zones": [],
        "track_ids": [],
        "raised_at": at,
        "updated_at": at,
        "cleared_at": at if cleared else None,
        "reason": "A stranger stands at the door.",
        "frame_id": f"{camera}_{at}",
        "count": 1,
    }


def event(camera: str, before_min: int, name: str, *, now: int = NOON, **more: Any) -> Any:
    at = rfc3339(now - before_min * 60_000)
    fields = {"id": f"{camera}:{name}:{at}", "run": "live", "camera_id": camera, "at": at}
    return CAMERA_EVENTS, fields | {"event": name, "detail": ""} | more


def alert_event(camera: str, before_min: int, name: str, *, now: int = NOON, **more: Any) -> Any:
    at = now - before_min * 60_000
    fields = alert_event_record(camera_id=camera, at=at, event=name, alert_id=f"{camera}:{at}")
    return ALERT_EVENTS, fields | more


def rate(camera: str, before_min: int, alerts: int, mark: int, *, now: int = NOON) -> Any:
    at = rfc3339(now - before_min * 60_000)
    fields = {
        "id": f"rate:{camera}:{at}",
        "run": "live",
        "revision": now,
        "camera_id": camera,
        "at": at,
        "event": "rate",
        "alert_id": "",
        "rule": "",
        "by": "serve",
        "taken_back": False,
        "alerts": alerts,
        "hours": 23.5,
        "mark": mark,
    }
    why = {"why": f"{alerts} alerts; 10.0 expected", "expected": 10.0} if mark else {}
    return ALERT_EVENTS, fields | why


def accounts(
    processed: int, dropped: dict[str, int], dead_letters: dict[str, int]
) -> dict[str, Any]:
    return {
        "received": processed + sum(dropped.values()) + sum(dead_letters.values()),
        "processed": processed,
        "dropped": dropped,
        "dead_letters": dead_letters,
    }


def morning(now: int) -> list[tuple[str, dict[str, Any]]]:
    """Three cameras: gate and yard are seen now, roof was ten minutes ago."""
    return [
        detection("gate", 30, 100, "person", "person", now=now),
        detection("gate", 29, 300, "person", "car", now=now),
        detection("yard", 28, 200, now=now),
        detection("roof", 600, 900, "bird", now=now),
        count("gate", 2, "person", 3, now=now, crossed=(("road", 2, 1), ("door", 0, 0))),
        count("gate", 1, "person", 2, now=now, crossed=(("road", 1, 0),), entered=(("yard", 2),)),
        count("gate", 1, "car", 1, now=now),
        count("yard", 1, "person", 0, now=now),
        count("roof", 10, "person", 5, now=now, timezone="Pacific/Kiritimati"),  # 14 h ahead
        alert("gate", 10, "stranger-at-door", now=now),
        alert("gate", 20, "stranger-at-door", cleared=True, now=now),
        alert("yard", 30, "car-in-yard", cleared=True, now=now),
        alert("roof", 20 * 24 * 60, "too-quiet", now=now),
        alert_event("gate", 10, "notified", delay_ms=3_000, now=now),
        alert_event("yard", 30, "notified", delay_ms=9_000, channel="webhook", now=now),
        alert_event("gate", 15, "false_alarm", now=now),
        alert_event("yard", 25, "false_alarm", taken_back=True, now=now),
        rate("gate", 40, 31, 1, now=now),
        rate("yard", 40, 9, 0, now=now),
        rate("roof", 40, 2, -1, now=now),
        event("roof", 9, "offline", now=now),
        event("gate", 2, "frames", now=now, frames=accounts(118, {"stale": 2}, {})),
        event("yard", 1, "frames", now=now, frames=accounts(60, {"stale": 1}, {"not-jpeg": 4})),
    ]


def write(settings: Settings, records: list[tuple[str, dict[str, Any]]]) -> None:
    for topic, fields in records:
        Draft202012Validator(schema(topic)).validate(fields)
    store = ElasticsearchStore(settings)
    store.prepare()
    answers = store.write([decode_result(t, json.dumps(fields).encode()) for t, fields in records])
    store.close()
    assert set(answers) == {Done.WRITTEN}
    with connect(settings) as client:
        client.indices.refresh(index=",".join(SERVED), ignore_unavailable=True)


@pytest.fixture(scope="module")
def searched(elasticsearch_server: Settings) -> Iterator[Settings]:
    write(elasticsearch_server, morning(NOON))
    yield elasticsearch_server
    with connect(elasticsearch_server) as client:
        for before_days in (0, 20):
            today = day(NOON - before_days * 24 * HOUR)
            names = ",".join(f"{topic}-{today}" for topic in SERVED)
            client.indices.delete(index=names, ignore_unavailable=True)


def elasticsearch_panels() -> dict[str, Panel]:
    return {
        f"{dashboard['title'].removeprefix('PyctureStream ')}: {panel.title}": panel
        for dashboard in dashboards()
        for panel in panels(dashboard)
        if panel.source.kind == "elasticsearch"
    }


def show(settings: Settings, name: str) -> Shown:
    """Return what a panel shows at noon while the dashboard shows the last hour.

    `name` is that of its dashboard and its title; the title alone is the overview's.
    """
    (shown,) = show_each(settings, name)
    return shown


def show_each(settings: Settings, name: str) -> list[Shown]:
    """Return what each query of a panel shows: see `show`."""
    panel = elasticsearch_panels()[name if ": " in name else f"overview: {name}"]
    span = panel.span(Millis(NOON - HOUR), NOON)
    with connect(settings) as client:
        return [
            rows(
                target,
                client.search(
                    index=panel.source.index, body=search(target, panel.source, span)
                ).body,
            )
            for target in panel.targets
        ]


def total(shown: Shown, by: str, of: str) -> dict[str, float]:
    sums: dict[str, float] = {}
    for row in shown:
        sums[row[by]] = sums.get(row[by], 0) + row[of]
    return sums


def last(shown: Shown, by: str, of: str) -> dict[str, float]:
    return {row[by]: row[of] for row in shown}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pycturestream.cli.main", "dashboards", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("title", sorted(elasticsearch_panels()))
def test_every_panel_has_something_to_show(searched: Settings, title: str):
    assert all(show_each(searched, title))


def test_people_now_is_each_cameras_newest_window_and_an_unseen_camera_is_left_out(
    searched: Settings,
):
    now = show(searched, "People now")

    assert last(now, "camera_id", "max max") == {"gate": 2, "yard": 0}


def test_an_alert_is_open_until_it_is_cleared_however_old(searched: Settings):
    assert sum(row["count"] for row in show(searched, "Open alerts")) == 2


def test_cameras_with_pictures_are_those_of_the_last_minutes(searched: Settings):
    assert max(r["cardinality camera_id"] for r in show(searched, "Cameras with pictures")) == 2


def test_latency_is_that_of_the_newest_pictures(searched: Settings):
    (minute,) = show(searched, "Capture to result, p95")

    assert 200 < minute["p95.0"] <= 300


def test_latency_over_time_has_its_median_and_its_tail(searched: Settings):
    shown = show(searched, "Capture to result")

    assert {row["p50.0"] for row in shown} >= {900.0}
    assert all(row["p50.0"] <= row["p95.0"] for row in shown)


def test_objects_in_view_are_the_most_of_each_label_at_any_camera(searched: Settings):
    shown = show(searched, "Objects in view, by label")

    assert sorted((row["label"], row["max max"]) for row in shown) == [
        ("car", 1),
        ("person", 2),  # the last minute: 2 at the gate, 0 in the yard
        ("person", 3),
        ("person", 5),
    ]


def test_people_in_view_has_explicit_zeros_and_gaps_for_the_unseen(searched: Settings):
    shown = show(searched, "People in view, by camera")

    assert [row["max max"] for row in shown if row["camera_id"] == "yard"] == [0]
    assert [row["max max"] for row in shown if row["camera_id"] == "gate"] == [3, 2]
    assert [row["max max"] for row in shown if row["camera_id"] == "roof"] == [5]


def test_common_labels_are_counted_by_picture(searched: Settings):
    shown = show(searched, "Most common labels")

    assert total(shown, "labels", "count") == {"person": 2, "car": 1, "bird": 1}


def test_pictures_are_counted_by_camera_also_those_without_objects(searched: Settings):
    shown = show(searched, "Processed pictures, by camera")

    assert total(shown, "camera_id", "count") == {"gate": 2, "yard": 1, "roof": 1}


@pytest.mark.parametrize("title", ["Alerts by camera", "Alerts per camera, total"])
def test_alerts_by_camera_count_each_situation_once(searched: Settings, title: str):
    assert total(show(searched, title), "camera_id", "count") == {"gate": 2, "yard": 1}


def test_alerts_by_rule_count_each_situation_once(searched: Settings):
    shown = show(searched, "Alerts by rule")

    assert total(shown, "rule", "count") == {"stranger-at-door": 2, "car-in-yard": 1}


def test_newest_alerts_come_first_with_their_evidence(searched: Settings):
    shown = show(searched, "Newest alerts")

    assert [row["camera_id"] for row in shown] == ["gate", "gate", "yard"]
    assert shown[0]["frame_id"].startswith("gate_")


def test_the_accounts_of_the_pictures_add_up_by_reason(searched: Settings):
    shown = show(searched, "What became of the pictures")

    def booked(name: str) -> float:
        return sum(row[f"sum frames.{name}"] for row in shown)

    assert booked("processed") == 178
    assert booked("dropped.stale") == 3
    assert booked("dead_letters.not-jpeg") == 4
    assert booked("dead_letters.too-large") == 0


def test_camera_events_leave_the_accounts_out(searched: Settings):
    assert [row["event"] for row in show(searched, "Newest camera events")] == ["offline"]


def test_objects_now_are_those_of_the_newest_minutes(searched: Settings):
    shown = show(searched, "camera: Objects now, by label")

    # The newest minute of each label: at any camera, where a person would have chosen one.
    assert last(shown, "label", "max max") == {"person": 2, "car": 1}


def test_the_newest_picture_has_its_time(searched: Settings):
    shown = show(searched, "camera: Newest picture")

    assert max(row["max captured_at"] for row in shown) == NOON - 28_000


def test_tracks_are_counted_by_their_pictures(searched: Settings):
    shown = show(searched, "camera: Tracks with most pictures")

    (first, *_) = shown
    assert first["objects.track_id"] == "gate-person-0"
    assert first["count"] == 2
    assert first["max objects.score"] == pytest.approx(0.5)


def test_different_people_are_the_sum_of_the_new_ones(searched: Settings):
    shown = show(searched, "attendance and traffic: Different people, by hour")

    assert total(shown, "camera_id", "sum new") == {"gate": 5, "yard": 0, "roof": 5}


def test_days_are_those_of_the_camera_s_own_time_zone(searched: Settings):
    shown = show(searched, "attendance and traffic: Different people, by day")

    assert total(shown, "day", "sum new") == {"2031-07-01": 5, "2031-07-02": 5}


def test_hours_of_the_week_are_those_of_the_camera_s_own_time_zone(searched: Settings):
    shown = show(searched, "attendance and traffic: Different objects, by hour of the week")

    by_hour = {(row["weekday"], row["hour"]): row["sum new"] for row in shown}
    # 11:58 and 11:59 UTC on a Tuesday; 11:50 UTC is 01:50 on Wednesday in Kiritimati.
    assert by_hour == {(2, 11): 6, (3, 1): 5}


def test_crossings_are_summed_for_each_line(searched: Settings):
    shown = show(searched, "attendance and traffic: Crossings of each line, in and out")

    found = {row["crossed.line"]: (row["sum crossed.in"], row["sum crossed.out"]) for row in shown}
    assert found == {"road": (3, 1), "door": (0, 0)}
    assert {(row["camera_id"], row["label"]) for row in shown} == {("gate", "person")}


def test_entries_are_summed_for_each_zone(searched: Settings):
    (shown,) = show(searched, "attendance and traffic: Entries into each zone")

    assert (shown["camera_id"], shown["entered.zone"]) == ("gate", "yard")
    assert shown["sum entered.count"] == 2


def test_the_most_common_class_has_the_most_different_objects(searched: Settings):
    shown = show(searched, "attendance and traffic: Most common classes")

    assert total(shown, "label", "sum new") == {"person": 10, "car": 1}


def test_images_are_the_pictures_that_show_something_the_newest_first(searched: Settings):
    shown = show(searched, "images: Pictures, the newest first")

    assert [row["labels"] for row in shown] == [["car", "person"], ["person"], ["bird"]]


def test_a_false_alarm_that_was_taken_back_is_none(searched: Settings):
    assert total(show(searched, "alerts: False alarms, by camera"), "camera_id", "count") == {
        "gate": 1
    }
    assert sum(row["count"] for row in show(searched, "alerts: False alarms")) == 1


def test_the_time_to_notify_is_that_of_the_first_messages(searched: Settings):
    shown = show(searched, "alerts: Time to notify")

    assert {row["p50.0"] for row in shown} == {3_000, 9_000}


def test_notifications_are_counted_by_channel(searched: Settings):
    shown = show(searched, "alerts: Notifications, by channel")

    assert total(shown, "channel", "count") == {"mail": 1, "webhook": 1}


def test_days_are_drawn_with_the_marks_of_those_with_too_many_and_too_few(searched: Settings):
    every, too_many, too_few = show_each(searched, "alerts: Alerts by day, and marked days")

    assert last(every, "camera_id", "max alerts") == {"gate": 31, "yard": 9, "roof": 2}
    assert last(too_many, "camera_id", "max alerts") == {"gate": 31}
    assert last(too_few, "camera_id", "max alerts") == {"roof": 2}


def test_each_camera_and_day_has_its_mark(searched: Settings):
    shown = show(searched, "alerts: Too many or too few, by camera and day")

    assert last(shown, "camera_id", "max mark") == {"gate": 1, "yard": 0, "roof": -1}


def test_marked_days_are_listed_with_why(searched: Settings):
    shown = show(searched, "alerts: Days with too many or too few alerts")

    assert {row["camera_id"]: row["why"] for row in shown} == {
        "gate": "31 alerts; 10.0 expected",
        "roof": "2 alerts; 10.0 expected",
    }


def test_the_rates_of_a_day_are_those_of_its_alerts_and_of_the_minutes_seen(searched: Settings):
    with connect(searched) as client:
        found = list(
            daily_alert_rates(ElasticsearchAlerts(client), Millis(NOON + 24 * HOUR), 60_000)
        )

    of_the_day = parse_rfc3339("2031-07-01T00:00:00.000Z")
    assert {(rate.camera_id, rate.at): (rate.alerts, rate.hours) for rate in found} == {
        ("gate", of_the_day): (2, 0.017),
        ("yard", of_the_day): (1, 0.017),
    }


def test_a_variable_is_filled_from_the_field_that_it_asks_for(searched: Settings):
    sources = {p.source.uid: p.source for p in elasticsearch_panels().values()}
    variables = [v for d in dashboards() for v in d["templating"]["list"] if v["type"] == "query"]
    found: Mapping[tuple[str, str], set[str]] = {}
    for variable in variables:
        field = json.loads(variable["query"])["field"]
        source = sources[variable["datasource"]["uid"]]
        with connect(searched) as client:
            answer = client.search(
                index=source.index,
                size=0,
                query={"range": {source.time_field: {"gte": NOON - HOUR, "lte": NOON}}},
                aggs={"values": {"terms": {"field": field}}},
            )
        buckets = answer["aggregations"]["values"]["buckets"]
        found |= {(source.index, field): {bucket["key"] for bucket in buckets}}

    assert found == {
        ("detections", "camera_id"): {"gate", "yard", "roof"},
        ("counts", "label"): {"person", "car"},
        ("detections", "labels"): {"person", "car", "bird"},
        ("detections", "setting"): {"outdoor"},
    }


def test_the_benchmark_of_panels_draws_rows_in_all_of_them(elasticsearch_server: Settings):
    at = parse_rfc3339("2033-07-01T12:00:00.000Z")
    written = write_month(lambda *_: None, elasticsearch_server, month_records(at, 12 * 60, days=2))
    assert written > 1_000

    with connect(elasticsearch_server) as client:
        client.indices.refresh(index=",".join(SERVED), ignore_unavailable=True)
        empty = [
            name
            for name, panel, _ in drawn_panels()
            # What `search` fills is not written here.
            if not ask(client, panel, at, Millis(72 * HOUR))
            and panel.source.index != DETECTIONS
            # Its time of its own is shorter than this test's cameras are away.
            and (panel.newest_ms is None or panel.newest_ms > 12 * HOUR)
        ]
        written_on = (day(at - before * 24 * HOUR) for before in range(4))
        names = ",".join(f"{topic}-{each}" for each in written_on for topic in SERVED)
        client.indices.delete(index=names, ignore_unavailable=True)

    assert empty == []


def test_the_check_passes_when_every_panel_shows_something(elasticsearch_server: Settings):
    write(elasticsearch_server, morning(time.time_ns() // 1_000_000))

    done = run("check", "--json")

    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    asked = [line for line in lines if line["rows"] is not None]
    assert len(asked) == len(elasticsearch_panels())
    assert [line for line in asked if not line["rows"]] == []


def test_the_check_fails_in_one_line_that_names_the_empty_panels(elasticsearch_server: Settings):
    write(elasticsearch_server, morning(time.time_ns() // 1_000_000))

    done = run("check", "--since", "1s")

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "Processed pictures, by camera" in done.stderr
    assert "Alerts by camera" not in done.stderr  # there may rightly be none


@pytest.fixture
def prometheus() -> Iterator[tuple[str, list[str]]]:
    """An HTTP server that answers as Prometheus does, with one series; and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place = urlsplit(self.path)
            assert place.path == "/api/v1/query_range"
            asked.extend(parse_qs(place.query)["query"])
            series = [{"metric": {"job_name": "detection"}, "values": [[1, "2"]]}]
            answer = {"status": "success", "data": {"resultType": "matrix", "result": series}}
            said = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_check_asks_prometheus_where_there_is_one(
    elasticsearch_server: Settings, prometheus: tuple[str, list[str]]
):
    write(elasticsearch_server, morning(time.time_ns() // 1_000_000))
    url, asked = prometheus
    wanted = [
        [t["expr"] for t in p.targets]
        for d in dashboards()
        for p in panels(d)
        if p.source.kind == "prometheus"
    ]

    done = run("check", "--prometheus", url, "--json")

    assert done.returncode == 0, done.stderr
    assert asked == [query for queries in wanted for query in queries]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    found = [line["rows"] for line in lines if line["source"] == "prometheus"]
    assert found == [len(queries) for queries in wanted]  # one series for each
