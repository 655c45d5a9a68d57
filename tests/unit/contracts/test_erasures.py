import json

import pytest
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.erasures import decode_erasure, encode_erasure, erasure_record
from pycturestream.contracts.schemas import schema
from tests.erasures import erasure

GOOD = replace(erasure(), reason="request 7")


def test_what_is_written_is_read_back_and_fits_the_schema():
    written = encode_erasure(GOOD)

    Draft202012Validator(schema("erasures")).validate(json.loads(written))
    assert decode_erasure(written) == GOOD


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"camera_id": "../x"}, "camera_id"),
        ({"until": "2026-11-21T11:00:00.000Z"}, "until"),
        ({"since": "noon"}, "noon"),
        ({"since": None}, "since"),
        ({"asked_at": "1026-11-21T11:00:00.000Z"}, "2000"),
    ],
)
def test_what_is_no_erasure_is_rejected(changed, why):
    with pytest.raises(CodecError, match=why):
        decode_erasure(json.dumps(erasure_record(GOOD) | changed).encode())


@pytest.mark.parametrize("value", [b"", b"{}", b"[]", b"\xff", b"[" * 100_000])
def test_bytes_of_somebody_else_are_rejected(value):
    with pytest.raises(CodecError):
        decode_erasure(value)
