"""Starts servers as processes of their own, records them, and stops those and no others.

A process id alone identifies nothing: the system reuses it once its process has ended. So a record
also holds when its process started, in ticks since the system did, which no change of the clock
moves; and the environment of every server carries the data folder that it belongs to.
"""

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Final

import msgspec
import psutil

from pycturestream.config.private_files import write_private
from pycturestream.localstack.unprivileged import OTHERS, give

MARK: Final = "PYCTURESTREAM_DATA_FOLDER"
"""Marks a server, and the Python workers that it starts, with the copy that it belongs to."""
CLOCK_SLACK_S = 2.0
"""For records without a boot: psutil derives creation times from the boot time, which moves when
the clock is set."""
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_START_TICKS: Final = 19
"""Where the start stands in `/proc/PID/stat` behind the name: field 22 of proc(5)."""
TERM_TIMEOUT_S = 15.0
"""Elasticsearch and Kafka close their files in two to five seconds on a busy machine."""
KILL_TIMEOUT_S = 5.0
_LOG_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
_umask = Lock()
"""Threads start servers at the same time, and all of them have one umask."""


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """A server that this copy started: the leader of a session that holds its children."""

    name: str
    pid: int
    created: float
    """Seconds since the epoch, as reported by the system: only older records are judged by it."""
    log: Path
    boot_id: str = ""
    """The start of the system in which it ran; empty in older records."""
    start_ticks: int = 0
    """When it started, in ticks since the system did."""
    stopping: bool = False
    """Whether it is being stopped: then its end is no failure."""


def start(
    name: str,
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    data_folder: Path,
    log: Path,
    niceness: int = 0,
) -> ProcessRecord:
    """Start `command` in a session of its own and write its record; the last log is kept.

    `niceness`, 0 to 19: how far others come first where there are too few cores. Raises OSError
    when it can't be executed.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_suffix(".previous.log"))
    if niceness:
        command = ["nice", "-n", str(niceness), *command]
    output = os.open(log, _LOG_FLAGS, 0o600)
    try:
        give(output)
        with _private_files():
            pid = os.posix_spawnp(
                command[0],
                list(command),
                {**os.environ, **environment, MARK: str(data_folder)},
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_DUP2, output, 1),
                    (os.POSIX_SPAWN_DUP2, output, 2),
                ],
                setsid=True,
            )
    finally:
        os.close(output)
    if niceness:
        _let_other_sessions_first(pid, niceness)
    created = psutil.Process(pid).create_time()
    record = ProcessRecord(name, pid, created, log, _boot_id(), _start_ticks(pid))
    _write(record, data_folder)
    return record


def read_process_record(data_folder: Path, name: str) -> ProcessRecord | None:
    """Return what was started under this name, whether or not it still runs."""
    try:
        content = _record_file(data_folder, name).read_bytes()
        return msgspec.json.decode(content, type=ProcessRecord, dec_hook=_decode)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def is_running(data_folder: Path, name: str) -> bool:
    """Return whether what was started under this name runs."""
    record = read_process_record(data_folder, name)
    return record is not None and leader(record) is not None


def has_ended(data_folder: Path, name: str) -> bool:
    """Return whether what was started under this name has ended without being stopped."""
    record = read_process_record(data_folder, name)
    if record is None or leader(record) is not None:
        return False
    # Read again: it may have been stopped since.
    if record.stopping or read_process_record(data_folder, name) != record:
        return False
    _reap(record.pid)
    return True


def forget(data_folder: Path, name: str) -> None:
    _record_file(data_folder, name).unlink(missing_ok=True)


def leader(record: ProcessRecord) -> psutil.Process | None:
    """Return the record's process; None when it has ended, even if its id is in use again."""
    try:
        process = psutil.Process(record.pid)
        alive = process.status() != psutil.STATUS_ZOMBIE
        same = _is_same(process, record)
    except (psutil.NoSuchProcess, ProcessLookupError, FileNotFoundError):
        return None
    return process if alive and same else None


def members(record: ProcessRecord, data_folder: Path) -> list[psutil.Process]:
    """Return the living processes of the record's session: the server and all its children.

    A server that was killed leaves its children behind; MARK identifies them.
    """
    found = leader(record)
    if found is None and psutil.pid_exists(record.pid) and not _is_zombie(record.pid):
        return []  # another process has the id, and may lead a session of that number
    return [
        process
        for process in psutil.process_iter()
        if _session(process) == record.pid
        and not _is_zombie(process.pid)
        and (found is not None or owner(process) == str(data_folder))
    ]


def owner(process: psutil.Process) -> str | None:
    """Return the data folder of the copy that this process belongs to; None if of no copy."""
    try:
        return process.environ().get(MARK)
    except (psutil.Error, OSError):
        return None


def stop(record: ProcessRecord, data_folder: Path) -> None:
    """End the record's processes, by SIGTERM and then SIGKILL, and delete the record."""
    _write(replace(record, stopping=True), data_folder)
    # What the children of a server do that was killed is of no use to anybody.
    if leader(record) is not None:
        _end(members(record, data_folder), signal.SIGTERM, TERM_TIMEOUT_S)
    # Children may have started while the parent was ending.
    _end(members(record, data_folder), signal.SIGKILL, KILL_TIMEOUT_S)
    _reap(record.pid)
    forget(data_folder, record.name)


def _is_same(process: psutil.Process, record: ProcessRecord) -> bool:
    if record.boot_id:
        return (_boot_id(), _start_ticks(process.pid)) == (record.boot_id, record.start_ticks)
    return abs(process.create_time() - record.created) <= CLOCK_SLACK_S


def _let_other_sessions_first(pid: int, niceness: int) -> None:
    """Lower the priority of a process's session: the one of a process counts only within it.

    So it is where Linux groups tasks by session (sched_autogroup_enabled); elsewhere there is
    nothing to write to.
    """
    with suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(niceness), "ascii")


def _boot_id() -> str:
    return _BOOT_ID.read_text("ascii").strip()


def _start_ticks(pid: int) -> int:
    # A name may hold spaces and parentheses.
    _, _, fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")
    return int(fields.split()[_START_TICKS])


@contextmanager
def _private_files() -> Iterator[None]:
    """Let what is started in the block make files that only their owner can read."""
    with _umask:
        before = os.umask(OTHERS)
        try:
            yield
        finally:
            os.umask(before)


def _end(processes: Sequence[psutil.Process], number: signal.Signals, timeout_s: float) -> None:
    for process in processes:
        try:
            process.send_signal(number)  # psutil checks the time of creation again
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(processes, timeout=timeout_s)


def _reap(pid: int) -> None:
    """Let a process that has ended vanish, if it was started by this one."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _session(process: psutil.Process) -> int | None:
    try:
        return os.getsid(process.pid)
    except OSError:
        return None


def _is_zombie(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _write(record: ProcessRecord, data_folder: Path) -> None:
    file = _record_file(data_folder, record.name)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_private(file, msgspec.json.encode(record, enc_hook=str))


def _record_file(data_folder: Path, name: str) -> Path:
    return data_folder / "run" / f"{name}.json"


def _decode(kind: type, value: str) -> object:
    return kind(value)
