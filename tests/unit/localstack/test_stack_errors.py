import os
from types import SimpleNamespace

import psutil
import pytest

from pycturestream.config.settings import Settings
from pycturestream.localstack import StackError, machine
from pycturestream.localstack.java import java_home, java_version
from pycturestream.localstack.launch import launch
from pycturestream.localstack.machine import (
    MEMORY_MB,
    TASK_MANAGER_MB,
    check_machine,
    check_memory,
)
from pycturestream.localstack.processes import read_process_record
from pycturestream.localstack.server import Server, last_line
from pycturestream.localstack.submit import _outcome, root_cause


class DyingServer(Server):
    name = "dying"
    ports = {}  # noqa: RUF012 - a property in the base class

    def prepare(self):
        self.folder.mkdir(parents=True)

    def command(self):
        return ["sh", "-c", "echo starting; echo 'no space left'; echo '	at some.Frame'"]

    def is_ready(self):
        return False


@pytest.fixture
def only_path(monkeypatch, tmp_path):
    """A PATH of one empty folder, without JAVA_HOME."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    java_home.cache_clear()
    yield folder
    java_home.cache_clear()


def test_a_server_that_dies_is_reported_with_its_last_line_and_log(tmp_path):
    server = DyingServer(Settings(data_folder=tmp_path))
    with pytest.raises(StackError, match="dying ended while starting: no space left") as raised:
        launch(server)
    assert str(server.log) in str(raised.value)
    assert read_process_record(tmp_path, "dying") is None


@pytest.mark.usefixtures("only_path")
def test_a_missing_java_is_reported_with_what_to_install():
    with pytest.raises(StackError, match="no java on PATH: install JDK 17"):
        java_home()


def test_an_old_java_is_reported_with_its_version(only_path):
    java = only_path / "java"
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n")
    java.chmod(0o755)
    with pytest.raises(StackError, match="is Java 11: install JDK 17"):
        java_home()


@pytest.mark.parametrize(
    ("output", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('java version "1.8.0_402"', 8),
        ('openjdk version "21" 2023-09-19', 21),
        ("command not understood", 0),
    ],
)
def test_the_version_of_java_is_read_from_its_output(output, version):
    assert java_version(output) == version


def test_a_missing_maven_is_reported_before_anything_is_fetched(only_path, tmp_path):
    java = only_path / "java"
    java.write_text("#!/bin/sh\necho 'openjdk version \"17.0.2\"' >&2\n")
    java.chmod(0o755)
    settings = Settings(data_folder=tmp_path / "data", download_folder=tmp_path / "downloads")
    with pytest.raises(StackError, match="no mvn on PATH: install Maven"):
        check_machine(settings)


def test_a_data_folder_that_cant_be_made_is_reported_with_the_setting(tmp_path):
    (tmp_path / "file").touch()
    settings = Settings(data_folder=tmp_path / "file" / "data", download_folder=tmp_path)
    with pytest.raises(StackError, match="PYCTURESTREAM_DATA_FOLDER"):
        check_machine(settings)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_folder_that_cant_be_written_is_reported_with_the_setting(tmp_path):
    (tmp_path / "data").mkdir(mode=0o555)
    settings = Settings(data_folder=tmp_path / "data", download_folder=tmp_path)
    with pytest.raises(StackError, match="not writable; set PYCTURESTREAM_DATA_FOLDER"):
        check_machine(settings)


def test_the_last_line_is_no_stack_frame_and_not_empty(tmp_path):
    log = tmp_path / "server.log"
    log.write_text("first\nCaused by: the reason\n\tat a.Frame\n\t... 12 more\n\n")
    assert last_line(log) == "Caused by: the reason"


def test_a_log_that_was_never_written_gives_a_message_too(tmp_path):
    assert last_line(tmp_path / "none.log") == "it wrote no log"


def test_a_failure_in_python_is_reported_with_pythons_message():
    output = """\
Traceback (most recent call last):
  File "job.py", line 1, in <module>
ModuleNotFoundError: No module named 'nothing'
org.apache.flink.client.program.ProgramAbortException: java.lang.RuntimeException: Python process
Caused by: java.lang.RuntimeException: Python process exits with code: 1
"""
    assert root_cause(output) == "ModuleNotFoundError: No module named 'nothing'"


def test_a_failure_in_java_is_reported_with_javas_message():
    output = """\
py4j.protocol.Py4JJavaError: An error occurred while calling o386.getStreamGraph.
: java.lang.IllegalStateException: No operators defined in streaming topology.
	at org.apache.flink.Some.frame(Some.java:1)
Caused by: java.lang.RuntimeException: Python process exits with code: 1
"""
    expected = "java.lang.IllegalStateException: No operators defined in streaming topology."
    assert root_cause(output) == expected


def test_a_job_without_output_gives_a_message_too():
    assert root_cause("") == "nothing"


def test_a_job_after_the_end_of_the_client_says_so():
    assert _outcome([], in_time=True) == ("", "Flink's client had ended before")
    assert _outcome([], in_time=False)[1].startswith("Flink's client took longer than")


@pytest.fixture
def memory(monkeypatch):
    """Make so many megabytes available."""

    def available(megabytes):
        found = SimpleNamespace(available=megabytes << 20)
        monkeypatch.setattr(psutil, "virtual_memory", lambda: found)

    return available


def test_further_task_managers_need_further_memory(memory):
    memory(MEMORY_MB + TASK_MANAGER_MB)
    check_memory(Settings(task_managers=2))
    with pytest.raises(StackError, match="or fewer with PYCTURESTREAM_TASK_MANAGERS"):
        check_memory(Settings(task_managers=3))


def test_too_little_memory_is_reported_with_what_is_needed(memory):
    memory(1_000)
    with pytest.raises(StackError, match=f"1000 MB of memory available, {MEMORY_MB} needed"):
        check_memory(Settings())


def test_a_python_without_a_shared_library_is_reported_with_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "find_libpython", lambda: None)
    with pytest.raises(StackError, match=r"Debian: apt-get install libpython3\.11"):
        check_machine(Settings(data_folder=tmp_path))
