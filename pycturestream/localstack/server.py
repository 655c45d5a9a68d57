"""What all servers of the local stack have in common."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

from pycturestream.config.settings import Settings

TAIL_BYTES = 8192


class Server(ABC):
    """One process of the local stack, with a folder of its own for its files."""

    name: str

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

    @abstractmethod
    def is_ready(self) -> bool:
        """Return whether it answers; never raises."""

    @property
    def log(self) -> Path:
        return self.settings.data_folder.resolve() / "logs" / f"{self.name}.log"


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
