import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from pycturestream.localstack import processes

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
PARENT_AND_CHILD = ["sh", "-c", "sleep 60 & sleep 60"]
DEAF = ["sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"]


@pytest.fixture
def start(tmp_path):
    """Start commands in the folder of this test; end what the test left."""
    records = []

    def starter(command, name="server"):
        log = tmp_path / "logs" / f"{name}.log"
        record = processes.start(name, command, {}, data_folder=tmp_path, log=log)
        records.append(record)
        return record

    yield starter
    for record in records:
        processes.stop(record, tmp_path)


@pytest.fixture
def foreign():
    """A process that is none of ours."""
    with subprocess.Popen(SLEEP, start_new_session=True) as process:
        yield psutil.Process(process.pid)
        process.kill()


def test_a_started_server_is_found_again_by_its_record(start, tmp_path):
    record = start(SLEEP)
    assert processes.read_process_record(tmp_path, "server") == record
    assert processes.leader(record).pid == record.pid


def test_a_server_does_not_share_our_session(start):
    record = start(SLEEP)
    assert os.getsid(record.pid) == record.pid


def test_a_server_that_lets_others_come_first_does_so_as_a_session(tmp_path):
    log = tmp_path / "server.log"
    record = processes.start("server", SLEEP, {}, data_folder=tmp_path, log=log, niceness=5)
    try:
        own = psutil.Process().nice()
        assert psutil.Process(record.pid).nice() in {
            own,
            min(own + 5, 19),
        }  # `nice` may not run yet
        group = Path(f"/proc/{record.pid}/autogroup")
        if group.exists() and (written := group.read_text()):
            assert written.split()[-2:] == ["nice", "5"]
    finally:
        processes.stop(record, tmp_path)


def test_the_output_of_a_server_is_in_its_log(start):
    record = start(["sh", "-c", "echo out; echo err >&2"])
    psutil.Process(record.pid).wait(10)
    assert record.log.read_text() == "out\nerr\n"


def test_the_log_before_the_last_start_is_kept(start):
    for word in ("first", "second"):
        record = start(["echo", word])
        psutil.Process(record.pid).wait(10)
    assert record.log.read_text() == "second\n"
    assert record.log.with_suffix(".previous.log").read_text() == "first\n"


def test_stop_ends_the_server_and_forgets_it(start, tmp_path):
    record = start(SLEEP)
    processes.stop(record, tmp_path)
    assert not psutil.pid_exists(record.pid)
    assert processes.read_process_record(tmp_path, "server") is None


def test_stop_ends_the_children_as_well(start, tmp_path):
    record = start(PARENT_AND_CHILD)
    child = _child(record)
    processes.stop(record, tmp_path)
    assert not child.is_running()


def test_stop_ends_the_children_that_a_killed_server_left(start, tmp_path):
    record = start(PARENT_AND_CHILD)
    child = _child(record)
    leader = psutil.Process(record.pid)
    leader.send_signal(signal.SIGKILL)
    leader.wait(10)
    processes.stop(record, tmp_path)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_stop_kills_a_server_that_does_not_listen(start, tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "TERM_TIMEOUT_S", 0.3)
    record = start(DEAF)
    processes.stop(record, tmp_path)
    assert not psutil.pid_exists(record.pid)


def test_a_record_whose_id_belongs_to_another_process_stops_nothing(tmp_path, foreign):
    # given a record of an earlier process, and a later process with the same id
    record = processes.ProcessRecord(
        "server", foreign.pid, foreign.create_time() - 3600, tmp_path / "server.log"
    )
    # when
    processes.stop(record, tmp_path)
    # then
    assert processes.leader(record) is None
    assert foreign.is_running()


def test_a_server_is_found_again_after_the_clock_was_set(start, tmp_path, monkeypatch):
    # given a server, and a system clock that was set a day ahead since it started
    record = start(SLEEP)
    created = psutil.Process.create_time
    monkeypatch.setattr(psutil.Process, "create_time", lambda process: created(process) + 86_400)
    # when
    processes.stop(processes.read_process_record(tmp_path, "server"), tmp_path)
    # then
    assert not psutil.pid_exists(record.pid)


@pytest.mark.parametrize("change", [{"boot_id": "an earlier one"}, {"start_ticks": 1}])
def test_a_record_of_another_boot_or_start_is_of_another_process(start, change):
    record = start(SLEEP)
    assert processes.leader(replace(record, **change)) is None


def test_a_record_of_an_older_version_is_understood(start, tmp_path):
    # given a record without boot and ticks
    record = start(SLEEP)
    file = tmp_path / "run" / "server.json"
    older = {
        name: value
        for name, value in json.loads(file.read_text()).items()
        if name not in {"boot_id", "start_ticks"}
    }
    file.write_text(json.dumps(older))
    # then
    found = processes.read_process_record(tmp_path, "server")
    assert processes.leader(found).pid == record.pid


def test_a_name_with_parentheses_hides_no_start(start, tmp_path):
    odd = tmp_path / "odd ) name ("
    odd.symlink_to(shutil.which("sleep"))
    record = start([str(odd), "60"])
    assert processes.leader(record).pid == record.pid


def test_a_dead_leaders_session_of_another_copy_is_left_alone(start, tmp_path):
    # given children whose leader is gone, marked with this copy's folder
    record = start(PARENT_AND_CHILD)
    child = _child(record)
    psutil.Process(record.pid).kill()
    psutil.Process(record.pid).wait(10)
    # when another copy has a record with the same number
    processes.stop(replace(record, name="other"), tmp_path / "other-copy")
    # then
    assert child.is_running()


def test_a_server_that_ended_is_not_alive_even_before_it_is_reaped(start):
    record = start(["true"])
    process = psutil.Process(record.pid)
    while process.status() != psutil.STATUS_ZOMBIE:
        pass
    assert processes.leader(record) is None


def test_a_record_that_makes_no_sense_is_none(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "server.json").write_text('{"name": "server"')
    assert processes.read_process_record(tmp_path, "server") is None


def _child(record):
    while True:
        children = psutil.Process(record.pid).children()
        if len(children) == 2:
            return children[0]
