"""Starts and stops one server."""

import time
from collections.abc import Callable
from contextlib import suppress
from threading import Event

from pycturestream.localstack import StackError, processes
from pycturestream.localstack.ports import check_free, is_free
from pycturestream.localstack.server import Server, last_line
from pycturestream.localstack.unprivileged import hand_over, is_root, keep_private, unprivileged

READY = "ready"
RUNNING = "running"
"""What is reported of a server once it answers: of one that was started, and of one that ran."""
CLOSE_TIMEOUT_S = 3.0
POLL_S = 0.1

Report = Callable[[str, str], None]
"""Called with a server's name and what happens to it."""


class _EndedError(StackError):
    """A server ended before it answered."""


def no_report(_name: str, _message: str) -> None:
    """Report nothing."""


def launch(server: Server, report: Report = no_report, give_up: Event | None = None) -> bool:
    """Start the server unless it runs; return once it answers, and whether it was started.

    Raises StackError when a port is taken, when the server ends or does not answer in time, or
    once `give_up` is set; what was started is then stopped again.
    """
    folder = server.settings.data_folder.resolve()
    record = processes.read_process_record(folder, server.name)
    if record is not None and processes.leader(record):
        # It may end while it is waited for, as what lost its peer: then it is started as any other.
        with suppress(_EndedError):
            _wait(server, record, give_up or Event())
            report(server.name, RUNNING)
            return False
    if record is not None:
        processes.stop(record, folder)  # children of a server that was killed
        _wait_for_ports(server)
    check_free(server.name, server.settings.host, server.ports)
    server.prepare()
    command, environment = server.command(), server.environment()
    if server.gives_up_rights:
        keep_private(server.written)
        hand_over(server.written)
        command = unprivileged(command, server.reads, reads_all=server.reads_all)
        if is_root():
            environment = {"HOME": str(folder), **environment}  # not root's
    report(server.name, "starting")
    record = processes.start(
        server.name,
        command,
        environment,
        data_folder=folder,
        log=server.log,
        niceness=server.niceness,
    )
    try:
        _wait(server, record, give_up or Event())
    except StackError:
        processes.stop(record, folder)
        raise
    if server.gives_up_rights:
        keep_private(server.written)  # a server may set the rights of a file itself
    report(server.name, READY)
    return True


def halt(server: Server, report: Report = no_report) -> bool:
    """Stop the server if this copy started it; return whether there was anything to stop."""
    folder = server.settings.data_folder.resolve()
    record = processes.read_process_record(folder, server.name)
    if record is None:
        return False
    report(server.name, "stopping")
    processes.stop(record, folder)
    report(server.name, "stopped")
    return True


def _wait_for_ports(server: Server) -> None:
    """Wait a moment for the ports: a large process has ended before the system closes its files."""
    deadline = time.monotonic() + CLOSE_TIMEOUT_S
    while time.monotonic() < deadline:
        if all(is_free(server.settings.host, port) for port in server.ports):
            return
        time.sleep(POLL_S)


def _wait(server: Server, record: processes.ProcessRecord, give_up: Event) -> None:
    deadline = time.monotonic() + server.start_timeout_s
    while not server.is_ready():
        if processes.leader(record) is None:
            raise _EndedError(
                f"{server.name} ended while starting: {last_line(server.log)} (log: {server.log})"
            )
        if time.monotonic() > deadline:
            raise StackError(
                f"{server.name} did not answer within {server.start_timeout_s:.0f} s: "
                f"{last_line(server.log)} (log: {server.log})"
            )
        if give_up.wait(POLL_S):
            raise StackError(f"{server.name}: start cancelled")
