"""Runs a command without root's rights, for a server that refuses root."""

import hashlib
import os
import pwd
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path

from pycturestream.localstack.errors import StackError

USER = "nobody"
OUTSIDE = Path("/var/tmp")  # noqa: S108 - checked for its owner below


def unprivileged(command: Sequence[str]) -> list[str]:
    """Return the command as `nobody` would run it, when we are root; else as it is.

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
    """Say whether the unprivileged user may walk to the folder: not into /root, for example."""
    if os.geteuid() != 0:
        return True
    ways = [path for path in (folder, *folder.parents) if path.exists()]
    return all(path.stat().st_mode & stat.S_IXOTH for path in ways)


def outside(folder: Path) -> Path:
    """Return root's own folder in a place that all may walk to, one for each `folder`.

    Raises StackError when someone else has it.
    """
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    room = OUTSIDE / f"pycturestream-{name}"
    room.mkdir(mode=0o711, exist_ok=True)
    if room.is_symlink() or room.stat().st_uid != 0:
        raise StackError(f"{room} is not root's: delete it, or don't run as root")
    return room


def give(folder: Path) -> None:
    """Make the folder and all in it the unprivileged user's, when we are root."""
    if os.geteuid() != 0:
        return
    user = pwd.getpwnam(USER)
    for path in (folder, *folder.rglob("*")):
        # A link that the server made must not give away what it points to.
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
