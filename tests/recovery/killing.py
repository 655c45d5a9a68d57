"""Ends processes of the stack as a crash would: at once, without a signal handler."""

import psutil

from pycturestream.config.settings import Settings
from pycturestream.localstack import processes
from pycturestream.localstack.flink import TaskManagerServer
from pycturestream.localstack.server import Server


def kill_server(server: Server) -> None:
    """Kill the server's own process, not its children."""
    _kill(_leader(server))


def kill_detector(settings: Settings) -> None:
    """Kill the process in which the model of the live job runs."""
    _kill(_detector(settings))


def kill_detection_worker(settings: Settings) -> None:
    """Kill the Python worker that passes pictures to the model."""
    _kill(psutil.Process(_detector(settings).ppid()))


def _leader(server: Server) -> psutil.Process:
    record = processes.read_process_record(server.settings.data_folder.resolve(), server.name)
    assert record
    process = processes.leader(record)
    assert process
    return process


def _detector(settings: Settings) -> psutil.Process:
    family = _leader(TaskManagerServer(settings)).children(recursive=True)
    (detector,) = (
        process
        for process in family
        if "pycturestream.detector.detector_server" in process.cmdline()
    )
    return detector


def _kill(process: psutil.Process) -> None:
    process.kill()
    process.wait(10)
