import pytest

from pycturestream.domain.geometry import BoundingBox
from pycturestream.domain.search.order import Order
from pycturestream.domain.search.query import Hours, ObjectConditions, Query
from pycturestream.domain.search.words import (
    SearchWords,
    WordsError,
    clock,
    hours,
    level,
    order,
    read_search,
    rectangle,
    sector,
    share,
    weekdays,
)
from tests.builders import NOON


def test_what_is_right_is_read():
    assert weekdays("sat, Sunday") == {6, 7}
    assert hours("22-6") == Hours(22, 6)
    assert hours("00-24") == Hours(0, 24)
    assert level("Danger") == level("3") == 3
    assert rectangle("0,0.25, .5,1") == BoundingBox(0, 0.25, 0.5, 1)
    assert sector("top left") == "top left"
    assert order("-score") == Order("score", descending=True)
    assert order("captured") == Order("captured", descending=False)
    assert clock("Europe/Vienna") == "Europe/Vienna"
    assert share("0.25") == 0.25


@pytest.mark.parametrize(
    ("read", "text", "remedy"),
    [
        (weekdays, "sa", "mon, tue"),
        (weekdays, "sat,", "mon, tue"),
        (hours, "22", "22-6"),
        (hours, "24-6", "22-6"),
        (hours, "8-25", "22-6"),
        (hours, "8:30-9", "whole hours"),
        (level, "bad", "notice, warning, danger"),
        (level, "0", "1 to 3"),
        (level, "٣", "1 to 3"),
        (rectangle, "0,0,1", "left,top,right,bottom"),
        (rectangle, "0.5,0,0.5,1", "left,top,right,bottom"),
        (rectangle, "0,0,1,2", "left,top,right,bottom"),
        (rectangle, "0,nan,1,1", "left,top,right,bottom"),
        (rectangle, "a,b,c,d", "left,top,right,bottom"),
        (sector, "topleft", "did you mean 'top left'"),
        (sector, "xyz", "bottom right"),
        (order, "age", "captured, camera, count"),
        (order, "--score", "-score"),
        (clock, "Vienna", "Europe/Vienna"),
        (share, "5%", "from 0 to 1"),
        (share, "1.1", "from 0 to 1"),
        (share, "nan", "from 0 to 1"),
    ],
)
def test_anything_else_is_an_error_that_shows_what_is_right(read, text, remedy):
    with pytest.raises(ValueError, match=r".") as raised:
        read(text)
    assert remedy in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_search_that_says_nothing_is_for_everything():
    search = read_search(SearchWords(), NOON)
    assert (search.query, search.since, search.until, search.timezone) == (Query(), None, None, "")
    assert search.order == Order("captured", descending=True)


def test_each_word_has_its_place_in_the_query():
    search = read_search(
        SearchWords(
            camera=("gate", "yard"), site=("north",), label=("person", "car", "person"),
            without=("dog",), min_count=2, max_count=5, min_score="0.5", max_score="0.9",
            zone="door", sector="top left", track="t", min_size="0.1", max_size="0.4",
            inside="0,0,0.5,1", level="warning", weekday="sat,sun", hours="22-6",
            timezone="Europe/Vienna", sort="-count", run="holiday",
        ),
        NOON,
    )  # fmt: skip
    assert search.query == Query(
        run="holiday", cameras=("gate", "yard"), sites=("north",), weekdays=frozenset({6, 7}),
        hours=Hours(22, 6), labels=("person", "car"), without=("dog",),
        conditions=ObjectConditions(
            min_score=0.5, max_score=0.9, zone="door", sector="top left", track_id="t",
            min_size=0.1, max_size=0.4, inside=BoundingBox(0, 0, 0.5, 1),
        ),
        min_count=2, max_count=5, min_level=2,
    )  # fmt: skip
    assert search.timezone == "Europe/Vienna"
    assert search.order == Order("count", descending=True)


@pytest.mark.parametrize(
    ("name", "text"),
    [("hours", ""), ("since", "soon"), ("until", "1999-01-01"), ("run", "Holiday"), ("level", "9")],
)
def test_the_error_names_what_can_not_be_read(name, text):
    with pytest.raises(WordsError) as raised:
        read_search(SearchWords(**{name: text}), NOON)
    assert raised.value.name == name


def test_an_error_does_not_repeat_a_long_text():
    with pytest.raises(WordsError) as raised:
        read_search(SearchWords(since="x" * 5_000), NOON)
    assert len(str(raised.value)) < 400
