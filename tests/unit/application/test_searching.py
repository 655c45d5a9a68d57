import pytest

from pycturestream.application import searching
from pycturestream.application.searching import (
    clock_of,
    labels_of_models,
    not_known,
    require_known_labels,
    unknown_names,
)
from pycturestream.domain.search.query import ObjectConditions, Query
from pycturestream.errors import UsageError


@pytest.fixture
def known(monkeypatch):
    """Let the index hold these values; return which fields were asked for."""
    values = {"labels": ["forklift"], "camera_id": ["gate"], "site": [], "objects.zones": ["door"]}
    asked = []

    def known_values(client, run, field):
        del client, run
        asked.append(field)
        return values[field]

    monkeypatch.setattr(searching, "known_values", known_values)
    return asked


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


def test_a_label_of_a_model_needs_no_look_into_the_index(known):
    require_known_labels(None, Query(labels=("person",), without=("car",)))
    assert known == []


def test_a_label_of_the_index_is_known_too(known):
    require_known_labels(None, Query(labels=("forklift",)))
    assert known == ["labels"]


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("query", [Query(labels=("persn",)), Query(without=("persn",))])
def test_any_other_label_is_wrong_use(query):
    with pytest.raises(UsageError, match="did you mean 'person'"):
        require_known_labels(None, query)


def test_only_names_that_were_asked_for_are_looked_up(known):
    assert list(unknown_names(None, Query(labels=("person",)))) == []
    assert known == []

    query = Query(
        cameras=("gate", "gaet"), sites=("north",), conditions=ObjectConditions(zone="door")
    )
    assert list(unknown_names(None, query)) == [
        "no camera 'gaet' is known: did you mean 'gate'?",
        "no site 'north' is known; known: none",
    ]


@pytest.mark.parametrize(("zones", "clock"), [({"Asia/Tokyo"}, "Asia/Tokyo"), (set(), "UTC")])
def test_the_clock_is_that_of_the_cameras(monkeypatch, zones, clock):
    monkeypatch.setattr(searching, "time_zones", lambda *_: zones)
    assert clock_of(None, Query()) == clock


def test_cameras_with_different_clocks_need_a_choice(monkeypatch):
    monkeypatch.setattr(searching, "time_zones", lambda *_: {"UTC", "Asia/Tokyo"})
    with pytest.raises(UsageError, match=r"Asia/Tokyo, UTC.*--timezone"):
        clock_of(None, Query())
