"""Runs a command without root's rights, for a server that does not run as root."""

import hashlib
import os
import pwd
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path

from pycturestream.localstack import StackError

USER = "nobody"
FALLBACK = Path("/var/tmp")  # noqa: S108 - its owner is checked below


def unprivileged(command: Sequence[str]) -> list[str]:
    """Return the command such that `nobody` runs it, if we are root; else as it is.

    Raises StackError without setpriv (util-linux).
    """
    if os.geteuid() != 0:
        return list(command)
    if shutil.which("setpriv") is None:
        raise StackError("no setpriv on PATH: install util-linux, or don't run as root")
    user = pwd.getpwnam(USER)
    identity = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return ["setpriv", *identity, "--", *command]


def is_reachable(folder: Path) -> bool:
    """Return whether the unprivileged user can reach the folder: not in /root, for example."""
    if os.geteuid() != 0:
        return True
    parts = [path for path in (folder, *folder.parents) if path.exists()]
    return all(path.stat().st_mode & stat.S_IXOTH for path in parts)


def fallback_folder(folder: Path) -> Path:
    """Return a folder of root's that all can reach, one for each `folder`; make it if need be.

    Raises StackError when it belongs to another user.
    """
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    fallback = FALLBACK / f"pycturestream-{name}"
    fallback.mkdir(mode=0o711, exist_ok=True)
    if fallback.is_symlink() or fallback.stat().st_uid != 0:
        raise StackError(f"{fallback} is not root's: delete it, or don't run as root")
    return fallback


def chown_tree(folder: Path) -> None:
    """Make the unprivileged user own the folder and all in it, if we are root."""
    if os.geteuid() != 0:
        return
    user = pwd.getpwnam(USER)
    for path in (folder, *folder.rglob("*")):
        # A link that the server made must not give away what it points to.
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
