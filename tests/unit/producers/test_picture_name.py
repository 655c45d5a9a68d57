import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.picture_name import captured_at
from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.domain.frames.frame import CAMERA_ID, frame_id
from pycturestream.domain.times import (
    EARLIEST,
    FIRST_YEARS,
    LAST_YEARS,
    LATEST,
    compact,
    parse_rfc3339,
    rfc3339,
)

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
        ("20261121T090000125Z", PRECISE),
        ("1795251600", WHOLE),
    ],
)
def test_the_time_is_read_in_every_common_format(stem, moment):
    assert captured_at(stem) == moment


@pytest.mark.parametrize(
    ("stem", "milliseconds"),
    [
        ("gate_20261121090000", 0),
        ("gate_20261121-090000", 0),
        ("gate_20261121_090000", 0),
        ("20261121_090000", 0),
        ("gate20261121090000", 0),
        ("gate_20261121090000125", 125),
        ("gate_20261121090000125000", 125),
        ("gate_20261121_090000_125", 125),
        ("gate_20261121_090000_125000", 125),
        ("gate_20261121_090000.125", 125),
        ("2026-11-21_09-00-00", 0),
        ("2026-11-21 09.00.00", 0),
        ("2026-11-21_-_09-00-00", 0),
        ("1_2026-11-21_09-00-00_125", 125),
        ("gate_2026_11_21_09_00_00", 0),
        ("gate.2026.11.21_09.00.00.5", 500),
        ("Front_00_20261121090000", 0),
        ("192.168.1.64_01_20261121090000125_MOTION_DETECTION", 125),
        ("192.168.1.108_2026-11-21_09-00-00-125_", 125),
        ("MDAlarm_20261121-090000", 0),
        ("DS-2CD2042WD20150812AAWR512345678_20261121090000", 0),
        ("0012345678AB_20261121090000_12", 12),
        ("DCS-932L2026112109000001", 1),
        ("01-20261121090000-05", 5),
        ("20261121_090000_007", 7),
        ("gate_20261121_090000_0007", 0),
        ("gate-20261121-090000-1234567", 0),
        ("PXL_20261121_090000125.MP", 125),
        ("Screenshot_2026-11-21-09-00-00-125_com.app", 125),
        ("DVR_ch1_main_20261121085950_20261121090000", 0),
        ("gate_20261321000000_20261121090000", 0),
        ("gate_20261121T090000Z_MOTION", 0),
        ("gate_20261121_110000+0200", 0),
        ("gate_20261121_020000-0700", 0),
        ("gate_1795251600_motion_detection", 0),
        ("gate-1795251600.125456-7k2xpq", 125),
    ],
)
def test_names_of_uploads_are_read(stem, milliseconds):
    assert captured_at(stem) == WHOLE + milliseconds


def test_the_names_in_the_guide_are_read():
    guide = (PROJECT_FOLDER / "docs" / "cameras.md").read_text("utf-8")
    section = guide.partition("### Names and times")[2].partition("### Legacy clients")[0]
    names = re.findall(r"`([^` ]{12,})\.jpg`", section)
    assert len(names) > 8
    assert {rfc3339(captured_at(name))[:19] for name in names} == {"2026-07-01T12:00:00"}


@given(MOMENTS, st.sampled_from(["", "-", "_", " "]), st.sampled_from(["", "-", "_"]))
def test_a_moment_is_read_back_however_a_camera_writes_it(moment, between, before_ms):
    text = compact(moment)
    name = f"cam_01_{text[:8]}{between}{text[9:15]}{before_ms}{text[15:18]}_VMD"
    assert captured_at(name) == moment


@pytest.mark.parametrize(
    ("stem", "moment"),
    [
        ("gate_19700101000007", "1970-01-01T00:00:07.000Z"),
        ("gate_19700101T000007125Z", "1970-01-01T00:00:07.125Z"),
        ("gate_1970-01-01_00-00-07", "1970-01-01T00:00:07.000Z"),
        ("gate_19000101_000007", "1900-01-01T00:00:07.000Z"),
        ("gate_20360207062816", "2036-02-07T06:28:16.000Z"),
        ("gate_21060207062815", "2106-02-07T06:28:15.000Z"),
    ],
)
def test_a_clock_may_show_any_year(stem, moment):
    assert rfc3339(captured_at(stem)) == moment


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
        "gate",
        "gate_",
        "gate_yesterday",
        "gate_20261121",
        "gate_2026-11-21",
        "gate_20261321T090000Z",
        "gate_20261121246000",
        "gate_5",
        "gate_20261121_0900",
        "IMG_1234",
        "IMG-20261121-WA0001",
        "image_00001",
        "gate_123456789",
        "gate_512345678_1",
        "1234567890_front",
        "1234567890_0001",
        "SN_1234567890_IMG_0001",
        "001122334455",
        "192.168.1.64",
        "gate_4294967295",
        "gate_120261121090000",
        "gate_99991231235959",
        "gate_0001-01-01T00:00:00Z",
        "image26-11-21_09-00-00-40",
        "gate_21-11-2026_09-00-00",
        "gate_\u0662\u0660\u0662\u0666\u0661\u0661\u0662\u0661T\u0660\u0669\u0660\u0660\u0660\u0660\u0661\u0662\u0665Z",
        "gate_\uff11\uff17\uff19\uff15\uff12\uff15\uff11\uff16\uff10\uff10",
        "gate_1e9",
        "gate_99999999999999999999",
    ],
)
def test_a_name_without_a_time_is_rejected(stem):
    with pytest.raises(ValueError, match="no date and time in it"):
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
        assert FIRST_YEARS <= moment < LAST_YEARS


@given(MOMENTS, st.integers(0, 60), st.sampled_from("0123456789TZ-:.+_ \u0660"), st.booleans())
def test_a_name_with_one_wrong_character_is_rejected_or_another_time(moment, at, sign, compactly):
    text = compact(moment) if compactly else rfc3339(moment)
    at %= len(text)
    try:
        found = captured_at(f"gate_{text[:at]}{sign}{text[at + 1 :]}")
    except ValueError:
        return
    assert FIRST_YEARS <= found < LAST_YEARS
