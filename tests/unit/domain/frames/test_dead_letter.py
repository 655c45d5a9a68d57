from hashlib import sha256

import pytest

from pycturestream.domain.frames.admission import Arrival, Place, Rejected, reject
from pycturestream.domain.frames.dead_letter import (
    BYTE_LIMIT,
    DeadLetter,
    dead_letter_event,
    dead_letter_headers,
    keep,
)
from pycturestream.domain.frames.rejection import Rejection

OVERHEAD = 4096
"""Of a batch of one record."""


def rejected(detail: str = "no camera id", value: bytes = b"") -> Rejected:
    arrival = Arrival(Place("frames", 0, 7), 1_000, b"?", value, None, None)
    return reject(arrival, "invalid-camera-id", Rejection("bad-camera-id", detail))


def byte_size(letter: DeadLetter) -> int:
    headers = dead_letter_headers(letter.rejected, letter.cut)
    named = sum(len(name) + len(value) for name, value in headers.items())
    return len(letter.key or b"") + len(letter.value or b"") + named


@pytest.mark.parametrize(("key", "value"), [(None, None), (b"", b""), (b"gate", b"bytes")])
def test_what_fits_is_kept_as_it_is(key, value):
    letter = DeadLetter(rejected(), key, value)
    assert keep(letter) is letter


@pytest.mark.parametrize("key", [3_000_000, 5])
@pytest.mark.parametrize("value", [3_000_000, 5])
@pytest.mark.parametrize("detail", [3_000_000, 5])
def test_all_of_it_together_fits_into_the_topic(key, value, detail):
    data = b"v" * value
    letter = keep(DeadLetter(rejected("\N{SNOWMAN}" * detail, data), b"k" * key, data))
    assert byte_size(letter) <= BYTE_LIMIT - OVERHEAD
    assert len(dead_letter_event(letter.rejected).detail) < 1_000


def test_headers_say_what_was_cut_off():
    key, value = b"k" * 2_000, b"v" * 3_000_000
    letter = keep(DeadLetter(rejected(value=value), key, value))
    headers = dead_letter_headers(letter.rejected, letter.cut)
    assert letter.value == value[: int(headers["kept"])]
    assert (headers["size"], headers["sha256"]) == (
        b"3000000",
        sha256(value).hexdigest().encode(),
    )
    assert (headers["key_size"], headers["key_sha256"]) == (
        b"2000",
        sha256(key).hexdigest().encode(),
    )


def test_a_letter_that_was_cut_stays_as_it_is():
    letter = keep(DeadLetter(rejected(), b"k" * 2_000, b"v" * 3_000_000))
    assert keep(letter) is letter


def test_a_detail_that_is_no_text_can_be_written():
    assert dead_letter_headers(rejected("caf\udce9"))["detail"] == b"caf\\udce9"
