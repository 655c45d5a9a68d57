from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.picture_name import captured_at
from pycturestream.domain.frames.frame import CAMERA_ID, frame_id
from pycturestream.domain.times import EARLIEST, LATEST, compact, parse_rfc3339, rfc3339

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
def test_the_time_is_read_in_every_common_format(stem, moment):
    assert captured_at(stem) == moment


@given(st.from_regex(CAMERA_ID, fullmatch=True), MOMENTS)
def test_the_projects_own_name_is_read_back(camera_id, moment):
    assert captured_at(frame_id(camera_id, moment)) == moment


@given(MOMENTS, st.integers(-14 * 60, 14 * 60))
def test_all_formats_of_one_moment_agree(moment, offset_minutes):
    there = timezone(timedelta(minutes=offset_minutes))
    utc = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=moment)
    local = utc.astimezone(there).isoformat(timespec="milliseconds")
    day, clock = rfc3339(moment)[:-1].split("T")
    forms = [
        compact(moment),
        rfc3339(moment),
        rfc3339(moment)[:-1],
        local,
        f"{day}T{clock.replace(':', '-')}",
        f"{day}T{clock.replace(':', '-')}Z",
        f"{day.replace('-', '')}T{clock.replace(':', '')}Z",
        f"{moment // 1000}.{moment % 1000:03d}",
        str(moment),
    ]

    assert {captured_at(f"gate_{form}") for form in forms} == {moment}


@given(MOMENTS)
def test_milliseconds_and_seconds_since_1970_are_distinguished(moment):
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
        "gate_20261121T090000-12Z",
        "gate_20261121T0900001_2Z",
        "gate_\u0662\u0660\u0662\u0666\u0661\u0661\u0662\u0661T\u0660\u0669\u0660\u0660\u0660\u0660\u0661\u0662\u0665Z",
        "gate_\uff11\uff17\uff19\uff15\uff12\uff15\uff11\uff16\uff10\uff10",
        "gate_1e9",
        "gate_99999999999999999999",
    ],
)
def test_a_name_without_a_time_is_rejected(stem):
    with pytest.raises(ValueError, match=r"expected|not a time|without a time|Invalid|range|month"):
        captured_at(stem)


ALMOST = st.text("0123456789TZ-:.,+_ W\u0660\uff11", max_size=30)
"""What times are made of, and digits of other scripts."""
FROM_DISK = st.binary(max_size=40).map(lambda data: data.decode("utf-8", "surrogateescape"))


@given(st.text(max_size=40) | ALMOST | FROM_DISK)
def test_any_other_name_is_rejected_or_read_without_another_error(text):
    for stem in (text, f"gate_{text}"):
        try:
            moment = captured_at(stem)
        except ValueError:
            continue
        assert EARLIEST <= moment < LATEST


@given(MOMENTS, st.integers(0, 60), st.sampled_from("0123456789TZ-:.+_ \u0660"), st.booleans())
def test_a_name_with_one_wrong_character_is_rejected_or_another_time(moment, at, sign, compactly):
    text = compact(moment) if compactly else rfc3339(moment)
    at %= len(text)
    try:
        found = captured_at(f"gate_{text[:at]}{sign}{text[at + 1 :]}")
    except ValueError:
        return
    assert EARLIEST <= found < LATEST
