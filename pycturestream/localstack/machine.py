"""Checks, before anything is started, whether this machine can run the stack."""

import os
import shutil
import sys
from pathlib import Path

import psutil
from find_libpython import find_libpython

from pycturestream.config.settings import Settings
from pycturestream.localstack import StackError
from pycturestream.localstack.fetch import is_fetched
from pycturestream.localstack.java import java_home

MEMORY_MB = 5_000
"""Servers and Flink take 2.5 GB, the three jobs' Python workers with TensorFlow 1.5 GB, the
supervisor with its Flink client 0.5 GB, the pages 0.2 GB."""
TASK_MANAGER_MB = 1_800
"""A further one, with one detector of the live job."""
DISK_MB = 3_000
"""Downloads are 170 MB, twice; ten minutes of pictures at 40 a second 2.4 GB."""


def check_machine(settings: Settings) -> None:
    """Raise StackError with the first requirement that is missing and how to get it."""
    java_home()
    _check_python()
    if not is_fetched(settings):
        _check_folder(settings.download_folder, "PYCTURESTREAM_DOWNLOAD_FOLDER")
        if shutil.which("mvn") is None:
            raise StackError("no mvn on PATH: install Maven (Debian: apt-get install maven)")
    _check_folder(settings.data_folder, "PYCTURESTREAM_DATA_FOLDER")
    free = shutil.disk_usage(settings.data_folder).free >> 20
    if free < DISK_MB:
        raise StackError(
            f"{free} MB of disk free in {settings.data_folder}, {DISK_MB} needed: free some space, "
            "or set PYCTURESTREAM_DATA_FOLDER to a folder on another disk"
        )


def check_memory(settings: Settings) -> None:
    """Raise StackError when servers and jobs would not fit into free memory."""
    needed = MEMORY_MB + (settings.task_managers - 1) * TASK_MANAGER_MB
    available = psutil.virtual_memory().available >> 20
    if available < needed:
        hint = ", or fewer with PYCTURESTREAM_TASK_MANAGERS" if settings.task_managers > 1 else ""
        raise StackError(
            f"{available} MB of memory available, {needed} needed: close other programs{hint}"
        )


def _check_python() -> None:
    """Raise StackError when this Python can't run inside a task manager."""
    if find_libpython() is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise StackError(
            f"this Python {version} has no shared library, by which it runs inside Flink's task "
            f"managers: install libpython{version} (Debian: apt-get install libpython{version}), "
            "or take one that was built with --enable-shared"
        )


def _check_folder(folder: Path, setting: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StackError(f"{folder}: {error.strerror}; set {setting} to another folder") from error
    if not os.access(folder, os.W_OK):
        raise StackError(f"{folder} is not writable; set {setting} to another folder")
