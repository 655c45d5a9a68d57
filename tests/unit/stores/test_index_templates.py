import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycturestream.config.settings import Settings
from pycturestream.contracts.schemas import schema
from pycturestream.contracts.topics import COUNTS, DETECTIONS, SERVED
from pycturestream.domain.search.order import NEWEST_FIRST
from pycturestream.domain.search.query import Query
from pycturestream.domain.times import DAY_MS, day
from pycturestream.stores.index_templates import alias, first_kept_day, index, template
from pycturestream.stores.picture_search import sort_keys
from tests.builders import NOON


def test_an_index_is_named_by_topic_run_and_day():
    assert index("counts", "live", NOON) == "counts-2026.11.21"
    assert index("counts", "try-1", NOON) == "counts-try-1-2026.11.21"


@pytest.mark.parametrize("topic", SERVED)
def test_every_field_of_the_contract_can_be_searched(topic):
    mapped = template(topic, "live", 0)["template"]["mappings"]["properties"]
    made_by_the_store = {"day", "weekday", "hour"} if topic == COUNTS else set()
    assert set(mapped) == set(schema(topic)["properties"]) | made_by_the_store


@pytest.mark.parametrize("topic", SERVED)
def test_a_replay_has_an_alias_of_its_own_only(topic):
    live, replay, longer = (template(topic, run, 0) for run in ("live", "try", "try-2"))

    assert list(live["template"]["aliases"]) == [topic]
    assert list(replay["template"]["aliases"]) == [alias(topic, "try")]
    assert live["priority"] < replay["priority"] < longer["priority"]


def test_detections_lie_in_the_order_in_which_they_are_searched():
    # Otherwise a page costs a look at every record: half a second for a million.
    settings = template(DETECTIONS, "live", 0)["template"]["settings"]
    keys = dict(zip(settings["sort.field"], settings["sort.order"], strict=True))
    assert [{field: way} for field, way in keys.items()] == sort_keys(Query(), NEWEST_FIRST)


def test_replicas_come_from_the_settings():
    assert template("alerts", "live", 2)["template"]["settings"]["number_of_replicas"] == 2


@given(st.integers(1, 400), st.integers(NOON, NOON + 10 * DAY_MS), st.integers(0, 410 * DAY_MS))
def test_no_record_is_kept_for_longer_than_promised_nor_a_day_less(days, now, age):
    kept = day(now - age) >= first_kept_day(Settings(index_retention_days=days), now)
    assert kept or age > (days - 1) * DAY_MS
    assert not kept or age < days * DAY_MS
