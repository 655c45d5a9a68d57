"""Data folders of stacks that were killed: tests and benchmarks make theirs for temporary files."""

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

from pycturestream.localstack.processes import owner

PREFIX: Final = "pycturestream-"
UNUSED_S: Final = 3_600
"""Whoever works with a data folder without a server that runs changes something within an hour."""
_MARK: Final = "pycturestream-temporary.txt"
_MARK_TEXT: Final = (
    "A data folder of a test or a benchmark. `pycturestream privacy clean` removes it once nobody "
    "uses it.\n"
)


def mark_temporary(folder: Path) -> None:
    """Say of a new data folder that it may be removed once nobody uses it.

    Its name says nothing: anybody may call a folder among the temporary files so, and have data
    in it that shall stay. Lets OSError through.
    """
    (folder / _MARK).write_text(_MARK_TEXT, "utf-8")


def remove_left_folders(data_folder: Path) -> list[Path]:
    """Remove the data folders that nobody uses, but never `data_folder`; return their paths.

    Lets OSError through.
    """
    removed = []
    for folder in left_folders(data_folder):
        shutil.rmtree(folder)
        removed.append(folder)
    return removed


def left_folders(data_folder: Path) -> list[Path]:
    """Return the marked data folders among the temporary files that nobody uses, of this user."""
    candidates = [folder for folder in _data_folders() if folder != data_folder.resolve()]
    if not candidates:
        return []
    used = list(_used_paths())
    return [
        folder
        for folder in candidates
        if not any(_names(text, str(folder)) for text in used)
        and time.time() - _changed_at(folder) > UNUSED_S
    ]


def _data_folders() -> Iterator[Path]:
    for folder in sorted(Path(tempfile.gettempdir()).resolve().glob(f"{PREFIX}*")):
        with suppress(FileNotFoundError):
            if folder.is_symlink() or not folder.is_dir():
                continue
            # Of the mark alone: root gives the folder to the user of its servers.
            mark = (folder / _MARK).lstat()
            if stat.S_ISREG(mark.st_mode) and mark.st_uid == os.geteuid():
                yield folder


def _used_paths() -> Iterator[str]:
    """Yield what names the folders that processes work with."""
    for process in psutil.process_iter():
        if data_folder := owner(process):
            yield data_folder
        with suppress(psutil.Error, OSError):
            yield process.cwd()
        with suppress(psutil.Error, OSError):
            yield from process.cmdline()
        with suppress(psutil.Error, OSError):
            yield from (file.path for file in process.open_files())


def _names(text: str, folder: str) -> bool:
    """Return whether a text has the path of a folder or of something in it."""
    _, found, after = text.partition(folder)
    return bool(found) and (not after or not (after[0].isalnum() or after[0] in "._-"))


def _changed_at(folder: Path) -> float:
    """Return when a folder or anything in it was last changed, in seconds since the epoch."""
    newest = folder.stat().st_mtime
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            with suppress(FileNotFoundError):
                newest = max(newest, Path(parent, name).lstat().st_mtime)
    return newest
