import pytest

from pycturestream.application.searching import (
    clock_of,
    labels_of_models,
    newest_record,
    not_known,
    require_known_labels,
    unknown_names,
    with_times,
)
from pycturestream.domain.search.query import ObjectConditions, Query
from pycturestream.domain.search.words import SearchWords, WordsError, read_search
from pycturestream.domain.times import HOUR_MS, rfc3339
from tests.builders import NOON, detection_record
from tests.fake_picture_index import FakePictureIndex


@pytest.fixture
def index():
    """An index with one record, of the label `forklift`."""
    return FakePictureIndex([detection_record(labels=["forklift"], zones=["door"])])


def test_the_nearest_name_is_suggested():
    names = ["person", "parking meter", "Car"]

    assert not_known("label", "persn", names) == (
        "no label 'persn' is known: did you mean 'person'?"
    )
    assert "'Car'" in not_known("label", "car", names)
    assert not_known("label", "xyz", names).endswith("known: Car, parking meter, person")
    assert not_known("site", "xyz", []).endswith("known: none")
    assert "and 88 more" in not_known("camera", "xyz", [f"c{number}" for number in range(100)])


def test_the_labels_of_the_shipped_model_are_known():
    assert {"person", "car", "truck", "face"} <= labels_of_models()


def test_a_label_of_a_model_needs_no_look_into_the_index(index):
    require_known_labels(index, Query(labels=("person",), without=("car",)))
    assert index.asked == []


def test_a_label_of_the_index_is_known_too(index):
    require_known_labels(index, Query(labels=("forklift",)))
    assert index.asked == ["labels"]


def test_what_other_cameras_show_is_not_told(index):
    with pytest.raises(WordsError):
        require_known_labels(index, Query(labels=("forklift",)), ["yard"])
    [sentence] = unknown_names(index, Query(cameras=("gaet",)), ["yard"])
    assert sentence.endswith("known: none")


@pytest.mark.parametrize("query", [Query(labels=("persn",)), Query(without=("persn",))])
def test_any_other_label_is_wrong_use(index, query):
    with pytest.raises(WordsError, match="did you mean 'person'"):
        require_known_labels(index, query)


def test_only_names_that_were_asked_for_are_looked_up(index):
    assert list(unknown_names(index, Query(labels=("person",)))) == []
    assert index.asked == []

    query = Query(
        cameras=("gate", "gaet"), sites=("attic",), conditions=ObjectConditions(zone="door")
    )
    assert list(unknown_names(index, query)) == [
        "no camera 'gaet' is known: did you mean 'gate'?",
        "no site 'attic' is known; known: north",
    ]


@pytest.mark.parametrize(
    ("zones", "clock"), [({"gate": "Asia/Tokyo", "yard": "Asia/Tokyo"}, "Asia/Tokyo"), ({}, "UTC")]
)
def test_the_clock_is_that_of_the_cameras(zones, clock):
    assert clock_of(FakePictureIndex(zones=zones), Query()) == clock


def test_cameras_with_different_clocks_need_a_choice():
    index = FakePictureIndex(zones={"gate": "UTC", "yard": "Asia/Tokyo"})
    with pytest.raises(WordsError, match=r"Asia/Tokyo, UTC") as raised:
        clock_of(index, Query())
    assert raised.value.name == "timezone"
    assert clock_of(index, Query(cameras=("gate",))) == "UTC"


def times(index, **words):
    return with_times(index, read_search(SearchWords(**words), NOON), NOON)


def test_times_without_a_zone_are_by_the_clock_of_the_cameras():
    index = FakePictureIndex(zones={"gate": "Europe/Vienna"})
    query, clock = times(index, since="2026-11-21 12:00", until="2026-11-21 13:00")
    assert (query.since, query.until, clock) == (NOON - HOUR_MS, NOON, "Europe/Vienna")


def test_other_times_need_no_clock(index):
    query, clock = times(index, since="2h", until="1h")
    assert (query.since, query.until, clock) == (NOON - 2 * HOUR_MS, NOON - HOUR_MS, "")


@pytest.mark.parametrize(("since", "until"), [("1h", "2h"), ("1h", "1h")])
def test_a_time_must_end_after_it_begins(index, since, until):
    with pytest.raises(WordsError, match="after the start"):
        times(index, since=since, until=until)


def test_of_several_records_of_a_frame_the_newest_counts():
    older = detection_record()
    newer = detection_record(model="other") | {"processed_at": rfc3339(NOON + HOUR_MS)}
    index = FakePictureIndex([newer, older])
    assert newest_record(index, older["frame_id"], "live") == newer
    assert newest_record(index, older["frame_id"], "holiday") is None
    with pytest.raises(ValueError, match="not a frame"):
        newest_record(index, "../gate", "live")
