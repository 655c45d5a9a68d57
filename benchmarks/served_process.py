"""A server that is measured as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import psutil

from benchmarks import BenchmarkError

END_S: Final = 10
"""How long it may take to end."""


@contextmanager
def served_process(
    module: str, *arguments: str, environment: Mapping[str, str], failure: str
) -> Iterator[tuple[psutil.Process, int]]:
    """Run a module that prints its port; yield its process and that port.

    Raises BenchmarkError with the sentence `failure` where it prints none.
    """
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout else b""
            if not line.strip().isdigit():
                raise BenchmarkError(failure)
            yield psutil.Process(process.pid), int(line)
        finally:
            process.terminate()
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                process.kill()
