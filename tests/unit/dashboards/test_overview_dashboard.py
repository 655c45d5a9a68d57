"""The dashboard queries indices and fields that exist, and people can read it."""

import json
import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest

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

(DASHBOARD,) = dashboards()
PANELS = list(panels(DASHBOARD))
ELASTICSEARCH = [panel for panel in PANELS if panel.source.kind == "elasticsearch"]


def entries(level: Any = None) -> Iterator[dict[str, Any]]:
    for entry in level if level is not None else DASHBOARD["panels"]:
        yield entry
        yield from entries(entry.get("panels", []))


SHOWN = [entry for entry in entries() if entry["type"] != "row"]


def fields(properties: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for name, field in properties.items():
        yield prefix + name
        yield from fields(field.get("properties", {}), f"{prefix}{name}.")


def mapped(source: DataSource) -> set[str]:
    return set(fields(template(source.index, LIVE, 0)["template"]["mappings"]["properties"]))


@pytest.mark.parametrize("uid", [u for u, s in data_sources().items() if s.kind != "prometheus"])
def test_a_data_source_reads_an_alias_by_the_time_that_its_records_are_filed_under(uid: str):
    source = data_sources()[uid]

    assert source.time_field == TIMES[source.index].filed
    assert source.index in template(source.index, LIVE, 0)["template"]["aliases"]


@pytest.mark.parametrize("panel", ELASTICSEARCH, ids=lambda panel: panel.title)
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


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.title)
def test_all_queries_of_a_panel_ask_its_own_source(panel: Panel):
    for target in panel.targets:
        assert target["datasource"]["uid"] == panel.source.uid
        assert target["datasource"]["type"] == panel.source.kind


def test_every_reason_of_drops_and_rejections_is_in_the_accounts():
    (panel,) = [p for p in PANELS if p.title == "What became of the pictures"]
    (target,) = panel.targets

    assert {metric["field"] for metric in target["metrics"]} == {
        "frames.processed",
        *(f"frames.dropped.{reason}" for reason in get_args(DropReason)),
        *(f"frames.dead_letters.{reason}" for reason in get_args(Reason)),
    }


@pytest.mark.parametrize("entry", SHOWN, ids=lambda entry: entry["title"])
def test_every_panel_has_a_description(entry: dict[str, Any]):
    assert entry["description"]
    if entry["type"] != "table":
        assert entry["fieldConfig"]["defaults"]["unit"]


def test_panels_have_ids_of_their_own_and_do_not_overlap():
    ids = [entry["id"] for entry in entries()]
    assert len(set(ids)) == len(ids)

    squares: set[tuple[int, int]] = set()
    for entry in entries():
        place = entry["gridPos"]
        own = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert max(x for x, _ in own) < 24
        assert not own & squares
        squares |= own


def test_every_variable_of_a_query_is_declared():
    declared = {variable["name"] for variable in DASHBOARD["templating"]["list"]}
    used = {
        name
        for entry in SHOWN
        for target in entry["targets"]
        for name in re.findall(r"\$(\w+)", json.dumps(target))
    }

    assert used == declared


def test_a_link_to_a_camera_leads_to_this_dashboard():
    links = re.findall(r'"/d/([\w-]+)\?var-(\w+)=', json.dumps(DASHBOARD))

    assert links
    assert set(links) == {(DASHBOARD["uid"], DASHBOARD["templating"]["list"][0]["name"])}


def test_a_panel_with_a_time_of_its_own_shows_the_newest():
    (panel,) = [p for p in PANELS if p.title == "People now"]

    span = panel.span(Millis(0), Millis(10_000_000))

    assert (span.since, span.until) == (10_000_000 - 180_000, 10_000_000)
    assert span.step_ms == 60_000


def test_a_long_time_is_cut_into_a_bounded_number_of_points():
    (panel,) = [p for p in PANELS if p.title == "Capture to result"]
    month = 30 * 24 * 3_600_000

    span = panel.span(Millis(0), Millis(month))

    assert 500 <= month / span.step_ms <= 1_000


@pytest.mark.parametrize("text", ["", "5", "m", "5 m", "5w", "-5m", "1.5h"])
def test_a_text_that_is_no_time_span_is_rejected(text: str):
    with pytest.raises(ValueError, match="not a time span"):
        parse_duration(text)
