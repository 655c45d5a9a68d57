"""`pycturestream load` as a process of its own, so that its usage is measured apart."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import msgspec

from benchmarks import BenchmarkError
from benchmarks.plan import CAMERAS, SEED
from pycturestream.config.settings import PROJECT_FOLDER

LoadProcess: TypeAlias = "subprocess.Popen[bytes]"


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one camera's frames on their way to the broker."""

    published: int
    dropped: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What the command prints."""

    started_at: str
    rate: float
    lag_ms: Mapping[str, float]
    cameras: Mapping[str, Sent]


@contextmanager
def loading(pictures: Path, prefix: str, fps: float, seconds: float) -> Iterator[LoadProcess]:
    """Load all cameras, each with `fps`; end the process with the block."""
    options = {
        "cameras": CAMERAS,
        "fps": fps,
        "seconds": seconds,
        "source": pictures,
        "seed": SEED,
        "prefix": prefix,
    }
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    with subprocess.Popen(
        [sys.executable, "-m", "pycturestream.cli.main", "load", *words, "--json"],
        cwd=PROJECT_FOLDER,
        env=os.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def camera_ids(prefix: str) -> list[str]:
    """Return the cameras of a load."""
    return [f"{prefix}-{number:02}" for number in range(1, CAMERAS + 1)]


def read_report(process: LoadProcess) -> LoadReport:
    """Return the report of the ended process. Raises BenchmarkError."""
    output, errors = process.communicate()
    if process.returncode != 0:
        last = errors.decode(errors="replace").strip().rpartition("\n")[2]
        raise BenchmarkError(f"the load generator failed: {last}")
    return msgspec.json.decode(output, type=LoadReport)
