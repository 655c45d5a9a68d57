"""The benchmark of panels draws what the system writes, and has every panel and figure."""

import io
import json
from collections import Counter

import msgspec
from jsonschema import Draft202012Validator
from rich.console import Console

from benchmarks.panels import (
    DAYS,
    Asked,
    Drawn,
    drawn_panels,
    month_records,
    panel_figures,
    panel_tables,
)
from benchmarks.search import CAMERAS
from pycturestream.contracts.results import check_result
from pycturestream.contracts.schemas import schema
from pycturestream.contracts.topics import ALERT_EVENTS, ALERTS, CAMERA_EVENTS, COUNTS
from pycturestream.dashboards.dashboard import dashboards, panels
from pycturestream.domain.times import DAY_MS
from tests.builders import NOON

SLOW = {
    "alerts: Raised": Drawn(Asked(7, 12.4, 31.6), Asked(30, 99.5, 345.2)),
    "images: When": Drawn(Asked(60, 201.2, 251.9), Asked(500, 180.4, 199.9)),
}


def test_records_are_as_the_system_writes_them():
    validators = {
        topic: Draft202012Validator(schema(topic))
        for topic in (COUNTS, CAMERA_EVENTS, ALERTS, ALERT_EVENTS)
    }
    kinds: Counter[str] = Counter()
    for number, (topic, value) in enumerate(month_records(NOON, 24 * 60)):
        kinds[topic] += 1
        if number % 401 == 0:
            record = msgspec.json.decode(value)
            validators[topic].validate(record)
            check_result(topic, record)
    assert set(kinds) == set(validators)
    assert kinds[COUNTS] == 2 * DAYS * CAMERAS
    # Beside the frame accounts, each camera is offline once on each complete day.
    assert kinds[CAMERA_EVENTS] == (DAYS + DAYS - 1) * CAMERAS


def test_each_camera_has_an_open_alert_on_each_complete_day():
    alerts = (
        msgspec.json.decode(v) for t, v in month_records(NOON, 24 * 60, days=3) if t == ALERTS
    )
    open_ = Counter(alert["camera_id"] for alert in alerts if alert["cleared_at"] is None)

    assert len(open_) == CAMERAS
    assert set(open_.values()) == {2}


def test_every_panel_that_asks_elasticsearch_is_drawn():
    wanted = sum(
        panel.source.kind == "elasticsearch" for each in dashboards() for panel in panels(each)
    )
    found = {name: (panel, length) for name, panel, length in drawn_panels()}

    assert len(found) == wanted
    assert found["alerts: Raised"][1] == 7 * DAY_MS
    of_one, _ = found["camera: Newest alerts"]
    assert "camera-07" in json.dumps(dict(of_one.targets[0]))
    of_all, _ = found["overview: People now"]
    assert "camera-07" not in json.dumps(dict(of_all.targets[0]))


def test_the_table_and_the_figures_have_every_number():
    console = Console(width=100, file=io.StringIO())
    for table in panel_tables(SLOW):
        console.print(table)
    printed = console.file.getvalue()
    for figure in ("alerts: Raised", "12", "32", "345", "images: When", "252", "500"):
        assert figure in printed

    figures = panel_figures(SLOW, 1_234)
    assert figures["slower_than_the_aim"] == {
        "at_first": ["images: When"],
        "month": ["alerts: Raised"],
    }
    assert figures["panels"]["alerts: Raised"]["month"] == {
        "rows": 30,
        "p50_ms": 99.5,
        "p95_ms": 345.2,
    }
