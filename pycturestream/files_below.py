"""Files below a folder, reached step by step: no step follows a link or leaves the folder.

A link that somebody put there, even between two steps, leads nowhere: each folder is opened as the
child of the one before, and the system refuses links.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY


@contextmanager
def folder_below(root: Path, steps: Sequence[str], *, make: bool = False) -> Iterator[int]:
    """Yield the descriptor of a folder; each step is a plain name. OSError if there is none.

    `make` creates what is missing, for its owner alone, who is that of the folder around it.
    """
    if make:
        _make_root(root)
    here = os.open(root, _FOLDER)
    try:
        for step in steps:
            if make:
                _make(step, here)
            inner = os.open(step, _FOLDER | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = inner
        yield here
    finally:
        os.close(here)


@contextmanager
def file_below(root: Path, steps: Sequence[str]) -> Iterator[int]:
    """Yield the descriptor of a file to read, of any kind. OSError if there is none."""
    *folders, name = steps
    with folder_below(root, folders) as folder:
        # Without O_NONBLOCK, opening a pipe would wait for its other end.
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    try:
        yield file
    finally:
        os.close(file)


def give_as_around(made: int, around: int) -> None:
    """Let what root has made in a folder belong to that folder's owner; both are descriptors.

    Root's services have another user than its commands, and both work on the same files.
    """
    if os.geteuid() == 0:
        status = os.fstat(around)
        os.chown(made, status.st_uid, status.st_gid)


def _make_root(root: Path) -> None:
    if root.is_dir():
        return
    root.parent.mkdir(parents=True, exist_ok=True)
    with folder_below(root.parent, ()) as around:
        _make(root.name, around)


def _make(name: str, folder: int) -> None:
    try:
        os.mkdir(name, 0o700, dir_fd=folder)
    except FileExistsError:
        return
    made = os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
    try:
        give_as_around(made, folder)
    finally:
        os.close(made)
