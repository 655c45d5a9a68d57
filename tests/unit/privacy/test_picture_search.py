"""What is found is held against what was put there, wherever it lies."""

import base64
import gzip
import io
import json

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycturestream.privacy import picture_search
from pycturestream.privacy.picture_search import (
    Picture,
    find_in_bytes,
    find_in_file,
    find_pictures,
)
from tests import jpegs

JPEG = jpegs.encoded(64, 48)
PIXELS = np.random.default_rng(1).integers(0, 255, (48, 64, 3), np.uint8)
PNG, WEBP = (cv2.imencode(suffix, PIXELS)[1].tobytes() for suffix in (".png", ".webp"))
PICTURES = {"JPEG": JPEG, "PNG": PNG, "WebP": WEBP}
kinds = pytest.mark.parametrize("kind", PICTURES)


def without_name(jpeg):
    """A JPEG of a camera that writes neither JFIF nor Exif."""
    assert jpeg[2:4] == b"\xff\xe0"
    return jpeg[:2] + jpeg[4 + int.from_bytes(jpeg[4:6]) :]


@kinds
def test_a_picture_is_found_where_it_begins(kind):
    assert find_in_bytes(b"some text" + PICTURES[kind])[0] == Picture(9, kind)


@kinds
@pytest.mark.parametrize(
    "write",
    [
        base64.b64encode,
        base64.urlsafe_b64encode,
        base64.encodebytes,
        lambda data: json.dumps(base64.encodebytes(data).decode()).encode(),
        lambda data: base64.b64encode(data).replace(b"/", rb"\/"),
    ],
    ids=["plain", "for addresses", "in lines", "in lines of JSON", "escaped"],
)
def test_a_picture_in_base64_is_found(kind, write):
    found = find_in_bytes(b'{"image": "' + write(PICTURES[kind]) + b'"}')
    assert [each.kind for each in found] == [f"{kind} in base64"]


def test_a_picture_without_a_name_in_its_head_is_found_by_its_segments():
    assert find_in_bytes(b"-" + without_name(JPEG)) == [Picture(1, "JPEG")]
    assert find_in_bytes(without_name(JPEG)[:100]) == [Picture(0, "JPEG")]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xe1\x00\x05abcd" + bytes(90),
        b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x00\x00\x00\x03" + bytes(90),
        b"\xff\xd8\xff\xdb\x00\x01" + bytes(90),
        b"\x89PNG\r\n\x1a\n is how a PNG begins",
        b"RIFF\0\0\0\0WAVEfmt ",
        b'"/9j/"',
        b"/9j/ is how one begins in base64",
        b"https://example.org/9j/path/to/some/thing/else",
        base64.b64encode(bytes(range(1, 193))),
    ],
)
def test_what_only_looks_like_a_beginning_is_no_picture(data):
    assert find_in_bytes(data) == []


@given(
    st.lists(
        st.one_of(st.binary(max_size=300).map(lambda data: (b"", data)),
                  st.sampled_from([(b"x", JPEG), (b"x", PNG), (b"x", base64.b64encode(JPEG))])),
        max_size=8,
    ),
    st.integers(1, 700),
)  # fmt: skip
def test_pieces_change_nothing(parts, piece):
    """However bytes are cut into pieces, the same is found as in all of them at once."""
    data = b"".join(before + part for before, part in parts)
    whole = io.BytesIO(data)
    assert list(find_pictures(lambda _: whole.read(piece))) == find_in_bytes(data)


def test_a_picture_over_the_border_of_two_pieces_is_found(monkeypatch):
    monkeypatch.setattr(picture_search, "CHUNK", 1_000)
    monkeypatch.setattr(picture_search, "WINDOW", 400)
    for begin in (590, 599, 600, 601, 999, 1_000, 1_001, 1_599):
        data = bytes(begin) + JPEG + bytes(3_000)
        assert list(find_pictures(io.BytesIO(data).read)) == [Picture(begin, "JPEG")]


def test_memory_does_not_grow_with_the_file(monkeypatch):
    monkeypatch.setattr(picture_search, "CHUNK", 1_000)
    monkeypatch.setattr(picture_search, "WINDOW", 400)
    asked = []

    def read(size):
        asked.append(size)
        return bytes(size) if len(asked) < 50 else b""

    assert list(find_pictures(read)) == []
    assert set(asked) == {1_000}


def test_what_was_compressed_by_gzip_is_found():
    data = gzip.compress(bytes(9_000)) + gzip.compress(b"log line\n" * 99 + JPEG + PNG)
    assert sorted(find_in_file(io.BytesIO(data))) == [Picture(0, "JPEG"), Picture(0, "PNG")]
    damaged = data[: len(data) // 2] + b"?" * 50
    assert all(found.offset == 0 for found in find_in_file(io.BytesIO(damaged)))


def test_the_bytes_that_were_searched_are_reported():
    counted = []
    list(find_in_file(io.BytesIO(bytes(10_000)), counted.append))
    assert sum(counted) == 10_000
