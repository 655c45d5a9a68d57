"""Reports the state of servers and jobs."""

from dataclasses import dataclass, replace

import psutil
import requests

from pycturestream.config.settings import Settings
from pycturestream.localstack import processes
from pycturestream.localstack.job_states import JobStatus, running_jobs
from pycturestream.localstack.jobs import JOBS
from pycturestream.localstack.server import Server
from pycturestream.localstack.stack import (
    PictureServer,
    SampleCameras,
    Supervisor,
    is_running,
    known_servers,
)


@dataclass(frozen=True, slots=True)
class ServerStatus:
    name: str
    pid: int | None
    """None if it does not run, or this copy did not start it."""
    port: int | None
    """None if nobody connects to it."""
    healthy: bool
    memory_mb: int
    """Resident, with its children: Flink's Python workers belong to the task manager."""
    log: str
    is_optional: bool = False
    """Whether the stack does its work without it."""
    write_block: str = ""
    """Why it takes no records although it is healthy: its job waits."""


def server_statuses(settings: Settings) -> list[ServerStatus]:
    """Return the servers, and those of their helpers that run: cameras, pictures, supervisor."""
    helpers: list[Server] = [
        SampleCameras(settings),
        PictureServer(settings),
        Supervisor(settings),
    ]
    running = [helper for helper in helpers if is_running(helper)]
    return [
        *(_status(server) for server in known_servers(settings)),
        *(replace(_status(helper), is_optional=True) for helper in running),
    ]


def job_statuses(settings: Settings) -> list[JobStatus]:
    """Return the jobs that run, and those that should with state MISSING."""
    try:
        running = running_jobs(settings)
    except requests.RequestException:
        running = []
    names = {job.name for job in running}
    missing = [
        JobStatus(job.name, id="", state="MISSING", started_at=0, restarts=0)
        for job in JOBS
        if job.name not in names
    ]
    return running + missing


def _status(server: Server) -> ServerStatus:
    folder = server.settings.data_folder.resolve()
    record = processes.read_process_record(folder, server.name)
    alive = record if record is not None and processes.leader(record) else None
    healthy = alive is not None and server.is_ready()
    family = processes.members(alive, folder) if alive else []
    return ServerStatus(
        name=server.name,
        pid=alive.pid if alive else None,
        port=next(iter(server.ports), None),
        healthy=healthy,
        memory_mb=sum(_resident(process) for process in family) >> 20,
        log=str(server.log),
        is_optional=server.is_optional,
        write_block=server.write_block() if healthy else "",
    )


def _resident(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.NoSuchProcess:
        return 0
