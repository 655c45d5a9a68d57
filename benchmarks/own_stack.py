"""A stack for the benchmark alone, with its own ports and a temporary data folder."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import BenchmarkError
from pycturestream.application.stack import start_stack
from pycturestream.config.settings import Ports, Settings, settings
from pycturestream.localstack.launch import Report
from pycturestream.localstack.left_folders import mark_temporary
from pycturestream.localstack.ports import is_free
from pycturestream.localstack.stack import stop_stack, wipe
from pycturestream.signals import ends_as

ADDRESSES = ("KAFKA_SERVERS", "REDIS_ADDRESS", "ELASTICSEARCH_ADDRESS", "FLINK_ADDRESS")
FOLDERS = ("REFERENCE_FOLDER", "ARCHIVE")
"""Where pictures are kept that may be somebody's: without them, they are in the data folder."""


@contextmanager
def own_stack(report: Report, *, start: bool = True) -> Iterator[Settings]:
    """Yield the settings of a stack with its jobs, which ends with the block, also by Ctrl-C.

    They are in the environment too, for servers, workers and subprocesses. Without `start` nothing
    is started. Raises StackError.
    """
    with ends_as(signal.default_int_handler), _own_settings() as own:
        try:
            if start:
                start_stack(own, report)
            yield own
        finally:
            # A second Ctrl-C would leave servers running.
            with ends_as(signal.SIG_IGN):
                stop_stack(own, report)
                wipe(own)


@contextmanager
def _own_settings() -> Iterator[Settings]:
    offset = free_port_offset(settings().host)
    folder = Path(tempfile.mkdtemp(prefix="pycturestream-benchmark-"))
    folder.chmod(0o755)  # some servers run as another user
    mark_temporary(folder)
    try:
        with settings_in_environment(folder, offset) as own:
            yield own
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def settings_in_environment(folder: Path, port_offset: int) -> Iterator[Settings]:
    """Yield settings with this data folder and these ports, which processes that start have too."""
    before = dict(os.environ)
    for name in (*ADDRESSES, *FOLDERS):
        os.environ.pop(f"PYCTURESTREAM_{name}", None)  # never load somebody's production
    os.environ["PYCTURESTREAM_DATA_FOLDER"] = str(folder)
    os.environ["PYCTURESTREAM_PORT_OFFSET"] = str(port_offset)
    settings.cache_clear()
    try:
        yield settings()
    finally:
        os.environ.clear()
        os.environ.update(before)
        settings.cache_clear()


def free_port_offset(host: str) -> int:
    """Return the first offset at which all our ports are free. Raises BenchmarkError."""
    for offset in range(1_000, 50_000, 1_000):
        if all(is_free(host, port) for port in vars(Ports(offset)).values()):
            return offset
    raise BenchmarkError("no free ports: stop other stacks (`pycturestream down`)")
