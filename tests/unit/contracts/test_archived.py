import msgspec
import pytest
from jsonschema import Draft202012Validator

from pycturestream.contracts.archived import decode_archived, encode_archived
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.schemas import schema
from pycturestream.contracts.topics import ARCHIVED
from pycturestream.stores.record import BadRecord, decode_result, require_form
from tests.builders import NOON, archived_record


def encoded(**fields):
    return msgspec.json.encode(archived_record() | fields)


@pytest.mark.parametrize("removed_at", [None, NOON + 60_000])
def test_a_record_is_read_back_and_conforms_to_its_schema(removed_at):
    record = archived_record(removed_at=removed_at)
    again = msgspec.json.decode(encode_archived(decode_archived(msgspec.json.encode(record))))
    assert again == record
    Draft202012Validator(schema("archived")).validate(again)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"path": "../../etc/passwd"}, "no path"),
        ({"path": "door/2026-11-21/door_20261121T120000000Z.jpg"}, "another picture"),
        ({"camera_id": "../gate"}, "camera_id"),
        ({"camera_id": "door"}, "another picture"),
        ({"id": "gate_20261121T120000001Z"}, "another picture"),
        ({"sha256": "0a"}, "sha256"),
        ({"size": -1}, "size"),
        ({"why": ["because"]}, "why"),
        ({"captured_at": "yesterday"}, "yesterday"),
        ({"removed_at": "1999-01-01T00:00:00.000Z"}, "2000"),
    ],
)
def test_what_is_no_record_is_rejected_by_every_reader(fields, fault):
    with pytest.raises(CodecError, match=fault):
        decode_archived(encoded(**fields))
    with pytest.raises(BadRecord):
        require_form(decode_result(ARCHIVED, encoded(**fields)))


def test_a_removal_replaces_what_was_archived_in_the_index_of_the_frames_day():
    kept = decode_result(ARCHIVED, encoded())
    removed = decode_result(
        ARCHIVED, msgspec.json.encode(archived_record(removed_at=NOON + 99_000))
    )
    assert (kept.id, kept.filed_at) == (removed.id, removed.filed_at)
    assert kept.changed_at < removed.changed_at
