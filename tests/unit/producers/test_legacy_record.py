import base64
import json
import random
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.legacy_record import LegacyPicture, read_legacy_record
from pycturestream.domain.frames.admission import NO_CAMERA, Arrival, Place, Rejected
from pycturestream.domain.frames.dead_letter import dead_letter_event, dead_letter_headers
from pycturestream.domain.times import (
    EARLIEST,
    FIRST_YEARS,
    LAST_YEARS,
    LATEST,
    parse_rfc3339,
    rfc3339,
)

VIENNA = ZoneInfo("Europe/Vienna")
AT = parse_rfc3339("2026-11-21T09:00:00.125Z")
LIMIT = 10_000
SIGNS = bytes(range(256)) + b"\xff\xfe\xfb\xef"
"""Bytes whose base64 holds all signs, and padding."""
GOOD = {
    "image": base64.b64encode(b"\xff\xd8 picture \xff\xd9").decode(),
    "timestamp": "2026-11-21T10:00:00.125000",
    "camera_id": "gate",
}


def read(value, *, arrived_at=AT, zone=VIENNA):
    arrival = Arrival(Place("pycturestream", 1, 7), arrived_at, None, value, None, None)
    return read_legacy_record(arrival, zone, LIMIT)


def record(**changes):
    return json.dumps({**GOOD, **changes}).encode()


def test_a_record_of_the_legacy_client_is_a_picture():
    assert read(record()) == LegacyPicture("gate", AT, b"\xff\xd8 picture \xff\xd9")


def test_unknown_fields_are_skipped():
    assert read(record(width=1280, more={"a": [1, {"b": None}]})) == read(record())


@pytest.mark.parametrize(
    "image",
    [
        base64.encodebytes(SIGNS).decode(),
        base64.encodebytes(SIGNS).decode().replace("\n", "\r\n "),
        "data:image/jpeg;base64," + base64.b64encode(SIGNS).decode(),
        base64.urlsafe_b64encode(SIGNS).decode(),
        base64.urlsafe_b64encode(SIGNS).decode().rstrip("="),
    ],
    ids=["in-lines", "in-lines-with-blanks", "as-a-data-url", "as-in-urls", "without-padding"],
)
def test_base64_may_be_written_in_every_usual_way(image):
    assert read(record(image=image)).jpeg == SIGNS


# --- times ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T10:00:00.125",
        "2026-11-21 10:00:00.125",
        "20261121T100000.125",
        "2026-11-21T09:00:00.125Z",
        "2026-11-21T14:30:00.125+05:30",
    ],
)
def test_a_time_is_of_the_zone_that_it_names_or_else_of_the_clients(text):
    assert read(record(timestamp=text)).captured_at == AT


@pytest.mark.parametrize("meant", ["2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z"])
@pytest.mark.parametrize("late_ms", [-60_000, 200, 1_500_000])
def test_of_the_hour_that_comes_twice_the_one_near_the_arrival_is_meant(meant, late_ms):
    found = read(record(timestamp="2026-10-25T02:30:00"), arrived_at=parse_rfc3339(meant) + late_ms)

    assert rfc3339(found.captured_at) == meant


def test_the_hour_that_never_comes_is_shown_by_a_clock_that_was_not_put_forward():
    arrived_at = parse_rfc3339("2026-03-29T01:30:00.300Z")

    found = read(record(timestamp="2026-03-29T02:30:00"), arrived_at=arrived_at)

    assert found.captured_at == arrived_at - 300


