"""`pycturestream privacy`: what it prints, writes and removes."""

import hashlib
import os
import time

import pytest

from pycturestream.cli import privacy as privacy_command
from pycturestream.config.settings import settings
from pycturestream.localstack.left_folders import mark_temporary
from pycturestream.log.segments import BrokerRunsError
from tests import jpegs
from tests.command_line import command_line
from tests.unit.log.test_segments import batch, segment

JPEG = jpegs.encoded(64, 48)
NOW = 0
"""The time of the test."""
HOUR_S = 3_600


@pytest.fixture(autouse=True)
def _time_of_the_test():
    # Live pictures are kept for minutes, and a run imports a test that long before it comes to it.
    global NOW  # noqa: PLW0603
    NOW = time.time_ns() // 1_000_000


@pytest.fixture
def data_folder(tmp_path, monkeypatch):
    for name, value in {
        "PYCTURESTREAM_DATA_FOLDER": tmp_path / "data",
        "PYCTURESTREAM_REFERENCE_FOLDER": tmp_path / "references",
        "TMPDIR": tmp_path / "temporary",
    }.items():
        value.mkdir()
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr("tempfile.tempdir", None)  # it is remembered
    settings.cache_clear()
    yield tmp_path / "data"
    settings.cache_clear()


@pytest.fixture
def run(data_folder, monkeypatch, capsys):  # noqa: ARG001
    return command_line(monkeypatch, capsys)


@pytest.fixture
def log(data_folder):
    return data_folder / "kafka" / "data"


def test_a_proof_of_nothing_but_what_is_allowed(run, log):
    segment(log / "frames-0", 0, batch(0, NOW, JPEG))
    ended = run("privacy", "prove", "--no-stores")
    assert ended.status == 0
    assert "topic frames" in ended.output
    assert "no picture is where it may not be" in ended.output


def test_a_picture_past_its_time_is_reported_with_its_place(run, log):
    segment(log / "frames-0", 0, batch(0, NOW - 24 * HOUR_S * 1000, JPEG))
    ended = run("privacy", "prove", "--no-stores")
    assert ended.status == 1
    assert "NOT ALLOWED: past its time" in ended.output
    assert ended.errors == "error: there are pictures where they may not be\n"


def test_the_report_of_a_proof_has_the_checksum_that_is_printed(run, data_folder, tmp_path):
    (data_folder / "redis").mkdir()
    (data_folder / "redis" / "dump.rdb").write_bytes(b"REDIS" + JPEG)
    report = tmp_path / "proof.json"
    ended = run("privacy", "prove", "--no-stores", "--output", report, "--json")
    assert ended.status == 1
    [record] = ended.records
    assert record["outcome"] == "not allowed"
    assert record["found"][0]["places"] == [f"{data_folder}/redis/dump.rdb:5 (JPEG)"]
    assert record["sha256"] == hashlib.sha256(report.read_bytes()).hexdigest()
    assert (tmp_path / "proof.json.sha256").read_text() == f"{record['sha256']}  proof.json\n"


def test_stores_that_do_not_answer_make_the_proof_incomplete(run, monkeypatch):
    monkeypatch.setenv("PYCTURESTREAM_ELASTICSEARCH_ADDRESS", "http://127.0.0.1:9")
    monkeypatch.setenv("PYCTURESTREAM_REDIS_ADDRESS", "redis://:secret@127.0.0.1:9/0")
    settings.cache_clear()
    ended = run("privacy", "prove")
    assert ended.status == 1
    assert "not searched: Elasticsearch at http://127.0.0.1:9: does not answer" in ended.output
    assert "not searched: Redis at redis://127.0.0.1:9: does not answer" in ended.output
    assert "secret" not in ended.output
    assert ended.errors == "error: not everything could be searched, so nothing is proved\n"


def test_a_folder_that_is_none_is_wrong_use(run, tmp_path):
    ended = run("privacy", "prove", "--folder", tmp_path / "absent")
    assert ended.status == 2


