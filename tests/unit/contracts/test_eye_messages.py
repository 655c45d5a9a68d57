"""The messages of the seeing aid, as the page and the gateway write them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.eye_messages import (
    Ask,
    Choices,
    Hello,
    PhonePicture,
    Ready,
    Refused,
    Say,
    Seen,
    encode_message,
    encode_picture,
    read_message,
    read_picture,
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"type":"hello","token":"t"}', Hello("t")),
        (
            '{"type":"hello","token":"t","language":"de","verbosity":"full","places":"clock"}',
            Hello("t", "de", "full", "clock"),
        ),
        ('{"type":"settings","mode":"find","find":"chair"}', Choices(mode="find", find="chair")),
        ('{"type":"settings"}', Choices()),
        ('{"type":"ask","what":"all"}', Ask("all")),
        ('{"type":"ask","what":"now","of_a_later_version":1}', Ask("now")),
    ],
)
def test_what_a_phone_says_is_read(text, message):
    assert read_message(text) == message


@pytest.mark.parametrize(
    ("message", "written"),
    [
        (
            Ready(500, 200_000, 1_280, "2026-11-21T12:00:00.000Z"),
            {
                "type": "ready",
                "interval_ms": 500,
                "byte_limit": 200_000,
                "side_limit": 1_280,
                "expires_at": "2026-11-21T12:00:00.000Z",
            },
        ),
        (Seen(7), {"type": "seen", "captured_at": 7}),
        (
            Refused(7, "too-fast", "slower"),
            {"type": "refused", "captured_at": 7, "reason": "too-fast", "text": "slower"},
        ),
        (
            Say("Rien en vue.", "fr", 0, "nothing", answer=True, captured_at=7),
            {
                "type": "say",
                "text": "Rien en vue.",
                "language": "fr",
                "priority": 0,
                "kind": "nothing",
                "answer": True,
                "captured_at": 7,
            },
        ),
    ],
)
def test_what_a_phone_is_told_is_written_as_agreed(message, written):
    assert json.loads(encode_message(message)) == written


def test_a_picture_is_two_times_and_a_jpeg():
    data = (1).to_bytes(8, "big") + (2**64 - 1).to_bytes(8, "big") + b"jpeg"
    assert read_picture(data) == PhonePicture(1, 2**64 - 1, b"jpeg")
    assert encode_picture(read_picture(data)) == data


@given(st.binary(max_size=40))
def test_any_bytes_are_a_picture_or_too_short(data):
    try:
        assert encode_picture(read_picture(data)) == data
    except CodecError:
        assert len(data) < 16


@given(st.text() | st.recursive(st.none(), st.lists).map(json.dumps))
def test_any_text_is_a_message_or_rejected(text):
    try:
        read_message(text)
    except CodecError:
        return
    assert "type" in json.loads(text)
