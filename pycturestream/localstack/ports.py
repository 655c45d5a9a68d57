"""Checks whether ports are free, and finds who listens on one."""

import socket
from collections.abc import Mapping

import psutil

from pycturestream.localstack import StackError
from pycturestream.localstack.processes import owner


def check_free(server: str, host: str, ports: Mapping[int, str]) -> None:
    """Raise StackError when another process has one of the ports; the message names it."""
    for port, purpose in ports.items():
        if not is_free(host, port):
            raise StackError(
                f"port {port} ({purpose}) is taken by {_holder(port)}: stop it, or shift all "
                f"ports with PYCTURESTREAM_PORT_OFFSET=1000; {server} was not started"
            )


def is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        # As the servers do it: a port in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def _holder(port: int) -> str:
    pids = {
        connection.pid
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,)
    }
    pid = next((pid for pid in pids if pid), None)
    if pid is None:
        return "a process of another user"
    process = psutil.Process(pid)
    copy = owner(process)
    of_copy = f", of the stack in {copy}" if copy else ""
    return f"{process.name()} (pid {pid}{of_copy})"
