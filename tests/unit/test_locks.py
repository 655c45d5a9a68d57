"""File locks: one process works on a file, the others wait or are turned away."""

import subprocess
import sys
import threading

import pytest

from pycturestream.locks import LockedError, hold_lock, wait_for_lock
from tests.waiting import eventually

HOLDER = "another `pycturestream notify`"


def test_a_store_has_one_service_at_a_time(tmp_path):
    path = tmp_path / "notifications.db"

    with (
        hold_lock(path, HOLDER),
        pytest.raises(LockedError, match=f"{HOLDER} works on it"),
        hold_lock(path, HOLDER),
    ):
        pass
    with hold_lock(path, HOLDER):
        pass


def test_the_lock_of_a_killed_process_is_free_again(tmp_path):
    path = tmp_path / "notifications.db"
    script = (
        "import pathlib, sys\n"
        "from pycturestream.locks import hold_lock\n"
        "with hold_lock(pathlib.Path(sys.argv[1]), 'it'):\n"
        "    print('held', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(LockedError), hold_lock(path, HOLDER):
            pass
        process.kill()

    with hold_lock(path, HOLDER):
        pass


def test_who_waits_for_a_lock_gets_it_after_the_one_before(tmp_path):
    path, entered = tmp_path / "tokens.json", threading.Event()

    def second():
        with wait_for_lock(path):
            entered.set()

    with wait_for_lock(path):
        thread = threading.Thread(target=second)
        thread.start()
        assert not entered.wait(0.2)
    assert eventually(entered.is_set)
    thread.join()
