import msgspec
import pytest
from msgspec.structs import replace

from pycturestream.archive.locks import Locks, LockSigner, is_signed, new_lock
from pycturestream.config.settings import Settings
from pycturestream.contracts.codec import CodecError
from pycturestream.domain.archive.names import lock_path
from tests.archives import ALERT, name_at, put
from tests.builders import NOON


@pytest.fixture
def signer(tmp_path):
    return LockSigner(Settings(data_folder=tmp_path / "data"))


@pytest.fixture
def lock(archive, signer):
    records = [put(archive, NOON + number, alerts=(ALERT,)) for number in range(3)]
    made = new_lock(ALERT, records, reason="burglary", by="guard", at=NOON + 60_000)
    return signer.sign(made)


def test_a_lock_is_read_back_as_it_was_signed(archive, lock, signer):
    Locks(archive).write(lock)
    assert Locks(archive).find("gate", ALERT) == lock
    assert [found for _, found in Locks(archive).of("gate")] == [lock]
    assert is_signed(lock, signer.public_key)
    assert Locks(archive).locked("gate").names == {name_at(NOON + number) for number in range(3)}


@pytest.mark.parametrize(
    "change",
    [
        {"reason": "nothing"},
        {"by": "somebody"},
        {"locked_at": "2026-11-21T12:00:00.000Z"},
        {"alert_id": "another"},
        {"camera_id": "door"},
        {"pictures": ()},
        {"key": "0" * 64},
        {"signature": "0" * 128},
        {"signature": "no hexadecimal digits"},
    ],
)
def test_a_lock_that_was_changed_is_not_as_it_was_signed(lock, change):
    assert not is_signed(replace(lock, **change))


def test_a_lock_of_another_system_is_told_from_one_of_this(lock, signer, tmp_path):
    other = LockSigner(Settings(data_folder=tmp_path / "other"))
    assert is_signed(other.sign(lock))
    assert not is_signed(other.sign(lock), signer.public_key)


def test_the_key_is_made_once_and_is_for_its_owner_alone(tmp_path, signer):
    again = LockSigner(Settings(data_folder=tmp_path / "data"))
    assert again.public_key == signer.public_key
    (file,) = (tmp_path / "data").rglob("archive-key")
    assert file.stat().st_mode & 0o077 == 0
    assert len(file.read_bytes()) == 32


def test_a_lock_of_no_picture_is_none():
    with pytest.raises(ValueError, match="no picture"):
        new_lock(ALERT, [], reason="burglary", by="guard", at=NOON)


def test_a_lock_that_can_t_be_read_is_said_to_be_so(archive, lock):
    archive.storage.write(lock_path("gate", ALERT), b"{}")
    with pytest.raises(CodecError):
        Locks(archive).find("gate", ALERT)
    archive.storage.write(lock_path("gate", "another"), msgspec.json.encode(lock))
    faults = [found for _, found in Locks(archive).of("gate")]
    assert all(isinstance(fault, CodecError) for fault in faults)
    assert len(faults) == 2


@pytest.mark.usefixtures("lock")
def test_a_lock_that_can_t_be_read_goes_on_protecting_the_pictures_of_its_alert(archive):
    put(archive, NOON + 9)
    archive.storage.write(lock_path("gate", ALERT), b"{}")
    locked = Locks(archive).locked("gate")
    assert [locked.covers(name_at(NOON + number)) for number in (0, 1, 2, 9)] == [True] * 3 + [
        False
    ]
    archive.storage.write(name_at(NOON + 9).path("json"), b"{}")  # nobody knows its alerts
    assert locked.covers(name_at(NOON + 9))


def test_a_link_in_the_place_of_a_lock_is_one_that_can_t_be_read(folder_archive, tmp_path):
    record = put(folder_archive, NOON, alerts=(ALERT,))
    path = tmp_path / "archive" / lock_path("gate", ALERT)
    path.parent.mkdir()
    path.symlink_to(tmp_path / "archive" / record.path)
    ((_, fault),) = Locks(folder_archive).of("gate")
    assert isinstance(fault, CodecError)
    assert Locks(folder_archive).locked("gate").covers(name_at(NOON))


def test_an_unlocked_alert_has_no_lock(archive, lock):
    Locks(archive).write(lock)
    Locks(archive).remove(lock)
    assert Locks(archive).find("gate", ALERT) is None
    assert not Locks(archive).locked("gate").names
