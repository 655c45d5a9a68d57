"""`pycturestream archive …` and `alerts clip`, with an archive in a folder and no servers."""

from contextlib import contextmanager

import av
import cv2
import numpy as np
import pytest
from kafka.errors import KafkaTimeoutError
from msgspec.structs import replace

from pycturestream.application.alerts import AlertNotFoundError
from pycturestream.archive.archive import Archive
from pycturestream.archive.locks import Locks, LockSigner, locked_picture
from pycturestream.cli.options import user_name
from pycturestream.clock import now
from pycturestream.config.settings import PROJECT_FOLDER, settings
from pycturestream.contracts.archived import encode_archived
from pycturestream.contracts.cameras import encode_camera
from pycturestream.domain.cameras.camera import Archiving, Camera
from pycturestream.domain.times import DAY_MS, rfc3339
from pycturestream.errors import CommandError
from tests.archives import ALERT, ListedLog, described, put
from tests.builders import alert_record
from tests.command_line import command_line

JPEG = bytes(cv2.imencode(".jpg", np.full((120, 160, 3), 90, np.uint8))[1])
BEGIN = now() - 60_000
"""When the alert was raised."""


class Alerts:
    def alert(self, alert_id):
        if alert_id != ALERT:
            raise AlertNotFoundError(alert_id)
        return alert_record(raised_at=BEGIN, state="cleared", updated_at=BEGIN + 5_000) | {
            "id": ALERT
        }


@pytest.fixture
def log(monkeypatch):
    """The topics that commands read and write."""
    log = ListedLog()

    def logged(_settings, camera_id=None):
        return {
            record.id: None if record.removed_at else encode_archived(record)
            for record in log.records
            if camera_id in {None, record.camera_id}
        }

    class Writer:
        def __init__(self, _settings) -> None:
            self.write = log.write

        def close(self) -> None:
            return

    @contextmanager
    def alert_service():
        try:
            yield Alerts()
        except AlertNotFoundError as error:
            raise CommandError(str(error)) from error

    cameras = {"gate": encode_camera(Camera("gate", archive=Archiving(days=1)))}
    monkeypatch.setattr("pycturestream.cli.archive.logged_pictures", logged)
    monkeypatch.setattr("pycturestream.cli.archive.ArchivedWriter", Writer)
    monkeypatch.setattr("pycturestream.cli.archive.known_cameras", lambda _settings: cameras)
    monkeypatch.setattr("pycturestream.cli.composition.alerts.alert_service", alert_service)
    monkeypatch.setattr("pycturestream.cli.alert_clip.alert_service", alert_service)
    return log


@pytest.fixture
def run(monkeypatch, capsys, tmp_path, log):  # noqa: ARG001 - no command reaches a server
    monkeypatch.setenv("PYCTURESTREAM_DATA_FOLDER", str(tmp_path / "data"))
    monkeypatch.setenv("PYCTURESTREAM_ARCHIVE", str(tmp_path / "archive"))
    settings.cache_clear()
    yield command_line(monkeypatch, capsys)
    settings.cache_clear()


@pytest.fixture
def archive(run):  # noqa: ARG001 - it sets where the archive is
    return Archive.of(settings())


@pytest.fixture
def pictures(archive, log):
    """Five pictures of an alert, one a second, and an older one of nothing."""
    records = [put(archive, BEGIN - 7 * DAY_MS, JPEG)]
    records += [
        put(archive, BEGIN + second * 1_000, JPEG, alerts=(ALERT,)) for second in range(-2, 3)
    ]
    log.write(records)
    return records


def test_archived_pictures_are_listed_the_newest_first(run, pictures):
    listed = run("archive", "list", "--json").records
    assert [record["id"] for record in listed] == [record.id for record in reversed(pictures)]
    listed = run("archive", "list", "--camera", "gate", "--since", "1h", "--limit", 2)
    assert pictures[-1].path in listed.output
    assert pictures[-2].path in listed.output
    assert pictures[-3].path not in listed.output
    assert "no archived pictures" in run("archive", "list", "--camera", "door").output


@pytest.mark.usefixtures("pictures")
def test_a_camera_that_leads_elsewhere_is_wrong_use(run):
    assert run("archive", "list", "--camera", "../gate").status == 2
    assert run("archive", "locks", "--camera", "..").status == 2


@pytest.mark.usefixtures("pictures")
def test_a_check_ends_well_where_everything_agrees(run):
    ended = run("archive", "check")
    assert ended.status == 0
    assert "everything agrees" in ended.output
    assert "pictures 6 (" in ended.output


