"""What `archive check` finds: each fault is made on purpose, found, repaired, and gone."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pycturestream.archive.check import Check
from pycturestream.archive.locks import Locks, LockSigner, new_lock
from pycturestream.archive.retention import UNFINISHED_MS
from pycturestream.archive.storage import StorageError
from pycturestream.clock import now
from pycturestream.config.settings import Settings
from pycturestream.contracts.archived import decode_archived, encode_archived
from pycturestream.domain.archive.names import lock_path
from pycturestream.domain.times import DAY_MS, parse_rfc3339, rfc3339
from tests.archives import ALERT, described, name_at, put
from tests.builders import NOON

LATER = UNFINISHED_MS + 60_000
"""After now: what was written in this test is no longer about to be described."""


class Log:
    """The topic `archived`, newest record by id."""

    def __init__(self) -> None:
        self.newest = {}

    def write(self, records):
        for record in records:
            self.newest[record.id] = None if record.removed_at else encode_archived(record)


@pytest.fixture
def log():
    return Log()


@pytest.fixture
def signer(tmp_path):
    return LockSigner(Settings(data_folder=tmp_path / "data"))


@pytest.fixture
def find(archive, log, signer):
    """Return what a check finds, as (kind, path, repaired)."""

    def find(*, repair=False, logged=True, at=None):
        check = Check(
            archive,
            (lambda: dict(log.newest)) if logged else None,
            signer.public_key,
            now() + LATER if at is None else at,
            30 * DAY_MS,
        )
        found = list(check.run(log.write if repair else None))
        return [(one.kind, one.path, one.repaired) for one in found]

    return find


@pytest.fixture
def keep(archive, log):
    """Archive a picture that was taken now, or then, and tell the log."""

    def keep(at=None, data=b"picture", **fields):
        record = put(archive, now() if at is None else at, data, **fields)
        log.write([record])
        return record

    return keep


def repaired_at_once(find, kind, path):
    """A fault is found, repaired, and found no more."""
    assert find() == [(kind, path, False)]
    assert find(repair=True) == [(kind, path, True)]
    return find() == []


def test_nothing_is_found_where_everything_agrees(find, keep):
    for number in range(3):
        keep(now() + number)
    assert find() == []
    assert find(repair=True) == []


def test_a_picture_that_is_missing_is_found_and_its_description_removed(find, keep, archive, log):
    record = keep()
    archive.storage.remove([record.path])
    assert repaired_at_once(find, "missing", record.path)
    assert log.newest[record.id] is None


def test_a_picture_that_was_changed_is_found_and_removed(find, keep, archive, log):
    record = keep(data=b"picture")
    archive.storage.write(record.path, b"pictura")
    assert repaired_at_once(find, "changed", record.path)
    assert not list(archive.files("gate"))
    assert log.newest[record.id] is None


def test_a_picture_that_nothing_describes_is_found_and_removed(find, keep, archive):
    keep()
    path = name_at(NOON).path("jpg")
    archive.storage.write(path, b"picture")
    assert find(at=now()) == []  # a writer may be about to describe it
    assert repaired_at_once(find, "extra", path)


def test_a_file_that_is_not_in_the_description_is_found_and_removed(find, keep, archive):
    record = keep()
    path = record.path.replace(".jpg", ".bin")
    archive.storage.write(path, b"x")
    assert repaired_at_once(find, "extra", path)
    assert archive.picture(record.path, record.sha256) == b"picture"


def test_a_description_that_can_t_be_read_is_found_and_removed(find, archive):
    path = name_at(NOON).path("json")
    archive.storage.write(path, b"{}")
    assert repaired_at_once(find, "unreadable", path)


def test_a_picture_that_only_the_log_names_is_found(find, log):
    record = described(now(), b"x")
    log.write([record])
    assert repaired_at_once(find, "missing", record.path)


def test_a_link_in_the_place_of_a_picture_is_found_and_removed(folder_archive, signer, tmp_path):
    record = put(folder_archive, now())
    secret, path = tmp_path / "secret", tmp_path / "archive" / record.path
    secret.write_bytes(b"picture")
    path.unlink()
    path.symlink_to(secret)
    for repair in (lambda _: None, None):
        check = Check(folder_archive, None, signer.public_key, now(), DAY_MS)
        found = [(one.kind, one.path) for one in check.run(repair)]
        assert found == ([("changed", record.path)] if repair else [])
    assert secret.read_bytes() == b"picture"


def test_a_storage_that_does_not_answer_has_nothing_taken_for_missing(archive, signer, log):
    record = put(archive, now())
    read = archive.storage.read

    def fails(path, byte_limit):
        if path.endswith(".jpg"):
            raise StorageError("no answer")
        return read(path, byte_limit)

    archive.storage.read = fails
    check = Check(archive, dict, signer.public_key, now(), DAY_MS)
    with pytest.raises(StorageError):
        list(check.run(log.write))
    assert not log.newest
    assert archive.find(name_at(parse_rfc3339(record.captured_at)))


def test_what_expired_by_itself_is_not_missing(find, log):
    record = described(now() - 31 * DAY_MS, b"x", days=30)
    log.write([record])
    assert find() == []


def test_a_picture_that_the_log_does_not_name_is_told_again(find, archive, log):
    record = put(archive, now())
    assert repaired_at_once(find, "unlisted", record.path)
    assert decode_archived(log.newest[record.id]).path == record.path


def test_a_picture_that_the_log_says_was_removed_is_told_again_as_newer(find, keep, log):
    record = keep(archived_at=now() - 60_000)
    at = rfc3339(now())
    log.write([replace(record, updated_at=at, removed_at=at, removed_because="bytes")])
    assert repaired_at_once(find, "unlisted", record.path)
    assert decode_archived(log.newest[record.id]).updated_at > at


def test_a_picture_that_is_older_than_the_log_need_not_be_in_it(find, archive):
    put(archive, now() - 40 * DAY_MS, days=100)
    assert find() == []


def test_without_the_log_only_files_are_compared(find, archive, log):
    put(archive, now())
    log.write([described(now() + 1, b"x")])
    assert find(logged=False) == []


def test_a_file_of_somebody_else_is_named_and_stays(folder_archive, tmp_path):
    put(folder_archive, now())
    foreign = tmp_path / "archive" / "gate" / "notes.txt"
    foreign.write_text("mine")
    check = Check(folder_archive, None, "", now(), DAY_MS)
    found = list(check.run(lambda _: None))
    assert [(one.kind, one.path, one.repaired) for one in found] == [
        ("foreign", "gate/notes.txt", False)
    ]
    assert foreign.read_text() == "mine"


@pytest.fixture
def lock(archive, keep, signer):
    records = [keep(now() + number, alerts=(ALERT,)) for number in range(2)]
    lock = signer.sign(new_lock(ALERT, records, reason="burglary", by="guard", at=now()))
    Locks(archive).write(lock)
    return lock


@pytest.mark.usefixtures("lock")
def test_a_locked_alert_whose_pictures_are_there_agrees(find):
    assert find() == []


def test_a_locked_picture_that_was_changed_is_found_twice_and_stays(find, lock, archive):
    path = lock.pictures[0].path
    archive.storage.write(path, b"pictura")
    wanted = [
        ("changed", path, False),
        ("lock", lock_path("gate", ALERT), False),
    ]
    assert find() == wanted
    assert find(repair=True) == wanted
    assert archive.picture(path) == b"pictura"


@pytest.fixture
def check(archive, log, signer):
    """Return a check that began before what `meanwhile` does, and so repairs nothing of that."""

    def check(meanwhile, *, repair=True):
        looked = []

        def read_log():
            found = dict(log.newest)
            if not looked:
                meanwhile()
            looked.append(found)
            return found

        checking = Check(archive, read_log, signer.public_key, now(), 30 * DAY_MS)
        return [one.kind for one in checking.run(log.write if repair else None)]

    return check


def test_a_picture_that_is_archived_during_a_check_agrees(check, keep, log):
    keep(now() - 60_000)
    record = []

    def archive_another():
        record.append(keep(now()))

    assert check(archive_another) == []
    assert decode_archived(log.newest[record[0].id]) == record[0]


def test_a_picture_of_which_the_log_learns_during_a_check_agrees(check, archive, log):
    record = put(archive, now() - 60_000)
    assert check(lambda: log.write([record])) == []


def test_a_picture_that_is_removed_during_a_check_is_not_missing(check, keep, archive, log):
    record = keep(now() - 60_000)

    def remove():
        log.write([replace(record, removed_at=record.updated_at, removed_because="days")])
        archive.remove([name_at(parse_rfc3339(record.captured_at))])

    assert check(remove) == []
    assert log.newest[record.id] is None


@pytest.fixture
def once_read(archive):
    """Do something right after a check has read the picture of a record."""

    def once_read(work):
        picture = archive.picture

        def read(*of):
            archive.picture = picture
            try:
                return picture(*of)
            finally:
                work()

        archive.picture = read

    return once_read


def test_a_picture_that_is_being_removed_is_not_told_again(check, archive, log, keep, once_read):
    record = keep(now() - 60_000)
    log.write([replace(record, removed_at=record.updated_at, removed_because="days")])
    once_read(lambda: archive.remove([name_at(parse_rfc3339(record.captured_at))]))
    assert check(lambda: None) == []
    assert not list(archive.files("gate"))
    assert log.newest[record.id] is None


def test_a_repair_writes_no_description(check, archive):
    record = put(archive, now() - 60_000)
    more = replace(record, alerts=(ALERT,))
    found = check(lambda: archive.put(more))
    assert found == ["unlisted"]
    assert archive.find(name_at(parse_rfc3339(record.captured_at))) == more


def test_a_locked_picture_stays_whatever_is_found_beside_it(find, lock, archive):
    path = lock.pictures[0].path
    archive.storage.write(
        path.replace(".jpg", ".json"),
        encode_archived(
            replace(described(parse_rfc3339(lock.pictures[0].captured_at), b"x"), path=None)
        ),
    )
    assert ("extra", path, False) in find(repair=True)
    assert archive.picture(path)


def test_a_picture_that_is_locked_during_a_check_stays(
    check, archive, log, keep, signer, once_read
):
    record = keep(now() - 60_000, alerts=(ALERT,))
    archive.storage.write(record.path, b"pictura")
    lock = signer.sign(new_lock(ALERT, [record], reason="burglary", by="guard", at=now()))
    once_read(lambda: Locks(archive).write(lock))
    assert check(lambda: None) == ["changed", "lock"]
    assert archive.picture(record.path) == b"pictura"
    assert log.newest[record.id]


@pytest.mark.parametrize("fault", ["changed", "other key", "unreadable", "missing"])
def test_a_lock_that_proves_nothing_is_found(find, lock, archive, tmp_path, fault):
    path, locks = lock_path("gate", ALERT), Locks(archive)
    if fault == "changed":
        locks.write(replace(lock, reason="nothing"))
    elif fault == "other key":
        locks.write(LockSigner(Settings(data_folder=tmp_path / "other")).sign(lock))
    elif fault == "unreadable":
        archive.storage.write(path, b"[]")
    else:
        archive.storage.remove([lock.pictures[1].path.replace(".jpg", ".json")])
        archive.storage.remove([lock.pictures[1].path])
    assert ("lock", path, False) in find()


FAULTS = st.sampled_from(["none", "no picture", "no description", "changed", "unreadable", "log"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(faults=st.lists(FAULTS, min_size=1, max_size=6))
def test_whatever_is_wrong_one_repair_makes_everything_agree(faults, folder_archive, signer):
    log, start = Log(), now()
    for number, fault in enumerate(faults):
        record = put(folder_archive, start + number)
        log.write([record])
        description = record.path.replace(".jpg", ".json")
        match fault:
            case "no picture":
                folder_archive.storage.remove([record.path])
            case "no description":
                folder_archive.storage.remove([description])
            case "changed":
                folder_archive.storage.write(record.path, b"pictura")
            case "unreadable":
                folder_archive.storage.write(description, b"no JSON")
            case "log":
                del log.newest[record.id]

    def check():
        at = now() + LATER
        return Check(folder_archive, lambda: dict(log.newest), signer.public_key, at, 30 * DAY_MS)

    found = list(check().run(log.write))
    assert all(one.repaired for one in found)
    assert bool(found) == (set(faults) != {"none"})
    assert not list(check().run())
    sound = [start + number for number, fault in enumerate(faults) if fault in {"none", "log"}]
    assert [held.name.at for held in folder_archive.held("gate")] == sound
    folder_archive.remove([files.name for files in folder_archive.files("gate")])
