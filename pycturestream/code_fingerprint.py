"""A fingerprint of the code that runs in this process.

Modules live as long as their process. Operators that run inside a task manager are its modules, so
that a task manager which started before the code changed runs the old code, without a word. Client
and operator compare their fingerprints instead.
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from pycturestream.errors import ServiceError

_PROJECT: Final = Path(__file__).resolve().parents[1]
_PACKAGES: Final = ("jobs", "pycturestream", "udfs")
"""What runs in a task manager."""
_PATTERNS: Final = ("*.py", "*.ftl")
"""Programs, and the sentences that they speak."""
_REQUIREMENTS: Final = ("requirements.txt", "requirements-gpu.txt")
"""What is installed beside it."""


class OldCodeError(ServiceError):
    """A task manager runs other code than the job that it is to run; the message is one line."""


def require_code(fingerprint: str) -> None:
    """Raise OldCodeError unless this process runs the code with this fingerprint.

    For `open()` of an operator that runs inside a task manager, with the client's fingerprint.
    """
    if fingerprint != _AT_IMPORT:
        raise OldCodeError(
            f"the task manager runs code {_AT_IMPORT}, the job was submitted with {fingerprint}: "
            "restart all task managers, then submit the job again (`pycturestream up` does both)"
        )


def code_fingerprint() -> str:
    """Return the fingerprint of the sources as they were when this process imported this module.

    It is the same in each process that runs the same code, wherever the code lies.
    """
    return _AT_IMPORT


def current_fingerprint(project: Path = _PROJECT) -> str:
    """Return the fingerprint of the sources as they are now. Lets OSError through."""
    return _digest(project, _sources(project))


def _sources(project: Path) -> Iterator[Path]:
    for package in _PACKAGES:
        for pattern in _PATTERNS:
            yield from (project / package).rglob(pattern)
    for name in _REQUIREMENTS:
        if (project / name).is_file():
            yield project / name


def _digest(project: Path, files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for name, file in sorted((file.relative_to(project).as_posix(), file) for file in files):
        content = file.read_bytes()
        # With their lengths, or one file's end could be read as the next one's beginning.
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


_AT_IMPORT: Final = current_fingerprint()