def test_temporary_folders_and_further_ones_are_searched(run, tmp_path):
    for name in ("temporary/pycturestream-left", "volume"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.jpg").write_bytes(JPEG)
    ended = run("privacy", "prove", "--no-stores", "--folder", tmp_path / "volume", "--json")
    assert {each["where"] for each in ended.records[0]["found"]} == {
        str(tmp_path / "temporary" / "pycturestream-left"),
        str(tmp_path / "volume"),
    }


def test_clean_removes_what_is_due_and_nothing_else(run, log, tmp_path):
    due = segment(log / "frames-0", 0, batch(0, NOW - HOUR_S * 1000, JPEG))
    segment(log / "frames-0", 1, batch(1, NOW, JPEG))
    history = segment(log / "frames.replay-0", 0, batch(0, NOW - HOUR_S * 1000, JPEG))
    references = tmp_path / "references"
    (references / "pycturestream-references.txt").touch()
    (references / "gate").mkdir()
    for name, at in (("due.jpg", NOW / 1000 - 1), ("kept.jpg", NOW / 1000 + HOUR_S)):
        (references / "gate" / name).write_bytes(JPEG)
        os.utime(references / "gate" / name, (at, at))

    ended = run("privacy", "clean", "--json")

    assert ended.records == [
        {"segments": 1, "bytes": len(batch(0, NOW, JPEG)), "references": 1, "folders": []}
    ]
    assert not due.exists()
    assert history.exists()
    assert [path.name for path in (references / "gate").iterdir()] == ["kept.jpg"]
    assert run("privacy", "clean").output == "nothing was due\n"


def test_clean_removes_left_folders_also_where_a_broker_has_the_log(run, tmp_path, monkeypatch):
    def raising(_):
        raise BrokerRunsError("a broker has it")

    monkeypatch.setattr(privacy_command, "clean_stack", raising)
    folder = left(tmp_path, "pycturestream-old", 2 * HOUR_S)

    ended = run("privacy", "clean")

    assert ended.status == 1
    assert ended.output == f"removed {folder}, which nobody used\n"
    assert ended.errors == "error: a broker has it\n"
    assert not folder.exists()


def test_no_folder_of_others_is_taken_for_the_reference_folder(run, tmp_path):
    photo = tmp_path / "references" / "holiday" / "photo.jpg"
    photo.parent.mkdir()
    photo.write_bytes(JPEG)
    os.utime(photo, (0, 0))
    run("privacy", "clean")
    assert photo.exists()


def left(tmp_path, name, age_s, *, marked=True):
    folder = tmp_path / "temporary" / name
    (folder / "kafka").mkdir(parents=True)
    (folder / "kafka" / "log").write_bytes(JPEG)
    if marked:
        mark_temporary(folder)
    for path in (*folder.rglob("*"), folder):
        os.utime(path, (time.time() - age_s, time.time() - age_s))
    return folder


def linked(tmp_path, name):
    """A folder with a link in the place of the mark."""
    folder = left(tmp_path, name, 2 * HOUR_S)
    (mark,) = folder.glob("*.txt")
    mark.unlink()
    mark.symlink_to(tmp_path)
    os.utime(mark, (0, 0), follow_symlinks=False)
    os.utime(folder, (0, 0))
    return folder


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another user's folder")
def test_clean_leaves_the_folders_of_other_users_alone(run, tmp_path):
    folder = left(tmp_path, "pycturestream-theirs", 2 * HOUR_S)
    (mark,) = folder.glob("*.txt")
    os.chown(mark, 1234, 1234)
    assert run("privacy", "clean").output == "nothing was due\n"
    assert folder.exists()


def test_clean_removes_data_folders_that_killed_runs_left(run, tmp_path, monkeypatch):
    old = left(tmp_path, "pycturestream-old", 2 * HOUR_S)
    stay = [
        left(tmp_path, "pycturestream-new", HOUR_S / 2),
        left(tmp_path, "pycturestream-mine", 2 * HOUR_S, marked=False),
        linked(tmp_path, "pycturestream-linked"),
        left(tmp_path, "others", 2 * HOUR_S),
        left(tmp_path, "pycturestream-used", 2 * HOUR_S),
        left(tmp_path, "pycturestream-data", 2 * HOUR_S),
    ]
    monkeypatch.setenv("PYCTURESTREAM_DATA_FOLDER", str(stay[-1]))
    settings.cache_clear()
    monkeypatch.chdir(stay[-2] / "kafka")

    assert run("privacy", "clean").output == f"removed {old}, which nobody used\n"
    assert not old.exists()
    assert all(folder.exists() for folder in stay)