@given(st.integers(EARLIEST, LATEST - 1), st.sampled_from(["Europe/Vienna", "Asia/Kolkata", "UTC"]))
def test_a_local_time_that_has_just_been_is_found_again_all_the_year_round(at, name):
    zone = ZoneInfo(name)
    local = datetime.fromtimestamp(at // 1000, zone).replace(microsecond=at % 1000 * 1000)

    found = read(
        record(timestamp=local.replace(tzinfo=None).isoformat()), arrived_at=at + 300, zone=zone
    )

    assert found.captured_at == at


@pytest.mark.parametrize(
    ("timestamp", "captured_at"),
    [
        ("1970-01-01T01:00:07", "1970-01-01T00:00:07.000Z"),
        ("1969-12-31T16:00:07-08:00", "1970-01-01T00:00:07.000Z"),
        ("2036-02-07T06:28:16Z", "2036-02-07T06:28:16.000Z"),
        ("2106-02-07T06:28:15Z", "2106-02-07T06:28:15.000Z"),
        ("0001-01-01T00:00:00", "1000-01-01T00:00:00.000Z"),
        ("0001-01-01T00:00:00+14:00", "1000-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59-12:00", "9999-12-31T00:00:00.000Z"),
    ],
)
def test_a_clock_may_show_any_year_for_the_job_corrects_it(timestamp, captured_at):
    assert rfc3339(read(record(timestamp=timestamp)).captured_at) == captured_at


# --- what can't be used -----------------------------------------------------------------------


def twice(field):
    return json.dumps(GOOD).encode()[:-1] + b', "%s": "x"}' % field


@pytest.mark.parametrize(
    ("value", "reason", "detail"),
    [
        (None, "bad-record", "truncated"),
        (b"\xff\xd8\xff", "bad-record", "malformed"),
        (b"[]", "bad-record", "Expected `object`"),
        (record()[:-1], "bad-record", "truncated"),
        (record() + b"x", "bad-record", "trailing"),
        (record().replace(b"gate", b"g\xffte"), "bad-record", "utf-8"),
        (b"{}", "bad-record", "missing required field `image`"),
        (record(timestamp=None), "bad-record", r"Expected `str`, got `null` - at `\$.timestamp`"),
        (record(timestamp=1_795_251_600), "bad-record", r"got `int` - at `\$.timestamp`"),
        (twice(b"camera_id"), "bad-record", "field 'camera_id' is a duplicate"),
        (twice(b"camera\\u005fid"), "bad-record", "field 'camera_id' is a duplicate"),
        (record(**{f"f{n}": n for n in range(40)}), "bad-record", "more than 32 fields"),
        (b'{"x":' + b"[" * 4000 + b"]" * 4000 + b"}", "bad-record", "nested too deeply"),
        (b'{"x":' + b'{"x":' * 1900 + b"1", "bad-record", "nested too deeply"),
        (b'{"x":' + b"9" * 9000 + b"}", "bad-record", "missing required field"),
        (record(image="not base64!"), "bad-record", "not base64"),
        (record(image="abcde"), "bad-record", "not base64: Invalid"),
        (record(image="ab=cd"), "bad-record", "not base64"),
        (record(image="data:text/html;base64,PGI+"), "bad-record", "not base64"),
        (record(image="\u00e4"), "bad-record", "not base64"),
        (record(image=""), "bad-record", "empty"),
        (record(image="A" * LIMIT), "too-large", "allowed 10000"),
        (record(camera_id=""), "bad-camera-id", "''"),
        (record(camera_id="../gate"), "bad-camera-id", "'../gate'"),
        (record(camera_id="a\x1b[31m"), "bad-camera-id", r"'a\\x1b\[31m'"),
        (record(timestamp="yesterday"), "bad-timestamp", "'yesterday' is not ISO 8601"),
        (record(timestamp="2026-11-21"), "bad-timestamp", "a date without a time"),
        (record(timestamp="2026-13-21T10:00:00"), "bad-timestamp", "not ISO 8601"),
    ],
)
def test_a_record_that_can_not_be_used_is_rejected_with_what_is_wrong(value, reason, detail):
    rejected = read(value)

    assert isinstance(rejected, Rejected)
    assert rejected.reason == reason
    assert re.search(detail, rejected.detail)


def test_a_rejected_record_names_its_camera_if_that_is_certain():
    assert read(record(timestamp="x")).camera_id == "gate"
    assert read(record(camera_id="?")).camera_id == NO_CAMERA
    assert read(b"?").camera_id == NO_CAMERA


# --- whatever comes ---------------------------------------------------------------------------

FIELD = st.one_of(st.text(max_size=50), st.integers(), st.none(), st.booleans(), st.floats())
NAME = st.sampled_from(sorted(GOOD)) | st.text(max_size=5)


def assert_has_outcome(outcome):
    """Check an outcome against what others rely on."""
    if isinstance(outcome, LegacyPicture):
        assert FIRST_YEARS <= outcome.captured_at < LAST_YEARS
        assert outcome.jpeg
        return
    assert outcome.reason in {"bad-record", "bad-camera-id", "bad-timestamp", "too-large"}
    assert len(outcome.detail) < 400
    assert outcome.detail.isprintable()
    assert dead_letter_headers(outcome)["detail"] == outcome.detail.encode()
    assert outcome.sha256 in dead_letter_event(outcome).detail


@given(st.binary(max_size=200))
def test_any_bytes_have_an_outcome(data):
    assert_has_outcome(read(data))


@given(st.dictionaries(NAME, FIELD | st.lists(FIELD, max_size=3), max_size=4))
def test_any_object_has_an_outcome(fields):
    assert_has_outcome(read(json.dumps({**GOOD, **fields}).encode()))


@given(st.text(max_size=40))
def test_any_timestamp_has_an_outcome(text):
    assert_has_outcome(read(record(timestamp=text)))


@given(st.text(max_size=40))
def test_any_image_has_an_outcome(text):
    assert_has_outcome(read(record(image=text)))


def test_thousands_of_broken_records_have_an_outcome():
    chance = random.Random(20_261_121)
    pieces = (b'"', b"{", b"}", b"[", b"\\u0000", b"\\ud800", b"\xff", b"\x00", b",", b"null")
    read_well = 0
    for _ in range(5_000):
        data = bytearray(record())
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(data))
            match chance.randrange(4):
                case 0:
                    data[at] = chance.randrange(256)
                case 1:
                    del data[at : at + chance.randint(1, 20)]
                case 2:
                    data[at:at] = chance.choice(pieces)
                case _:
                    data[at:at] = data[at : at + chance.randint(1, 40)]
        outcome = read(bytes(data))
        assert_has_outcome(outcome)
        read_well += isinstance(outcome, LegacyPicture)
    assert 100 < read_well < 2_500  # records of both kinds were read
