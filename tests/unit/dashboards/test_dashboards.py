"""Dashboards query indices, fields and metrics that exist, Grafana knows all of what they say, and
people can read them."""

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, get_args

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from pycturestream.dashboards.dashboard import (
    DataSource,
    Panel,
    dashboards,
    data_sources,
    panels,
)
from pycturestream.domain.frames.admission import DropReason
from pycturestream.domain.frames.frame import LIVE
from pycturestream.domain.frames.rejection import Reason
from pycturestream.domain.times import Millis, parse_duration
from pycturestream.stores.index_templates import template
from pycturestream.stores.record import TIMES

DASHBOARDS = {
    dashboard["uid"].removeprefix("pycturestream-"): dashboard for dashboard in dashboards()
}
PANELS = {
    f"{name}: {panel.title}": panel
    for name, dashboard in DASHBOARDS.items()
    for panel in panels(dashboard)
}
ELASTICSEARCH = {name: p for name, p in PANELS.items() if p.source.kind == "elasticsearch"}
IGNORED = {"definition"}
"""What Grafana's server keeps, though its description of dashboards does not have it."""


def entries(level: Any) -> Iterator[dict[str, Any]]:
    for entry in level:
        yield entry
        yield from entries(entry.get("panels", []))


SHOWN = {
    f"{name}: {entry['title']}": entry
    for name, dashboard in DASHBOARDS.items()
    for entry in entries(dashboard["panels"])
    if entry["type"] != "row"
}
each_dashboard = pytest.mark.parametrize("name", DASHBOARDS)
each_panel = pytest.mark.parametrize("panel", PANELS.values(), ids=PANELS)


