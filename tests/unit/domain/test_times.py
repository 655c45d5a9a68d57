import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from pycturestream.domain.frames.frame import Frame, frame_id, is_camera_id, parse_frame_id
from pycturestream.domain.times import (
    EARLIEST,
    LATEST,
    clamp_times,
    compact,
    day,
    format_span,
    local_minute,
    parse_compact,
    parse_moment,
    parse_rfc3339,
    rfc3339,
    to_local,
)

times = st.integers(EARLIEST, LATEST - 1)


@given(times)
def test_times_survive_both_of_their_texts(at):
    assert parse_rfc3339(rfc3339(at)) == at
    assert parse_compact(compact(at)) == at


def test_times_are_written_with_milliseconds_in_utc():
    assert rfc3339(1_795_251_600_125) == "2026-11-21T09:00:00.125Z"
    assert compact(1_795_251_600_005) == "20261121T090000005Z"
    assert day(1_795_251_600_005) == "2026.11.21"


@given(times, st.sampled_from(("UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu")))
def test_a_local_time_to_the_minute_is_the_local_time_without_its_seconds(at, zone):
    assert local_minute(at, zone) == to_local(at, zone).replace(second=0, microsecond=0)
    assert local_minute(at, zone).utcoffset() == to_local(at, zone).utcoffset()


def test_another_time_zone_is_understood_and_none_is_rejected():
    assert parse_rfc3339("2026-11-21T10:00:00+01:00") == 1_795_251_600_000
    with pytest.raises(ValueError, match="zone"):
        parse_rfc3339("2026-11-21T10:00:00")


@pytest.mark.parametrize("text", ["", "20261121T090000Z", "20261321T090000125Z", "x" * 19])
def test_anything_but_a_frame_time_is_rejected(text):
    with pytest.raises(ValueError):  # noqa: PT011 - the standard library words some of them
        parse_compact(text)


@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True), times)
def test_a_frame_id_names_camera_and_time(camera_id, at):
    assert parse_frame_id(frame_id(camera_id, at)) == (camera_id, at)


@pytest.mark.parametrize("text", ["", "-a", ".a", "a b", "ä", "a/b", "a" * 65, "a\n"])
def test_an_invalid_camera_id_is_recognised(text):
    assert not is_camera_id(text)


def test_headers_carry_both_times():
    headers = dict(Frame("gate", 5, b"", source="film.mp4").headers(7))
    assert headers == {
        "captured_at": b"5",
        "sent_at": b"7",
        "mode": b"live",
        "content_type": b"image/jpeg",
        "source": b"film.mp4",
    }


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (-5_000, "0 s"),
        (0, "0 s"),
        (3_900, "3 s"),
        (119_999, "119 s"),
        (120_000, "2 min"),
        (7_200_000, "2 h"),
        (172_800_000, "2 d"),
    ],
)
def test_an_age_reads_in_the_unit_that_fits(ms, text):
    assert format_span(ms) == text


@pytest.mark.parametrize(
    "text",
    [
        "999999999d",
        "-1d",
        "٣d",
        "9999-99-99",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "1969-12-31T23:59:59Z",
        "9" * 400,
        "100y",
    ],
)
def test_a_moment_is_a_time_of_this_century_or_an_error(text):
    with pytest.raises(ValueError):  # noqa: PT011 - the standard library words some of them
        parse_moment(text, 1_795_251_600_000)


@given(st.text(max_size=30) | st.from_regex(r"[0-9]{1,10}[smhd]", fullmatch=True))
def test_any_text_is_a_moment_that_can_be_written_or_an_error(text):
    try:
        at = parse_moment(text, 1_795_251_600_000)
    except ValueError:
        return
    assert parse_rfc3339(rfc3339(at)) == at


class Inner(Struct, frozen=True, array_like=True):
    at: int
    times: dict[str, tuple[int, ...]]
    text: bytes = b"\xff"


class Outer(Struct, frozen=True, array_like=True):
    inner: tuple[Inner, ...]
    is_there: bool = True
    score: float = 9e15


def test_no_time_inside_a_value_is_later_after_clamping():
    value = Outer((Inner(5_000, {"a": (1, 7_000)}), Inner(0, {})))
    assert clamp_times(value, 6_000) == Outer((Inner(5_000, {"a": (1, 6_000)}), Inner(0, {})))
