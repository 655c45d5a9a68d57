"""Runs servers without root's rights, and keeps their files from everybody else.

A server of root's runs as `nobody`, who then owns its files. What lies behind folders that nobody
may not enter, such as a clone in /root, it can read by one capability of root's, and only then has
it that.
"""

import os
import pwd
import shutil
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from pycturestream.localstack import StackError

USER: Final = "nobody"
READ_ALL: Final = "dac_read_search"
READ_ALL_BIT: Final = 2
"""Its number, as in linux/capability.h."""
OTHERS: Final = 0o077
"""The rights of group and others."""


def is_root() -> bool:
    return os.geteuid() == 0


def unprivileged(
    command: Sequence[str], reads: Iterable[Path] = (), *, reads_all: bool = False
) -> list[str]:
    """Return the command such that `nobody` runs it, if we are root; else as it is.

    `reads` are the folders that it must be able to enter; `reads_all` says that it must read other
    users' private files too. Raises StackError without setpriv
    (util-linux), or where it could not enter them.
    """
    if not is_root():
        return list(command)
    if shutil.which("setpriv") is None:
        raise StackError("no setpriv on PATH: install util-linux, or don't run as root")
    user = pwd.getpwnam(USER)
    identity = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    closed = [folder for folder in reads if not is_reachable(folder.resolve())]
    if not closed and not reads_all:
        capabilities = []
    elif _may_read_all():
        capabilities = [f"--inh-caps=+{READ_ALL}", f"--ambient-caps=+{READ_ALL}"]
    else:
        what = f"{closed[0]} can't be entered" if closed else "pictures by reference can't be read"
        raise StackError(
            f"{what} by {USER}, as whom root's servers run: allow it (chmod o+x, also of the "
            "folders above), or don't run as root"
        )
    return ["setpriv", *identity, "--no-new-privs", *capabilities, "--", *command]


def is_reachable(folder: Path) -> bool:
    """Return whether the unprivileged user can enter the folder: not in /root, for example."""
    if not is_root():
        return True
    user = pwd.getpwnam(USER).pw_uid
    for path in (folder, *folder.parents):
        with suppress(FileNotFoundError):
            status = path.stat()
            needed = stat.S_IXUSR if status.st_uid == user else stat.S_IXOTH
            if not status.st_mode & needed:
                return False
    return True


def make_private(path: Path) -> Path:
    """Make a file that only its owner can read, unless it is there; return its path.

    Whoever calls a function of this package may have another umask than our commands. Lets OSError
    through.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    return path


def keep_private(folder: Path) -> None:
    """Take all rights to the folder and all in it from group and others. Lets OSError through.

    What vanishes meanwhile is left out: servers may be running.
    """
    for path in _all_in(folder):
        with suppress(FileNotFoundError):
            status = path.lstat()
            # A link has no rights of its own, and may lead anywhere.
            if not stat.S_ISLNK(status.st_mode) and status.st_mode & OTHERS:
                path.chmod(stat.S_IMODE(status.st_mode) & ~OTHERS)


def hand_over(folder: Path) -> None:
    """Make the unprivileged user own the folder and all in it, if we are root."""
    if not is_root():
        return
    for path in _all_in(folder):
        with suppress(FileNotFoundError):
            give(path)


def give(path: Path | int) -> None:
    """Make the unprivileged user own one file, folder or open file, if we are root."""
    if not is_root():
        return
    user = pwd.getpwnam(USER)
    # A link that the server made must not give away what it points to.
    follow = isinstance(path, int)
    os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=follow)


def _all_in(folder: Path) -> Iterator[Path]:
    if folder.exists():
        yield folder
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            yield Path(parent) / name


def _may_read_all() -> bool:
    """Return whether this process may hand on the capability: not in every container."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("CapBnd:"):
            return bool(int(line.split()[1], 16) >> READ_ALL_BIT & 1)
    return False
