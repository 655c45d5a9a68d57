"""`pycturestream status`: the state of the local stack and its jobs."""

from dataclasses import asdict

import typer

from pycturestream.cli.output import AsJson, console, print_json, print_line, print_table
from pycturestream.clock import now
from pycturestream.config.settings import settings
from pycturestream.domain.times import format_span
from pycturestream.localstack.job_states import JobStatus
from pycturestream.localstack.outages import as_record, read_outages
from pycturestream.localstack.server_names import SERVE
from pycturestream.localstack.status import ServerStatus, job_statuses, server_statuses
from pycturestream.localstack.supervision import supervision
from pycturestream.localstack.web_server import WebServer


def status(*, as_json: AsJson = False) -> None:
    """Show servers and jobs; the exit status is 1 if one that should run does not, or waits.

    Example: `pycturestream status --json`
    """
    servers, jobs = server_statuses(settings()), job_statuses(settings())
    if as_json:
        print_json({"kind": "server", **asdict(server)} for server in servers)
        print_json({"kind": "job", **asdict(job)} for job in jobs)
        print_json(as_record(outage) for outage in read_outages(settings()))
    else:
        print_table(
            ("server", "health", "pid", "port", "memory"),
            (_server(server) for server in servers),
            empty="",
        )
        for server in servers:
            if server.write_block:
                line = f"{server.name} takes no records, its job waits: {server.write_block}"
                console.print(line, soft_wrap=True, markup=False, highlight=False)
        console.print()
        print_table(
            ("job", "state", "restarts", "last checkpoint"), (_job(job) for job in jobs), empty=""
        )
        if lines := supervision(settings()):
            print_line("\n" + "\n".join(lines))
        if any(server.name == SERVE and server.healthy for server in servers):
            print_line(f"\nlive page: {WebServer(settings()).live_page}")
        logs = settings().data_folder.resolve() / "logs"
        console.print(f"\nlogs: {logs}", soft_wrap=True, highlight=False)
    needed = [server for server in servers if not server.is_optional]
    if not all(server.healthy and not server.write_block for server in needed) or not all(
        job.state == "RUNNING" for job in jobs
    ):
        raise typer.Exit(1)


def _server(server: ServerStatus) -> tuple[object, ...]:
    port = "" if server.port is None else server.port
    if server.pid is None:
        return server.name, "not running", "", port, ""
    health = "healthy" if server.healthy else "not answering"
    return server.name, health, server.pid, port, f"{server.memory_mb} MB"


def _job(job: JobStatus) -> tuple[object, ...]:
    checkpoint = job.last_checkpoint_at
    ago = f"{format_span(now() - checkpoint)} ago" if checkpoint else "none yet"
    return job.name, job.state, job.restarts, ago
