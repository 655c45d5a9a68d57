import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.picture_name import captured_at
from pycturestream.frame import frame_id
from pycturestream.times import EARLIEST, LATEST, parse_rfc3339, rfc3339

MOMENTS = st.integers(EARLIEST, LATEST - 1)
PRECISE = parse_rfc3339("2026-11-21T09:00:00.125Z")
WHOLE = parse_rfc3339("2026-11-21T09:00:00Z")


@pytest.mark.parametrize(
    ("stem", "moment"),
    [
        ("gate_20261121T090000125Z", PRECISE),
        ("gate_1795251600", WHOLE),
        ("gate_1795251600.125", PRECISE),
        ("gate_1795251600125", PRECISE),
        ("gate_20261121T090000Z", WHOLE),
        ("gate_20261121T090000", WHOLE),
        ("gate_20261121T090000.125Z", PRECISE),
        ("gate_20261121T100000+0100", WHOLE),
        ("gate_2026-11-21T09:00:00.125Z", PRECISE),
        ("gate_2026-11-21T10:00:00+01:00", WHOLE),
        ("gate_2026-11-21T09-00-00Z", WHOLE),
        ("north_gate_2_20261121T090000125Z", PRECISE),
    ],
)
def test_the_time_is_read_in_every_usual_form(stem, moment):
    assert captured_at(stem) == moment


@given(MOMENTS)
def test_the_projects_own_name_is_read_back(moment):
    assert captured_at(frame_id("gate", moment)) == moment


@given(MOMENTS)
def test_rfc_3339_is_read_back(moment):
    assert captured_at(f"gate_{rfc3339(moment)}") == moment


@given(MOMENTS)
def test_milliseconds_and_seconds_since_1970_are_told_apart(moment):
    assert captured_at(f"gate_{moment}") == moment
    assert captured_at(f"gate_{moment // 1000}") == moment // 1000 * 1000


@pytest.mark.parametrize(
    "stem",
    [
        "20261121T090000125Z",
        "_20261121T090000125Z",
        "gate",
        "gate_",
        "gate_yesterday",
        "gate_20261121",
        "gate_2026-11-21",
        "gate_20261321T090000Z",
        "gate_19991231T235959Z",
        "gate_5",
    ],
)
def test_what_holds_no_time_is_refused(stem):
    with pytest.raises(ValueError, match=r"expected|not a time|day without|Invalid|range|month"):
        captured_at(stem)


@given(st.text(max_size=40))
def test_any_other_name_is_refused_or_read_but_never_breaks(text):
    try:
        moment = captured_at(f"gate_{text}")
    except ValueError:
        return
    assert EARLIEST <= moment < LATEST
