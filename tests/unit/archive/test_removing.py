"""Retention on real storage: it frees space, keeps what is locked, and may be killed anywhere."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from kafka.errors import KafkaTimeoutError

from pycturestream.archive.archive import Archive
from pycturestream.archive.check import Check
from pycturestream.archive.folder import FolderStorage
from pycturestream.archive.locks import Locks, new_lock
from pycturestream.archive.retention import UNFINISHED_MS, Retention
from pycturestream.archive.storage import StorageError
from pycturestream.clock import now
from pycturestream.contracts.archived import decode_archived
from pycturestream.domain.cameras.camera import Archiving
from pycturestream.domain.times import DAY_MS, rfc3339
from tests.archives import ALERT, ListedLog, name_at, put
from tests.builders import NOON

HALF_MEGABYTE = b"x" * 500_000


@pytest.fixture
def log():
    return ListedLog()


def kept(archive, camera_id="gate"):
    return [held.name.at for held in archive.held(camera_id)]


def run(archive, log, archiving, at):
    cameras = {"gate": archiving} if archiving else {}
    return [held.name.at for held in Retention(archive, log.write).run(cameras, at)]


def test_what_is_too_old_is_removed_and_the_log_says_so(archive, log):
    for age in (3, 2, 1):
        put(archive, NOON - age * DAY_MS)
    removed = run(archive, log, Archiving(days=2), NOON + 1)

    assert removed == [NOON - 3 * DAY_MS, NOON - 2 * DAY_MS]
    assert kept(archive) == [NOON - DAY_MS]
    assert [(record.id, record.removed_because) for record in log.records] == [
        (name_at(at).stem, "days") for at in removed
    ]
    assert {record.removed_at for record in log.records} == {rfc3339(NOON + 1)}


def test_the_oldest_make_room_and_the_space_is_really_free(folder_archive, log, tmp_path):
    for number in range(6):
        put(folder_archive, NOON + number, HALF_MEGABYTE)
    removed = run(folder_archive, log, Archiving(megabytes=2), NOON + 10)

    assert kept(folder_archive) == [NOON + 3, NOON + 4, NOON + 5]
    assert removed == [NOON, NOON + 1, NOON + 2]
    files = [file for file in (tmp_path / "archive").rglob("*") if file.is_file()]
    assert sum(file.stat().st_blocks * 512 for file in files) < 2_000_000
    assert {record.removed_because for record in log.records} == {"bytes"}


def test_folders_that_are_empty_go_too(folder_archive, log, tmp_path):
    put(folder_archive, NOON)
    run(folder_archive, log, Archiving(days=1), NOON + 2 * DAY_MS)
    assert not list((tmp_path / "archive").iterdir())


def test_each_camera_has_its_own_limits(archive, log):
    put(archive, NOON)
    put(archive, NOON, camera_id="door")
    cameras = {"gate": Archiving(days=1), "door": Archiving(days=10)}
    list(Retention(archive, log.write).run(cameras, NOON + 2 * DAY_MS))
    assert not kept(archive)
    assert kept(archive, "door") == [NOON]


def test_locked_pictures_stay_and_take_no_room_from_others(archive, log):
    records = [put(archive, NOON + number, HALF_MEGABYTE, alerts=(ALERT,)) for number in range(4)]
    lock = new_lock(ALERT, records, reason="burglary", by="guard", at=NOON)
    Locks(archive).write(lock)
    put(archive, NOON + 4, HALF_MEGABYTE)

    assert not run(archive, log, Archiving(megabytes=1), NOON + 5)
    assert run(archive, log, Archiving(days=1), NOON + 9 * DAY_MS) == [NOON + 4]
    assert kept(archive) == [NOON, NOON + 1, NOON + 2, NOON + 3]

    Locks(archive).remove(lock)
    run(archive, log, Archiving(days=1), NOON + 9 * DAY_MS)
    assert not kept(archive)


def test_a_camera_that_archives_nothing_any_more_keeps_its_pictures_as_long_as_it_said(
    archive, log
):
    put(archive, NOON, days=5)
    put(archive, NOON + 1, days=9)
    assert not run(archive, log, None, NOON + 4 * DAY_MS)
    assert run(archive, log, None, NOON + 6 * DAY_MS) == [NOON]
    assert run(archive, log, None, NOON + 10 * DAY_MS) == [NOON + 1]


def test_more_days_keep_nothing_longer_than_was_planned_when_it_was_archived(archive, log):
    put(archive, NOON, days=5)
    put(archive, NOON + 1, days=9)
    assert run(archive, log, Archiving(days=100), NOON + 6 * DAY_MS) == [NOON]
    assert kept(archive) == [NOON + 1]


def test_what_would_be_removed_is_named_and_stays(archive, log):
    put(archive, NOON)
    retention = Retention(archive, log.write)
    ((held, why),) = retention.due({"gate": Archiving(days=1)}, NOON + 2 * DAY_MS)
    assert (held.name, why) == (name_at(NOON), "days")
    assert kept(archive) == [NOON]
    assert not log.records


def test_a_picture_that_stays_keeps_no_later_one_that_was_planned_for_fewer_days(archive, log):
    put(archive, NOON, days=30)
    put(archive, NOON + 1, days=1)
    for archiving in (Archiving(days=30), None):
        put(archive, NOON + 1, days=1)
        assert run(archive, log, archiving, NOON + 2 * DAY_MS) == [NOON + 1]
    assert kept(archive) == [NOON]


def test_a_retention_that_runs_again_knows_what_was_planned(archive, log):
    retention, cameras = Retention(archive, log.write), {"gate": Archiving()}
    put(archive, NOON, days=2)
    assert not list(retention.run(cameras, NOON + DAY_MS))
    archive.find = None  # it is not read again
    ((held, why),) = retention.due(cameras, NOON + 2 * DAY_MS)
    assert (held.name, why) == (name_at(NOON), "days")


def test_what_is_locked_while_a_retention_runs_stays_and_the_log_says_so(archive):
    records = [put(archive, NOON + number, alerts=(ALERT,) * (number > 0)) for number in range(3)]
    told = ListedLog()

    def publish(some):
        if not told.records:  # as soon as the log knows that they go
            lock = new_lock(ALERT, records[1:], reason="burglary", by="guard", at=NOON)
            Locks(archive).write(lock)
        told.write(some)

    gone = Retention(archive, publish).run({"gate": Archiving(days=1)}, NOON + 9 * DAY_MS)
    assert [held.name.at for held in gone] == [NOON]
    assert kept(archive) == [NOON + 1, NOON + 2]
    newest = {record.id: record for record in sorted(told.records, key=lambda one: one.updated_at)}
    assert [bool(record.removed_at) for record in newest.values()] == [True, False, False]


def test_what_is_locked_while_the_log_goes_away_keeps_nothing_else(archive):
    records = [put(archive, NOON + number, alerts=(ALERT,)) for number in range(2)]
    put(archive, NOON, camera_id="hall")
    told = []

    def publish(some):
        if told:
            raise KafkaTimeoutError("no broker")
        told.append(some)
        Locks(archive).write(new_lock(ALERT, records[1:], reason="burglary", by="guard", at=NOON))

    gone, fault = all_of(Retention(archive, publish).run({}, NOON + 40 * DAY_MS))
    assert isinstance(fault, KafkaTimeoutError)
    assert gone == [name_at(NOON), name_at(NOON, "hall")]
    assert kept(archive) == [NOON + 1]


def test_locks_are_read_again_for_each_few_pictures(folder_archive, log):
    records = [put(folder_archive, NOON + number, alerts=(ALERT,)) for number in range(100)]
    removing = Retention(folder_archive, log.write).run({"gate": Archiving(days=1)}, NOON * 2)
    next(removing)
    Locks(folder_archive).write(
        new_lock(ALERT, records[50:], reason="burglary", by="guard", at=NOON)
    )
    list(removing)
    assert kept(folder_archive) == [NOON + number for number in range(50, 100)]


def test_what_a_lock_names_stays_also_without_a_description(archive, log):
    record = put(archive, NOON, alerts=(ALERT,))
    Locks(archive).write(new_lock(ALERT, [record], reason="burglary", by="guard", at=NOON))
    archive.storage.remove([name_at(NOON).path("json")])
    run(archive, log, Archiving(days=1), now() + UNFINISHED_MS + 60_000)
    assert archive.picture(record.path, record.sha256)


def all_of(removing):
    """Return the names of what is removed, and the fault at the end."""
    gone = []
    try:
        gone.extend(held.name for held in removing)
    except (KafkaTimeoutError, StorageError) as fault:
        return gone, fault
    return gone, None


def away(_records):
    raise KafkaTimeoutError("no broker")


def test_while_the_log_is_away_what_is_too_old_goes_and_what_is_too_much_waits(archive):
    put(archive, NOON)
    for number in range(3):
        put(archive, NOON + DAY_MS + number, HALF_MEGABYTE)
    put(archive, NOON, camera_id="hall")
    cameras = {"gate": Archiving(days=1, megabytes=1), "hall": Archiving(days=1)}
    gone, fault = all_of(Retention(archive, away).run(cameras, NOON + DAY_MS + 10))
    assert isinstance(fault, KafkaTimeoutError)
    assert gone == [name_at(NOON), name_at(NOON, "hall")]
    assert len(kept(archive)) == 3


def test_what_can_t_be_removed_stops_nothing_else(folder_archive, log, tmp_path):
    for camera_id in ("gate", "hall"):
        for number in range(2):
            put(folder_archive, NOON + number, camera_id=camera_id)
    (tmp_path / "archive" / name_at(NOON).path("bin") / "folder").mkdir(parents=True)
    gone, fault = all_of(Retention(folder_archive, log.write).run({}, NOON + 40 * DAY_MS))
    assert "gate_20261121T120000000Z.bin" in str(fault)
    assert gone == [name_at(NOON + 1), name_at(NOON, "hall"), name_at(NOON + 1, "hall")]


def test_a_camera_whose_locks_can_t_be_listed_stops_no_other(folder_archive, log, monkeypatch):
    for camera_id in ("gate", "hall"):
        put(folder_archive, NOON, camera_id=camera_id)
    files = folder_archive.storage.files

    def fails(*within):
        if within == ("gate", "locks"):
            raise StorageError("not for you")
        return files(*within)

    monkeypatch.setattr(folder_archive.storage, "files", fails)
    retention = Retention(folder_archive, log.write)
    for removing in (retention.due({}, NOON * 2), retention.run({}, NOON * 2)):
        with pytest.raises(StorageError, match="not for you"):
            list(removing)
    assert (kept(folder_archive), kept(folder_archive, "hall")) == ([NOON], [])


def test_what_a_killed_writer_left_goes_after_a_while(archive, log):
    put(archive, now())
    archive.storage.write(name_at(NOON).path("jpg"), b"no description")
    run(archive, log, Archiving(days=3650), now())
    assert len(list(archive.files("gate"))) == 2
    run(archive, log, Archiving(days=3650), now() + UNFINISHED_MS + 60_000)
    assert [files.is_described for files in archive.files("gate")] == [True]


@pytest.mark.recovery
@pytest.mark.parametrize("files", [0, 1, 2, 4, 8])
def test_a_retention_that_was_killed_halfway_is_finished_by_the_next(tmp_path, files):
    """`files` were removed: none, a description without its picture, a whole picture …"""
    folder, log_file = tmp_path / "archive", tmp_path / "log.jsonl"
    archive = Archive(FolderStorage(str(folder)), 1_000_000)
    old = [put(archive, NOON + number) for number in range(4)]
    young = put(archive, NOON + 5 * DAY_MS)
    at = NOON + 5 * DAY_MS + 60_000
    script = Path(__file__).with_name("removing.py")
    process = subprocess.Popen(
        [sys.executable, script, folder, log_file, str(at), str(files)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "stopped\n"
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()

    # The log says of all what is about to happen; nothing that is described lacks its picture.
    told = [decode_archived(line).id for line in log_file.read_bytes().splitlines()]
    assert told == [record.id for record in old]
    described = [held.name.at for held in archive.held("gate")]
    for each in described:
        archive.picture(name_at(each).path("jpg"))
    assert len(described) == 5 - -(-files // 3)

    # The next one, after the time in which a writer may still be about to describe a picture.
    later, log = now() + UNFINISHED_MS + 60_000, ListedLog()
    list(Retention(archive, log.write).run({"gate": Archiving(days=1)}, at))
    list(Retention(archive, log.write).run({"gate": Archiving(days=3650)}, later))
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == sorted(
        Path(young.path).with_suffix(suffix).name for suffix in (".jpg", ".json")
    )
    check = Check(archive, None, "", later, DAY_MS)
    assert not list(check.run())
    assert check.checked.pictures == 1
