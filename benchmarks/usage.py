"""Processor and memory usage of each process, sampled during a measurement."""

import os
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeAlias

import psutil

from benchmarks import BenchmarkError
from pycturestream.config.settings import Settings
from pycturestream.localstack import processes
from pycturestream.localstack.flink import TaskManagerServer
from pycturestream.localstack.stack import PictureServer, known_servers

INTERVAL_S = 2.0
"""A sample costs some 5 ms of one core; windows are 15 s and longer."""

OTHERS = "everything else"
"""Used by no process of the benchmark: other programs, and the system itself."""
STOLEN = "stolen"
"""Given to other machines by the hypervisor although this one had work."""
WORKER = "worker: other"
"""A Python worker of Flink that has neither a model nor a store: it judges the past, or waits."""
BENCHMARK = "benchmark"

_DETECTOR = "pycturestream.detector.detector_server"
_COMMANDS = {
    _DETECTOR: "detector",
    "fn_execution.beam.beam_boot": WORKER,
    "CliFrontend": "flink client",
    "pycturestream.cli.main load": "load generator",
}
"""The roles of processes, by parts of their command lines."""

Identity: TypeAlias = tuple[int, float]
"""Of a process: its id, and when it was created."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Processor seconds at one moment, since each process began."""

    at: float
    """Seconds since the epoch."""
    used: Mapping[Identity, float]
    busy: float
    """Of all cores together, since the machine began."""
    stolen: float


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes."""

    resident: int
    proportional: int | None
    """Shared pages count by halves, thirds …; None where the system does not report it."""


class Recorder:
    """Samples all processes of a stack, and this one and its children, in a thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._samples: list[Sample] = []
        self._roles: dict[Identity, str] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._record, name="usage", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def cores(self, start: float, end: float) -> dict[str, float]:
        """Return how many cores each kind of process kept busy, the most first.

        From the last sample before `start` to the first after `end`, seconds since the epoch.
        """
        if self._samples[-1].at < end:
            self._samples.append(self._sample())
        return cores(window(self._samples, start, end), self._roles)

    def memory(self) -> dict[str, Memory]:
        """Return what each kind of process holds now, the most first."""
        found: dict[str, list[Memory]] = defaultdict(list)
        for process, role in self._family():
            memory = _memory(process)
            if memory:
                found[role].append(memory)
        sums = {role: _sum(memories) for role, memories in found.items()}
        return dict(sorted(sums.items(), key=lambda item: -item[1].resident))

    def _record(self) -> None:
        while not self._stop.is_set():
            self._samples.append(self._sample())
            self._stop.wait(INTERVAL_S)

    def _sample(self) -> Sample:
        used = {}
        for process, role in self._family():
            try:
                times = process.cpu_times()
                identity = process.pid, process.create_time()
            except psutil.NoSuchProcess:
                continue
            used[identity] = times.user + times.system
            self._roles[identity] = role
        machine = psutil.cpu_times()
        idle = machine.idle + getattr(machine, "iowait", 0.0)
        stolen = getattr(machine, "steal", 0.0)
        # Guests' time is part of user time as well.
        total = sum(machine) - getattr(machine, "guest", 0.0) - getattr(machine, "guest_nice", 0.0)
        return Sample(time.time(), used, total - idle - stolen, stolen)

    def _family(self) -> list[tuple[psutil.Process, str]]:
        """Return the processes that belong to this benchmark, with what each is."""
        folder = self._settings.data_folder.resolve()
        records = (
            processes.read_process_record(folder, server.name)
            for server in (*known_servers(self._settings), PictureServer(self._settings))
        )
        sessions = {record.pid: record.name for record in records if record}
        this, our_session = os.getpid(), os.getsid(0)
        found = []
        for process in psutil.process_iter():
            try:
                session = os.getsid(process.pid)
                if process.pid == this:
                    found.append((process, BENCHMARK))
                elif session in sessions or (session == our_session and process.ppid() == this):
                    found.append((process, self._role(process, sessions.get(session))))
            except (psutil.Error, OSError):
                continue  # it ended meanwhile
        return found

    def _role(self, process: psutil.Process, session: str | None) -> str:
        """Return what a process of a server's session, or a child of this one, is."""
        if session and not session.startswith(TaskManagerServer.name):
            return session
        known = self._roles.get((process.pid, process.create_time()), WORKER)
        if known not in {WORKER, BENCHMARK, session}:
            return known
        # A process that was just forked still has its parent's command line, so these may change.
        command = " ".join(process.cmdline())
        # The task manager starts its workers through shells, which count as its own.
        role = next(
            (role for part, role in _COMMANDS.items() if part in command), session or BENCHMARK
        )
        return self._work(process) if role == WORKER else role

    def _work(self, worker: psutil.Process) -> str:
        """Return what a Python worker does, by its children and connections."""
        if any(_DETECTOR in " ".join(child.cmdline()) for child in worker.children()):
            return "worker: detect"
        ports = self._settings.ports
        stores = {ports.redis: "redis", ports.elasticsearch: "elasticsearch"}
        for connection in worker.net_connections():
            store = stores.get(connection.raddr.port) if connection.raddr else None
            if store:
                return f"worker: write-{store}"
        return WORKER


def window(samples: Sequence[Sample], start: float, end: float) -> Sequence[Sample]:
    """Return the samples from the last one before `start` to the first one after `end`."""
    first = max((i for i, sample in enumerate(samples) if sample.at <= start), default=0)
    last = next((i for i, sample in enumerate(samples) if sample.at >= end), len(samples) - 1)
    if last <= first:
        raise BenchmarkError("too few samples of processor usage")
    return samples[first : last + 1]


def cores(samples: Sequence[Sample], roles: Mapping[Identity, str]) -> dict[str, float]:
    """Return the cores that each role kept busy between the first and the last sample.

    A process that began in between counts from zero, one that ended up to its last sample.
    """
    first, last = samples[0], samples[-1]
    seconds = last.at - first.at
    newest: dict[Identity, float] = {}
    for sample in samples:
        newest.update(sample.used)
    found: dict[str, float] = defaultdict(float)
    for process, used in newest.items():
        found[roles[process]] += (used - first.used.get(process, 0.0)) / seconds
    ours = sum(found.values())
    found = dict(sorted(found.items(), key=lambda item: -item[1]))
    found[OTHERS] = max(0.0, (last.busy - first.busy) / seconds - ours)
    found[STOLEN] = (last.stolen - first.stolen) / seconds
    return {role: round(number, 3) for role, number in found.items()}


def _memory(process: psutil.Process) -> Memory | None:
    try:
        full = process.memory_full_info()
    except psutil.AccessDenied:
        return Memory(process.memory_info().rss >> 20, None)
    except psutil.NoSuchProcess:
        return None
    return Memory(full.rss >> 20, full.pss >> 20)


def _sum(memories: Iterable[Memory]) -> Memory:
    memories = list(memories)
    shares = [memory.proportional for memory in memories]
    known = [share for share in shares if share is not None]
    return Memory(
        sum(memory.resident for memory in memories),
        sum(known) if len(known) == len(shares) else None,
    )