def test_a_check_names_what_does_not_agree_and_repairs_it(run, pictures, archive):
    changed, missing = pictures[1], pictures[2]
    archive.storage.write(changed.path, b"changed")
    archive.storage.remove([missing.path])

    ended = run("archive", "check")
    assert ended.status == 1
    assert changed.path in ended.output
    assert ended.errors.startswith("error: 2 of 2 findings are not repaired")
    found = run("archive", "check", "--repair", "--json")
    assert found.status == 0
    assert [(each["kind"], each["repaired"]) for each in found.records] == [
        ("changed", True),
        ("missing", True),
    ]
    assert run("archive", "check").status == 0


@pytest.mark.usefixtures("log")
@pytest.mark.usefixtures("pictures")
def test_a_check_of_one_camera_sees_no_other(run, archive):
    other = put(archive, BEGIN, b"picture", camera_id="door")
    archive.storage.write(other.path, b"pictura")
    ended = run("archive", "check", "--camera", "gate")
    assert (ended.status, "pictures 6 (" in ended.output) == (0, True)
    assert run("archive", "check", "--camera", "door").status == 1
    assert run("archive", "check", "--camera", "../door").status == 2


@pytest.mark.usefixtures("pictures")
def test_a_check_without_the_log_repairs_nothing(run):
    assert run("archive", "check", "--no-log").status == 0
    assert run("archive", "check", "--no-log", "--repair").status == 2


@pytest.mark.usefixtures("pictures")
def test_retention_says_what_it_would_remove_and_then_removes_it(run, archive, log):
    told = len(log.records)
    (would,) = run("archive", "retention", "--dry-run", "--json").records
    assert (would["camera_id"], would["pictures"]) == ("gate", 1)
    assert len(log.records) == told
    assert run("archive", "retention", "--json").records == [would]
    assert log.records[-1].removed_because == "days"
    assert "nothing is due" in run("archive", "retention").output
    assert len(list(archive.held("gate"))) == 5


def test_without_the_log_what_is_older_than_was_planned_is_removed_all_the_same(
    run, archive, log, monkeypatch
):
    def away(*_):
        raise KafkaTimeoutError("no broker")

    put(archive, BEGIN - 7 * DAY_MS, JPEG, days=5)
    put(archive, BEGIN - 7 * DAY_MS + 1, JPEG, days=9)
    monkeypatch.setattr("pycturestream.cli.archive.known_cameras", away)
    monkeypatch.setattr(log, "write", away)
    ended = run("archive", "retention", "--json")
    assert (ended.status, [each["pictures"] for each in ended.records]) == (1, [1])
    assert ended.errors.splitlines()[-1].startswith("error: Kafka at")
    assert [held.name.at for held in archive.held("gate")] == [BEGIN - 7 * DAY_MS + 1]


def test_a_user_without_a_name_locks_under_a_number(monkeypatch):
    def unknown():
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr("getpass.getuser", unknown)
    monkeypatch.setattr("os.getuid", lambda: 4711)
    assert user_name() == "4711"


@pytest.mark.usefixtures("archive")
def test_the_pictures_of_an_alert_are_locked_listed_and_unlocked(run, pictures):
    locked = run("archive", "lock", ALERT, "--reason", "burglary", "--by", "guard")
    assert "5 pictures of" in locked.output
    (listed,) = run("archive", "locks", "--json").records
    assert (listed["reason"], listed["by"]) == ("burglary", "guard")
    assert [one["path"] for one in listed["pictures"]] == [one.path for one in pictures[1:]]
    assert "burglary" in run("archive", "locks").output
    assert run("archive", "check").status == 0

    assert "5 pictures of" in run("archive", "unlock", ALERT).output
    assert "nothing is locked" in run("archive", "locks").output
    ended = run("archive", "unlock", ALERT)
    assert (ended.status, ended.errors.count("\n")) == (1, 1)
    assert "is not locked" in ended.errors


@pytest.mark.usefixtures("log")
def test_a_lock_needs_a_reason_and_pictures(run):
    assert run("archive", "lock", ALERT, "--reason", " ").status == 2
    ended = run("archive", "lock", ALERT, "--reason", "burglary")
    assert (ended.status, ended.errors.count("\n")) == (1, 1)
    assert "the archive holds no picture" in ended.errors
    assert "there is no alert" in run("archive", "lock", "other", "--reason", "burglary").errors


@pytest.mark.usefixtures("pictures")
def test_the_pictures_of_an_alert_become_a_clip(run, tmp_path):
    output = tmp_path / "alert.mp4"
    (made,) = run("alerts", "clip", ALERT, "--output", output, "--json").records
    assert (made["pictures"], made["seconds"], made["left_out"]) == (5, 5.0, 0)
    with av.open(str(output)) as video:
        assert video.streams.video[0].codec_context.name == "h264"
        assert len(list(video.decode(video=0))) == 6
    assert [path.name for path in tmp_path.glob("*alert.mp4*")] == ["alert.mp4"]


