"""Files that only their owner may read: tokens, and the secrets that sign and identify."""

import os
import secrets
from pathlib import Path

from pycturestream.config.settings import Settings


def private_folder(settings: Settings) -> Path:
    """Return the folder, made where it is missing. Lets OSError through."""
    folder = settings.data_folder / "web"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def write_private(path: Path, data: bytes) -> None:
    """Replace a file as a whole: a reader sees the old one or the new one."""
    draft = _draft(path, data)
    draft.replace(path)


def read_or_make(path: Path, data: bytes) -> bytes:
    """Return the content of a file, which is made with `data` where it is missing.

    If several processes do this at once, one makes the file and all return its content.
    """
    if not path.exists():
        draft = _draft(path, data)
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()


def _draft(path: Path, data: bytes) -> Path:
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        if os.geteuid() == 0:
            # The folder's owner may be a server without root's rights, and must read it.
            folder = path.parent.stat()
            os.fchown(file.fileno(), folder.st_uid, folder.st_gid)
        file.write(data)
    return draft
