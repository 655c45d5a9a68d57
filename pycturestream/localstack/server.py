"""What all servers of the local stack have in common."""

import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

from pycturestream.config.settings import PROJECT_FOLDER, Settings
from pycturestream.localstack.java import java_home

PYTHON = Path(sys.base_prefix)
"""Where the Python is that a virtual environment only links to."""

TAIL_BYTES = 8192


class Server(ABC):
    """One process of the local stack, with a folder of its own for its files."""

    name: str
    niceness = 0
    """How far others come first where there are too few cores, 0 to 19."""
    is_optional = False
    """Whether the stack does its work without it: then its failure is reported, and no more."""
    follows: tuple[str, ...] = ()
    """Of an optional server: the names of those that are ready before it is started."""
    start_timeout_s = 180.0
    """Elasticsearch needs ten seconds on two idle cores; a loaded machine is far slower."""
    gives_up_rights = True
    """Whether it runs as another user where we are root."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.folder = settings.data_folder.resolve() / self.name

    @property
    @abstractmethod
    def ports(self) -> Mapping[int, str]:
        """The ports that it listens on, and what each is for."""

    @abstractmethod
    def prepare(self) -> None:
        """Write its configuration; and its storage, if it has none yet."""

    @abstractmethod
    def command(self) -> list[str]:
        """Return what to execute. It stays in the foreground and logs to its output."""

    def environment(self) -> dict[str, str]:
        """Return environment variables that it needs on top of ours."""
        return {}

    @property
    def written(self) -> Path:
        """The folder that it writes to."""
        return self.folder

    @property
    def reads(self) -> tuple[Path, ...]:
        """The folders that it must be able to enter, whoever it runs as."""
        return readable(self.settings)

    @property
    def reads_all(self) -> bool:
        """Whether it must read private files of other users."""
        return False

    @abstractmethod
    def is_ready(self) -> bool:
        """Return whether it answers; never raises."""

    def write_block(self) -> str:
        """Return why it takes no records although it is ready; empty where it does."""
        return ""

    @property
    def log(self) -> Path:
        return self.settings.data_folder.resolve() / "logs" / f"{self.name}.log"


def readable(settings: Settings) -> tuple[Path, ...]:
    """Return the folders of programs and data that every server needs."""
    programs = java_home(), Path(sys.prefix), settings.download_folder
    return PROJECT_FOLDER, *programs, settings.data_folder


def last_line(log: Path) -> str:
    """Return the last line of a log that is neither empty nor a stack frame."""
    if not log.is_file():
        return "it wrote no log"
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - TAIL_BYTES))
        lines = file.read().decode(errors="replace").splitlines()
    messages = [line.strip() for line in lines if line.strip() and not _is_frame(line)]
    return messages[-1] if messages else "its log is empty"


def _is_frame(line: str) -> bool:
    return line.lstrip().startswith(("at ", "... "))
