"""Starts servers as processes of their own, records them, and stops those and no others.

A process id alone identifies nothing: the system reuses it once its process has ended. So a record
also holds the time of creation, and the environment of every server carries the data folder that it
belongs to.
"""

import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import psutil

MARK: Final = "PYCTURESTREAM_DATA_FOLDER"
"""Marks a server, and the Python workers that it starts, with the copy that it belongs to."""
CLOCK_SLACK_S = 2.0
"""psutil derives creation times from the boot time, which moves when the clock is set."""
TERM_TIMEOUT_S = 15.0
"""Elasticsearch and Kafka close their files in two to five seconds on a busy machine."""
KILL_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """A server that this copy started: the leader of a session that holds its children."""

    name: str
    pid: int
    created: float
    """Seconds since the epoch, as reported by the system."""
    log: Path


def start(
    name: str,
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    data_folder: Path,
    log: Path,
) -> ProcessRecord:
    """Start `command` in a session of its own and write its record; the last log is kept.

    Raises OSError when it can't be executed.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_suffix(".previous.log"))
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    pid = os.posix_spawnp(
        command[0],
        list(command),
        {**os.environ, **environment, MARK: str(data_folder)},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, log, flags, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )
    record = ProcessRecord(name, pid, psutil.Process(pid).create_time(), log)
    file = _record_file(data_folder, name)
    file.parent.mkdir(parents=True, exist_ok=True)
    # Renamed into place: a record is complete or absent.
    unfinished = file.with_suffix(".unfinished")
    unfinished.write_bytes(msgspec.json.encode(record, enc_hook=str))
    unfinished.replace(file)
    return record


def read_process_record(data_folder: Path, name: str) -> ProcessRecord | None:
    """Return what was started under this name, whether or not it still runs."""
    try:
        content = _record_file(data_folder, name).read_bytes()
        return msgspec.json.decode(content, type=ProcessRecord, dec_hook=_decode)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def forget(data_folder: Path, name: str) -> None:
    _record_file(data_folder, name).unlink(missing_ok=True)


def leader(record: ProcessRecord) -> psutil.Process | None:
    """Return the record's process; None when it has ended, even if its id is in use again."""
    try:
        process = psutil.Process(record.pid)
        alive = process.status() != psutil.STATUS_ZOMBIE
        same = abs(process.create_time() - record.created) <= CLOCK_SLACK_S
    except psutil.NoSuchProcess:
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
    _end(members(record, data_folder), signal.SIGTERM, TERM_TIMEOUT_S)
    # Children may have started while the parent was ending.
    _end(members(record, data_folder), signal.SIGKILL, KILL_TIMEOUT_S)
    forget(data_folder, record.name)


def _end(processes: Sequence[psutil.Process], number: signal.Signals, timeout_s: float) -> None:
    for process in processes:
        try:
            process.send_signal(number)  # psutil checks the time of creation again
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(processes, timeout=timeout_s)


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


def _record_file(data_folder: Path, name: str) -> Path:
    return data_folder / "run" / f"{name}.json"


def _decode(kind: type, value: str) -> object:
    return kind(value)
