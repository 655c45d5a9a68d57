"""What the figures were measured on."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from pycturestream.localstack import StackError
from pycturestream.localstack.java import java_home

PACKAGES = (
    "apache-flink",
    "tensorflow",
    "tensorflow-cpu",
    "opencv-python-headless",
    "kafka-python",
    "numpy",
)


def describe_machine() -> dict[str, object]:
    """Return the machine, the versions that matter, and how busy it was before."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(),
        "versions": {
            "python": platform.python_version(),
            "java": _java_version(),
            **{package: found for package in PACKAGES if (found := _version(package))},
        },
        "load_before": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.machine())


def _java_version() -> str:
    try:
        lines = (java_home() / "release").read_text().splitlines()
    except StackError:  # some parts need none
        return "none"
    pairs = dict(line.partition("=")[::2] for line in lines)
    return pairs.get("JAVA_VERSION", "unknown").strip('"')


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