def test_a_clip_leaves_out_what_is_gone_or_changed_and_says_so(run, pictures, archive, tmp_path):
    archive.storage.write(pictures[1].path, b"changed")
    archive.storage.remove([pictures[2].path])
    link = tmp_path / "archive" / pictures[3].path
    link.unlink()
    link.symlink_to(tmp_path / "archive" / pictures[4].path)
    made = run("alerts", "clip", ALERT, "--output", tmp_path / "alert.mp4")
    assert "2 pictures" in made.output
    assert "3 are gone or damaged" in made.output


@pytest.mark.usefixtures("pictures")
def test_a_locked_alert_has_a_clip_without_any_server(run, tmp_path, monkeypatch):
    run("archive", "lock", ALERT, "--reason", "burglary")

    def away():
        raise AssertionError("asked")

    monkeypatch.setattr("pycturestream.cli.alert_clip.alert_service", away)
    (made,) = run("alerts", "clip", ALERT, "--output", tmp_path / "a.mp4", "--json").records
    assert made["pictures"] == 5


def test_a_clip_of_originals_is_blurred_unless_somebody_asks_and_the_camera_allows_it(
    run, archive, tmp_path, monkeypatch
):
    jpeg = (PROJECT_FOLDER / "samples/everyday/pictures/astronaut.jpg").read_bytes()
    archive.put(replace(described(BEGIN, jpeg, alerts=(ALERT,)), original=True), jpeg)
    output = tmp_path / "alert.mp4"

    def face():
        with av.open(str(output)) as video:
            shown = next(video.decode(video=0)).to_ndarray(format="bgr24")
        return np.abs(shown[66:177, 178:269].astype(int) - 128).max()

    assert run("alerts", "clip", ALERT, "--output", output).status == 0
    assert face() < 20
    # Whoever can write to the archive can change what a description says.
    archive.put(replace(described(BEGIN, jpeg, alerts=(ALERT,)), original=False))
    assert run("alerts", "clip", ALERT, "--output", output).status == 0
    assert face() < 20
    archive.put(replace(described(BEGIN, jpeg, alerts=(ALERT,)), original=True))

    allowed = {"gate": encode_camera(Camera("gate"))}
    monkeypatch.setattr("pycturestream.pictures.originals.known_cameras", lambda _: allowed)
    ended = run("alerts", "clip", ALERT, "--output", output, "--original")
    assert (ended.status, face() < 20) == (1, True)
    allowed["gate"] = encode_camera(Camera("gate", originals=True))
    assert run("alerts", "clip", ALERT, "--output", output, "--original").status == 0
    assert face() > 60


@pytest.mark.usefixtures("pictures")
@pytest.mark.parametrize("fault", ["changed", "another key", "another camera"])
def test_a_lock_that_proves_nothing_has_no_clip(run, archive, tmp_path, fault):
    run("archive", "lock", ALERT, "--reason", "burglary")
    locks, signer = Locks(archive), LockSigner(settings())
    lock = locks.find("gate", ALERT)
    if fault == "changed":
        locks.write(replace(lock, pictures=(replace(lock.pictures[0], original=True),)))
    elif fault == "another key":
        locks.write(LockSigner(settings().model_copy(update={"data_folder": tmp_path})).sign(lock))
    else:
        stranger = locked_picture(put(archive, BEGIN, JPEG, camera_id="hall"))
        locks.write(signer.sign(replace(lock, pictures=(stranger,))))
    ended = run("alerts", "clip", ALERT, "--output", tmp_path / "alert.mp4")
    assert (ended.status, ended.errors.count("\n")) == (1, 1)
    assert f"the lock of {ALERT}: " in ended.errors
    assert not (tmp_path / "alert.mp4").exists()
    assert run("archive", "check").status == 1


@pytest.mark.parametrize("output", ["alert.avi", "nowhere/alert.mp4"])
def test_an_output_that_can_t_be_is_wrong_use(run, output, tmp_path):
    ended = run("alerts", "clip", ALERT, "--output", tmp_path / output)
    assert (ended.status, ended.errors.count("\n")) == (2, 1)


def test_an_alert_without_pictures_has_no_clip(run, tmp_path):
    ended = run("alerts", "clip", ALERT, "--output", tmp_path / "alert.mp4")
    assert (ended.status, ended.errors.count("\n")) == (1, 1)
    assert "have `archive` in cameras.yaml" in ended.errors
    assert not list(tmp_path.glob("*.mp4*"))


def test_a_storage_that_can_t_be_reached_is_one_line(run, monkeypatch):
    monkeypatch.setenv("PYCTURESTREAM_ARCHIVE", "s3://pictures")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "not-an-address")
    settings.cache_clear()
    ended = run("archive", "list")
    assert (ended.status, ended.errors.count("\n")) == (1, 1)


@pytest.mark.usefixtures("pictures")
def test_times_of_the_list_are_those_of_pictures(run):
    assert rfc3339(BEGIN)[11:19] in run("archive", "list").output
