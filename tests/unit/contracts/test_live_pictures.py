"""What is asked for and published on the channels of live pictures."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.live_pictures import (
    CAMERA_LIMIT,
    LivePictureHeader,
    decode_live_picture,
    decode_request,
    encode_live_picture,
    encode_request,
    picture_channel,
)

HEADER = LivePictureHeader(
    camera_id="gate",
    frame_id="gate_20261121T090000125Z",
    captured_at="2026-11-21T09:00:00.125Z",
    size="small",
    width=480,
    height=270,
)


def test_a_picture_is_read_back_with_what_it_is():
    message = encode_live_picture(HEADER, b"\xff\xd8 a picture")

    picture = decode_live_picture(message)

    assert picture.header == HEADER
    assert picture.jpeg == b"\xff\xd8 a picture"
    assert picture.data == message


def test_a_browser_finds_the_header_behind_four_bytes():
    message = encode_live_picture(HEADER, b"\xff\xd8")
    length = int.from_bytes(message[:4], "big")

    assert json.loads(message[4 : 4 + length]) == {
        "camera_id": "gate",
        "frame_id": "gate_20261121T090000125Z",
        "captured_at": "2026-11-21T09:00:00.125Z",
        "size": "small",
        "width": 480,
        "height": 270,
    }
    assert message[4 + length :] == b"\xff\xd8"


def test_a_request_names_cameras_and_sizes():
    request = encode_request({"gate": {"small", "large"}, "yard": ["small"]})

    assert decode_request(request).cameras == {"gate": ("large", "small"), "yard": ("small",)}
    assert decode_request(encode_request({})).cameras == {}


@pytest.mark.parametrize(
    "cameras",
    [
        {"a:b": ["small"]},
        {"": ["small"]},
        {"gate\n": ["small"]},
        {"gate": ["huge"]},
        {"gate": ["small"] * 3},
        {f"camera-{number}": [] for number in range(CAMERA_LIMIT + 1)},
    ],
)
def test_a_request_of_another_form_is_rejected(cameras):
    with pytest.raises(CodecError):
        decode_request(json.dumps({"cameras": cameras}).encode())


@given(st.binary(max_size=60) | st.binary().map(lambda data: b"\0\0\0\2{}" + data))
def test_any_other_bytes_are_rejected(data):
    with pytest.raises(CodecError):
        decode_live_picture(data)
    with pytest.raises(CodecError):
        decode_request(data)


def test_each_camera_and_size_has_a_channel():
    assert picture_channel("gate", "small") == "live-pictures:gate:small"
