"""What a folder and an S3 server have in common, and what only one of them has."""

import os
import pwd
import stat
from types import SimpleNamespace

import pytest

from pycturestream.archive.folder import FolderStorage
from pycturestream.archive.object_store import ObjectStorage
from pycturestream.archive.storage import (
    NotStoredError,
    PathError,
    StorageError,
    open_storage,
)
from pycturestream.clock import now
from pycturestream.config.settings import Settings
from tests.archives import name_at
from tests.builders import NOON

PATH = name_at(NOON).path("jpg")
OTHER = name_at(NOON + 1).path("jpg")
TOMORROW = name_at(NOON + 86_400_000).path("jpg")
DOOR = name_at(NOON, "door").path("jpg")
LIMIT = 1_000

OUTSIDE = [
    "../secret",
    "gate/../../secret",
    "/etc/passwd",
    "gate/2026-11-21/../../../secret",
    "secret.txt",
    "",
]


def test_what_was_written_can_be_read_and_listed_in_order(storage):
    for path in (TOMORROW, OTHER, DOOR, PATH):
        storage.write(path, path.encode())
    assert storage.read(PATH, LIMIT) == PATH.encode()
    assert list(storage.folders()) == ["door", "gate"]
    assert list(storage.folders("gate")) == ["2026-11-21", "2026-11-22"]
    files = list(storage.files("gate", "2026-11-21"))
    assert [(file.path, file.size) for file in files] == [
        (path, len(path)) for path in (PATH, OTHER)
    ]
    assert all(abs(file.modified_at - now()) < 3_600_000 for file in files)


def test_a_file_is_replaced_as_a_whole(storage):
    storage.write(PATH, b"the first one, which is longer")
    storage.write(PATH, b"the second")
    assert storage.read(PATH, LIMIT) == b"the second"
    assert len(list(storage.files("gate", "2026-11-21"))) == 1


def test_what_is_removed_leaves_nothing_and_may_be_removed_again(storage):
    storage.write(PATH, b"x")
    storage.write(DOOR, b"x")
    storage.remove([PATH, OTHER])
    storage.remove([PATH])
    assert list(storage.folders()) == ["door"]
    with pytest.raises(NotStoredError, match="not in the archive"):
        storage.read(PATH, LIMIT)


def test_nothing_is_listed_of_what_is_not_there(storage):
    assert not list(storage.folders())
    assert not list(storage.folders("gate"))
    assert not list(storage.files("gate", "2026-11-21"))


def test_a_file_that_is_too_large_is_not_read(storage):
    storage.write(PATH, b"x" * (LIMIT + 1))
    with pytest.raises(StorageError, match="1001 bytes, allowed 1000"):
        storage.read(PATH, LIMIT)


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_path_that_tries_to_leave_the_archive_is_refused(storage, path, tmp_path):
    (tmp_path / "secret").write_text("secret")
    for attempt in (
        lambda: storage.read(path, LIMIT),
        lambda: storage.write(path, b"x"),
        lambda: storage.remove([path]),
    ):
        with pytest.raises(PathError, match="no path of the archive"):
            attempt()
    assert (tmp_path / "secret").read_text() == "secret"
    assert not list(storage.folders())


@pytest.mark.parametrize("link", ["gate", "gate/2026-11-21"])
def test_a_linked_folder_leads_nowhere(tmp_path, link):
    root, outside = tmp_path / "archive", tmp_path / "outside"
    secret = outside / PATH.removeprefix(f"{link}/")
    secret.parent.mkdir(parents=True)
    secret.write_bytes(b"secret")
    (root / link).parent.mkdir(parents=True)
    (root / link).symlink_to(outside)
    storage = FolderStorage(str(root))

    for attempt in (
        lambda: storage.read(PATH, LIMIT),
        lambda: storage.write(PATH, b"x"),
        lambda: storage.remove([PATH]),
        lambda: list(storage.files("gate", "2026-11-21")),
    ):
        with pytest.raises(StorageError):
            attempt()
    within = () if link == "gate" else ("gate",)
    assert not list(storage.folders(*within))
    assert secret.read_bytes() == b"secret"


def test_a_linked_file_is_not_read_and_what_it_leads_to_stays(tmp_path):
    root, secret = tmp_path / "archive", tmp_path / "secret"
    secret.write_bytes(b"secret")
    (root / PATH).parent.mkdir(parents=True)
    (root / PATH).symlink_to(secret)
    storage = FolderStorage(str(root))

    with pytest.raises(StorageError):
        storage.read(PATH, LIMIT)
    storage.write(PATH, b"picture")
    assert (root / PATH).read_bytes() == b"picture"
    (root / PATH).unlink()
    (root / PATH).symlink_to(secret)
    storage.remove([PATH])
    assert not (root / PATH).is_symlink()
    assert secret.read_bytes() == b"secret"


