import pytest

from pycturestream.archive.archive import ChangedError, NotArchivedError
from pycturestream.archive.storage import PathError, StorageError
from pycturestream.contracts.archived import encode_archived
from pycturestream.contracts.codec import CodecError
from tests.archives import described, name_at, put
from tests.builders import NOON

SECOND = 1_000


def test_a_picture_is_found_with_its_description_and_read_back(archive):
    record = put(archive, NOON, b"picture")
    assert archive.find(name_at(NOON)) == record
    assert archive.picture(record.path, record.sha256) == b"picture"
    assert record.path == "gate/2026-11-21/gate_20261121T120000000Z.jpg"


def test_what_is_not_there_is_not_found(archive):
    assert archive.find(name_at(NOON)) is None
    with pytest.raises(NotArchivedError, match="not in the archive"):
        archive.picture(name_at(NOON).path("jpg"))


def test_a_picture_that_was_changed_is_not_handed_out(archive):
    record = put(archive, NOON, b"picture")
    archive.storage.write(record.path, b"pictura")
    with pytest.raises(ChangedError, match="changed since"):
        archive.picture(record.path, record.sha256)


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "gate/2026-11-21/x.jpg"])
def test_a_path_from_outside_leads_nowhere(archive, path):
    with pytest.raises(PathError):
        archive.picture(path)


@pytest.mark.parametrize(
    ("camera_id", "record_id"),
    [("gate", "../gate_20261121T120000000Z"), ("..", "x"), ("gate", "door_20261121T120000000Z")],
)
def test_a_record_whose_id_leads_elsewhere_is_not_archived(archive, camera_id, record_id):
    forged = described(NOON, b"x")
    forged = type(forged)(
        **{
            **{name: getattr(forged, name) for name in forged.__struct_fields__},
            "camera_id": camera_id,
            "id": record_id,
            "path": None,
        }
    )
    with pytest.raises(StorageError, match="can't name a picture"):
        archive.put(forged)


def test_the_description_of_another_picture_is_not_taken_for_this_one_s(archive):
    other = encode_archived(described(NOON + 1, b"x"))
    archive.storage.write(name_at(NOON).path("json"), other)
    with pytest.raises(CodecError, match="another picture"):
        archive.find(name_at(NOON))


def test_pictures_are_found_by_camera_and_time(archive):
    times = [NOON - 86_400 * SECOND, NOON, NOON + SECOND, NOON + 86_400 * SECOND]
    for at in times:
        put(archive, at)
    put(archive, NOON, camera_id="door")
    found = archive.records("gate", NOON, NOON + 86_400 * SECOND)
    assert [record.id for record in found] == [name_at(at).stem for at in times[1:3]]
    assert list(archive.cameras()) == ["door", "gate"]


def test_what_is_removed_is_gone_with_its_description(archive):
    put(archive, NOON)
    archive.remove([name_at(NOON), name_at(NOON + 1)])
    assert not list(archive.files("gate"))
    assert not list(archive.storage.folders())


def test_what_is_held_has_the_size_of_all_its_files(archive):
    record = put(archive, NOON, b"picture")
    (held,) = archive.held("gate", {name_at(NOON)}.__contains__)
    assert held.size == len(b"picture") + len(encode_archived(record))
    assert held.locked
    (held,) = archive.held("gate")
    assert not held.locked
