import pytest
from msgspec.structs import replace

from pycturestream.archive.archive import Archive
from pycturestream.archive.erasing import ArchivePlace
from pycturestream.archive.locks import Locks, LockSigner, is_signed, new_lock
from pycturestream.archive.storage import StorageError
from pycturestream.config.settings import Settings
from pycturestream.domain.erasure import Erasure
from tests.archives import ALERT, name_at, put
from tests.builders import NOON


def test_pictures_of_an_erased_time_are_removed_and_locks_forget_them(tmp_path):
    settings = Settings(data_folder=tmp_path / "data", archive=str(tmp_path / "archive"))
    archive, signer = Archive.of(settings), LockSigner(settings)
    records = [put(archive, NOON + number, alerts=(ALERT,)) for number in range(4)]
    put(archive, NOON + 1, camera_id="door")
    for alert_id, locked in ((ALERT, records), ("other", records[1:2])):
        lock = new_lock(alert_id, locked, reason="burglary", by="guard", at=NOON)
        Locks(archive).write(signer.sign(lock))
    erasure = Erasure("gate", NOON + 1, NOON + 3, NOON + 60_000)
    place = ArchivePlace(settings)

    assert place.count(erasure).erased == {"pictures": 2}
    assert place.erase(erasure).erased == {"pictures": 2, "locks": 2}
    assert [held.name.at for held in archive.held("gate")] == [NOON, NOON + 3]
    assert len(list(archive.held("door"))) == 1
    [(_, lock)] = Locks(archive).of("gate")
    assert [one.path for one in lock.pictures] == [records[0].path, records[3].path]
    assert is_signed(lock, signer.public_key)
    assert place.erase(erasure).erased == {"pictures": 0, "locks": 0}


@pytest.mark.parametrize("fault", ["changed", "another key"])
def test_a_lock_that_somebody_changed_is_not_signed_by_an_erasure(tmp_path, fault):
    settings = Settings(data_folder=tmp_path / "data", archive=str(tmp_path / "archive"))
    archive, signer = Archive.of(settings), LockSigner(settings)
    records = [put(archive, NOON + number, alerts=(ALERT,)) for number in range(2)]
    lock = signer.sign(new_lock(ALERT, records, reason="burglary", by="guard", at=NOON))
    if fault == "changed":
        lock = replace(lock, reason="nothing")
    else:
        lock = LockSigner(Settings(data_folder=tmp_path / "other")).sign(lock)
    Locks(archive).write(lock)
    ArchivePlace(settings).erase(Erasure("gate", NOON, NOON + 1, NOON + 60_000))
    [(_, left)] = Locks(archive).of("gate")
    assert [one.path for one in left.pictures] == [records[1].path]
    assert not is_signed(left)


def test_what_can_t_be_removed_keeps_nothing_else_from_being_erased(tmp_path):
    settings = Settings(data_folder=tmp_path / "data", archive=str(tmp_path / "archive"))
    archive = Archive.of(settings)
    for number in range(3):
        put(archive, NOON + number)
    (tmp_path / "archive" / name_at(NOON).path("bin")).mkdir()
    with pytest.raises(StorageError, match=r"gate_20261121T120000000Z\.bin"):
        ArchivePlace(settings).erase(Erasure("gate", NOON, NOON + 3, NOON + 60_000))
    assert not list(archive.files("gate"))
