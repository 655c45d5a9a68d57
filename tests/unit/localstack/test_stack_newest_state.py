import os
from pathlib import Path

from pycturestream.localstack.jobs import newest_state


def state(folder: Path, name: str, *, age: int, complete: bool = True) -> Path:
    path = folder / name
    path.mkdir(parents=True)
    if complete:
        (path / "_metadata").touch()
        os.utime(path / "_metadata", (1_000_000 - age, 1_000_000 - age))
    return path


def test_a_job_that_never_ran_has_no_state(tmp_path: Path):
    assert newest_state(tmp_path / "detection") is None


def test_the_newest_checkpoint_of_all_its_starts_is_taken(tmp_path: Path):
    state(tmp_path, "aaaa/chk-90", age=20)
    newest = state(tmp_path, "bbbb/chk-3", age=10)

    assert newest_state(tmp_path) == newest


def test_a_savepoint_is_taken_if_it_is_newer(tmp_path: Path):
    state(tmp_path, "aaaa/chk-90", age=20)
    savepoint = state(tmp_path, "savepoint-aaaa-0123", age=10)

    assert newest_state(tmp_path) == savepoint


def test_a_checkpoint_that_was_not_finished_is_passed_over(tmp_path: Path):
    finished = state(tmp_path, "aaaa/chk-90", age=20)
    state(tmp_path, "aaaa/chk-91", age=10, complete=False)

    assert newest_state(tmp_path) == finished


def test_one_of_a_clock_that_was_ahead_is_older_than_one_of_now(tmp_path: Path):
    state(tmp_path, "aaaa/chk-90", age=-10_000_000_000)
    newest = state(tmp_path, "aaaa/chk-91", age=10)

    assert newest_state(tmp_path) == newest
