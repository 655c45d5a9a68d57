"""The state of an older version is told from that of this one by the operators that it is of."""

from pathlib import Path

import pytest

from pycturestream.localstack.jobs import JOBS, Job
from pycturestream.localstack.saved_state import StateLayout, is_current, is_former
from pycturestream.localstack.submit import rejection

BEFORE = Path(__file__).parent / "states" / "before-embedded-operators"
"""Metadata of a real checkpoint, of when one operator in a process of its own did it all."""
(DETECTION,) = (job for job in JOBS if job.name == "detection")
LAYOUT = DETECTION.layout


def state(folder: Path, *operators: str) -> Path:
    """Return a checkpoint with these operators, as Flink lists them; their ids are zeros."""
    names = [len(name).to_bytes(2) + name.encode() for name in operators]
    listed = b"".join(2 * name + bytes(16) for name in names)
    (folder / "_metadata").write_bytes(b"I`g-" + listed)
    return folder


def test_a_real_checkpoint_of_before_is_recognised():
    assert is_former(BEFORE, LAYOUT)
    assert not is_current(BEFORE, LAYOUT)


@pytest.mark.parametrize("uid", ["read-frames", "detect", "understand", "write-log: Writer"])
def test_operators_are_found_in_a_real_checkpoint_by_their_uids(uid: str):
    assert is_current(BEFORE, StateLayout(uid, "none"))


@pytest.mark.parametrize("uid", ["rea", "read-frame", "nderstand", "track", "count", "narrate"])
def test_no_other_operators_are_found_in_it(uid: str):
    assert not is_current(BEFORE, StateLayout(uid, "none"))


def test_state_of_this_version_is_taken_up_whatever_operators_it_has(tmp_path: Path):
    checkpoint = state(tmp_path, "read-frames", "track", "judge")

    assert is_current(checkpoint, LAYOUT)
    assert rejection(DETECTION, checkpoint) == ""


def test_state_of_before_is_rejected_with_what_to_do_and_what_is_lost():
    error = rejection(DETECTION, BEFORE)

    assert f"an older version wrote its state, {BEFORE}" in error
    assert "start it with --fresh. Tracks, open alerts and counts" in error
    assert "\n" not in error


def test_jobs_whose_operators_have_not_changed_take_up_any_state():
    others = [job for job in JOBS if job is not DETECTION]

    assert others
    assert all(rejection(job, BEFORE) == "" for job in others)


def test_a_state_that_is_gone_is_reported(tmp_path: Path):
    assert "No such file" in rejection(DETECTION, tmp_path / "chk-1")


def test_a_start_without_state_is_never_rejected():
    assert rejection(DETECTION, None) == ""
    assert rejection(Job("detection", Path("detection.py")), BEFORE) == ""
