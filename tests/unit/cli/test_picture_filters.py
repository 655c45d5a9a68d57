import pytest

from pycturestream.cli.picture_filters import (
    clock,
    hours,
    level,
    order,
    rectangle,
    sector,
    share,
    weekdays,
)
from pycturestream.domain.geometry import BoundingBox
from pycturestream.domain.search.order import Order
from pycturestream.domain.search.query import Hours
from pycturestream.errors import UsageError


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
def test_anything_else_is_wrong_use_and_the_error_shows_what_is_right(read, text, remedy):
    with pytest.raises(UsageError) as raised:
        read(text)
    assert remedy in str(raised.value)
    assert "\n" not in str(raised.value)