def test_a_pipe_is_no_picture(tmp_path):
    path = tmp_path / PATH
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    with pytest.raises(StorageError, match="no regular file"):
        FolderStorage(str(tmp_path)).read(PATH, LIMIT)


def test_files_and_folders_are_for_their_owner_alone(tmp_path):
    root = tmp_path / "archive"
    FolderStorage(str(root)).write(PATH, b"x")
    for path in (root, root / "gate", root / "gate/2026-11-21", root / PATH):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can write for others")
def test_what_root_writes_belongs_to_the_owner_of_the_folder(tmp_path):
    """Root's commands write locks that its services, which run as another user, have to read."""
    nobody = pwd.getpwnam("nobody")
    os.chown(tmp_path, nobody.pw_uid, nobody.pw_gid)
    root = tmp_path / "archive"
    FolderStorage(str(root)).write(PATH, b"x")
    for path in (root, root / "gate", root / "gate/2026-11-21", root / PATH):
        assert (path.stat().st_uid, path.stat().st_gid) == (nobody.pw_uid, nobody.pw_gid)


def test_what_a_killed_process_was_writing_is_no_file_and_is_cleared(tmp_path):
    storage = FolderStorage(str(tmp_path))
    storage.write(PATH, b"x")
    left = tmp_path / "gate/2026-11-21/.gate_20261121T120000001Z.jpg.0a1b2c3d.part"
    left.write_bytes(b"half")
    assert [file.path for file in storage.files("gate", "2026-11-21")] == [PATH]
    storage.clear_unfinished("gate", "2026-11-21", before=now() - 60_000)
    assert left.exists()
    storage.clear_unfinished("gate", "2026-11-21", before=now() + 60_000)
    assert not left.exists()


def test_a_folder_that_can_t_be_written_is_one_clear_line(tmp_path):
    (tmp_path / "archive").write_text("a file")
    with pytest.raises(StorageError, match=r"archive: gate/.*exists|Not a directory") as raised:
        FolderStorage(str(tmp_path / "archive")).write(PATH, b"x")
    assert "\n" not in str(raised.value)


@pytest.mark.usefixtures("s3")
def test_a_bucket_that_is_not_there_is_one_clear_line():
    storage = ObjectStorage("s3://nowhere/archive", 5_000)
    # Nobody must take pictures for missing because the bucket is.
    for attempt in (
        lambda: storage.write(PATH, b"x"),
        lambda: storage.read(PATH, LIMIT),
        lambda: list(storage.folders()),
        lambda: list(storage.files("gate", "2026-11-21")),
    ):
        with pytest.raises(StorageError, match=r"s3://nowhere/archive: .*no such bucket") as raised:
            attempt()
        assert "\n" not in str(raised.value)


def test_missing_credentials_are_one_clear_line(s3, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(StorageError, match="AccessKey") as raised:
        ObjectStorage(s3, 5_000).write(PATH, b"x")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("endpoint", ["minio:9000", "http://", "ftp://minio", "minio"])
def test_an_endpoint_that_is_none_is_one_clear_line(s3, monkeypatch, endpoint):
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    with pytest.raises(StorageError, match=r"AWS_ENDPOINT_URL=.*must be an address"):
        ObjectStorage(s3, 5_000)


def test_variables_that_are_set_to_nothing_count_as_missing(s3, monkeypatch):
    """Docker Compose has no other way to leave one out."""
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "")
    storage = ObjectStorage(s3, 5_000)
    storage.write(PATH, b"x")
    assert storage.read(PATH, LIMIT) == b"x"


def test_the_settings_say_where_the_archive_is(tmp_path, s3):
    assert isinstance(open_storage(Settings(archive=s3)), ObjectStorage)
    folder = open_storage(Settings(data_folder=tmp_path))
    assert isinstance(folder, FolderStorage)
    assert folder.place == str(tmp_path / "archive")


def test_a_storage_that_says_that_there_was_nothing_to_remove_has_removed_it(s3):
    def delete(path):
        raise FileNotFoundError(path)

    storage = ObjectStorage(s3, 5_000)
    storage._store = SimpleNamespace(delete=delete)
    storage.remove([PATH, OTHER])