def fields(properties: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for name, field in properties.items():
        yield prefix + name
        yield from fields(field.get("properties", {}), f"{prefix}{name}.")


def mapped(source: DataSource) -> set[str]:
    return set(fields(template(source.index, LIVE, 0)["template"]["mappings"]["properties"]))


@pytest.mark.parametrize("uid", [u for u, s in data_sources().items() if s.kind != "prometheus"])
def test_a_data_source_reads_an_alias_by_the_time_that_its_records_are_filed_under(uid: str):
    source = data_sources()[uid]

    assert source.time_field == TIMES[source.index].in_all
    assert source.index in template(source.index, LIVE, 0)["template"]["aliases"]


@pytest.mark.parametrize("panel", ELASTICSEARCH.values(), ids=ELASTICSEARCH)
def test_a_panel_asks_for_fields_that_the_index_knows(panel: Panel):
    known = mapped(panel.source) | {
        *(f"frames.dropped.{reason}" for reason in get_args(DropReason)),
        *(f"frames.dead_letters.{reason}" for reason in get_args(Reason)),
    }

    for target in panel.targets:
        assert target["timeField"] == panel.source.time_field
        assert {m["field"] for m in target["metrics"] if "field" in m} <= known
        assert {bucket["field"] for bucket in target["bucketAggs"]} <= known
        assert set(re.findall(r"(\w+):", target["query"])) <= known


@each_panel
def test_all_queries_of_a_panel_ask_its_own_source(panel: Panel):
    for target in panel.targets:
        assert target["datasource"]["uid"] == panel.source.uid
        assert target["datasource"]["type"] == panel.source.kind


@pytest.mark.parametrize("name", [n for n in PANELS if n.endswith("What became of the pictures")])
def test_every_reason_of_drops_and_rejections_is_in_the_accounts(name: str):
    (target,) = PANELS[name].targets

    assert {metric["field"] for metric in target["metrics"]} == {
        "frames.processed",
        *(f"frames.dropped.{reason}" for reason in get_args(DropReason)),
        *(f"frames.dead_letters.{reason}" for reason in get_args(Reason)),
    }


@each_dashboard
def test_grafana_knows_all_that_a_dashboard_says(name: str):
    register_default_plugins()

    read = Dashboard.from_json(DASHBOARDS[name])

    assert list(lost(DASHBOARDS[name], json.loads(JSONEncoder().encode(read)))) == []


def lost(given: Any, read: Any, place: str = "") -> Iterator[str]:
    """Yield the places of what Grafana's types did not take, or took for something else."""
    if isinstance(given, dict) and isinstance(read, dict):
        for key in given.keys() - IGNORED:
            yield from lost(given[key], read.get(key), f"{place}.{key}")
    elif isinstance(given, list) and isinstance(read, list) and len(given) == len(read):
        for number, (one, other) in enumerate(zip(given, read, strict=True)):
            yield from lost(one, other, f"{place}[{number}]")
    elif given != read:
        yield f"{place}: {given!r}"


def test_what_grafana_does_not_know_is_found():
    register_default_plugins()
    given = {**DASHBOARDS["camera"], "intervall": "10s"}

    read = Dashboard.from_json(given)

    assert list(lost(given, json.loads(JSONEncoder().encode(read)))) == [".intervall: '10s'"]


def test_dashboards_have_names_of_their_own():
    for key in ("uid", "title"):
        assert len({dashboard[key] for dashboard in DASHBOARDS.values()}) == len(DASHBOARDS)


@each_dashboard
def test_titles_of_panels_are_unambiguous(name: str):
    titles = [e["title"] for e in entries(DASHBOARDS[name]["panels"]) if e["type"] != "row"]

    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("entry", SHOWN.values(), ids=SHOWN)
def test_every_panel_has_a_description_and_a_unit(entry: dict[str, Any]):
    assert entry["description"]
    assert entry["fieldConfig"]["defaults"]["unit"]


@each_dashboard
def test_panels_have_ids_of_their_own_and_do_not_overlap(name: str):
    found = list(entries(DASHBOARDS[name]["panels"]))
    ids = [entry["id"] for entry in found]
    assert len(set(ids)) == len(ids)

    squares: set[tuple[int, int]] = set()
    for entry in found:
        place = entry["gridPos"]
        own = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert max(x for x, _ in own) < 24
        assert not own & squares
        squares |= own
    # Rows of a dashboard leave no gap between them: Grafana would move everything up.
    lines = sorted({y for _, y in squares})
    assert all(below == above + 1 for above, below in pairwise(lines))


@each_dashboard
def test_every_variable_of_a_query_or_a_link_is_declared_and_no_other(name: str):
    declared = {variable["name"] for variable in DASHBOARDS[name]["templating"]["list"]}
    used = {
        first or second
        for first, second in re.findall(
            r"\$(?:([a-z]\w+)|\{(\w+):raw\})",  # a digit names a part of what is renamed
            json.dumps([DASHBOARDS[name]["panels"], DASHBOARDS[name]["links"]]),
        )
    }

    assert used == declared


@each_panel
def test_no_variable_is_left_in_what_a_panel_asks(panel: Panel):
    assert "$" not in json.dumps([dict(target) for target in panel.targets])


@each_dashboard
def test_links_lead_to_dashboards_that_take_the_variable(name: str):
    by_uid = {dashboard["uid"]: dashboard for dashboard in DASHBOARDS.values()}

    for uid, variable in re.findall(r'"/d/([\w-]+)\?var-(\w+)=', json.dumps(DASHBOARDS[name])):
        assert variable in {v["name"] for v in by_uid[uid]["templating"]["list"]}


@each_dashboard
def test_every_dashboard_leads_to_the_others_the_live_page_and_the_web_ui_of_flink(name: str):
    links = DASHBOARDS[name]["links"]

    (others,) = [link for link in links if link["type"] == "dashboards"]
    assert all(set(others["tags"]) <= set(d["tags"]) for d in DASHBOARDS.values())
    assert {"http://localhost:8081", "${web:raw}/live"} <= {link["url"] for link in links}


@each_dashboard
def test_nobody_can_lead_elsewhere_by_a_variable_in_an_address(name: str):
    (web,) = [v for v in DASHBOARDS[name]["templating"]["list"] if v["name"] == "web"]

    assert (web["type"], web["skipUrlSync"]) == ("constant", True)


def test_pictures_and_cameras_lead_to_the_web_pages():
    frames = [
        entry["fieldConfig"]["overrides"]
        for entry in SHOWN.values()
        if "frame_id" in json.dumps(entry.get("transformations", []))
    ]

    assert len(frames) == 4  # pictures, and the newest alerts of three dashboards
    for overrides in frames:
        (of_frame,) = [o for o in overrides if o["matcher"]["options"] in {"Frame", "Evidence"}]
        (links,) = [p["value"] for p in of_frame["properties"] if p["id"] == "links"]
        assert [link["url"] for link in links] == [
            "${web:raw}/api/pictures/${__value.text}.jpg?annotated=1",
            "${web:raw}/search?picture=${__value.text}",
        ]
    of_camera = {link["url"] for link in DASHBOARDS["camera"]["links"]}
    assert "${web:raw}/live/${camera:raw}" in of_camera


def test_panels_of_a_gpu_show_zero_where_there_is_none():
    of_a_gpu = [
        target["expr"]
        for panel in PANELS.values()
        for target in panel.targets
        if "gpu" in target.get("expr", "")
    ]

    assert len(of_a_gpu) == 3
    assert all(expr.endswith(" or vector(0)") for expr in of_a_gpu)


def test_a_panel_with_a_time_of_its_own_shows_the_newest():
    panel = PANELS["overview: People now"]

    span = panel.span(Millis(0), Millis(10_000_000))

    assert (span.since, span.until) == (10_000_000 - 180_000, 10_000_000)
    assert span.step_ms == 60_000


def test_a_long_time_is_cut_into_a_bounded_number_of_points():
    month = 30 * 24 * 3_600_000

    spans = [
        PANELS[title].span(Millis(0), Millis(month))
        for title in ("camera: In view, by label", "overview: People in view, by camera")
    ]

    assert 500 <= month / spans[0].step_ms <= 1_000
    assert month / spans[1].step_ms == 200  # of 20 cameras


@pytest.mark.parametrize("text", ["", "5", "m", "5 m", "5w", "-5m", "1.5h"])
def test_a_text_that_is_no_time_span_is_rejected(text: str):
    with pytest.raises(ValueError, match="not a time span"):
        parse_duration(text)
