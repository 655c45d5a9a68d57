"""What all servers of the local stack have in common."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from pycturestream.config.settings import Settings


class Server(ABC):
    """One process of the local stack. Its files lie in a folder of its own."""

    name: ClassVar[str]

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.folder = settings.data_folder.resolve() / self.name

    @property
    @abstractmethod
    def ports(self) -> Mapping[int, str]:
        """The ports that it listens on, and what each is for."""

    @abstractmethod
    def prepare(self) -> None:
        """Write its configuration; and its storage, where there is none yet."""

    @abstractmethod
    def command(self) -> list[str]:
        """Return what to execute. It stays in the foreground and logs to its output."""

    def environment(self) -> dict[str, str]:
        """Return what it needs in the environment, on top of ours."""
        return {}

    @abstractmethod
    def is_ready(self) -> bool:
        """Say whether it answers; never raises."""

    @property
    def log(self) -> Path:
        return self.settings.data_folder.resolve() / "logs" / f"{self.name}.log"
