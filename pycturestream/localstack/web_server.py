"""The pages and the API of the local stack, open to this machine: `pycturestream serve --open`."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import requests

from pycturestream.code_fingerprint import code_fingerprint, current_fingerprint
from pycturestream.config.private_files import private_folder, write_private
from pycturestream.localstack.prometheus import is_installed
from pycturestream.localstack.server import PYTHON, Server
from pycturestream.localstack.server_names import KAFKA, REDIS, SERVE

FIRST_PAGE: Final = "/live"


class WebServer(Server):
    name = SERVE
    is_optional = True
    """Its port may be that of another `serve`: the stack does its work without."""
    start_timeout_s = 60.0
    niceness = 5
    """Detection comes first: its first result must not wait for pages, which a person opens."""
    follows = (KAFKA, REDIS)

    @property
    def live_page(self) -> str:
        """The address to open."""
        return f"{self._address}{FIRST_PAGE}"

    @property
    def ports(self) -> Mapping[int, str]:
        return {self.settings.ports.web: "pages"}

    def prepare(self) -> None:
        """Write down which code it starts with, beside the tokens, which outlive `down --wipe`."""
        write_private(self._code, current_fingerprint().encode())

    @property
    def has_old_code(self) -> bool:
        """Whether it was started with other code than this process runs."""
        return not self._code.exists() or self._code.read_text() != code_fingerprint()

    @property
    def written(self) -> Path:
        return private_folder(self.settings).resolve()

    def command(self) -> list[str]:
        return [sys.executable, "-m", "pycturestream.cli.main", "serve", "--open"]

    def environment(self) -> dict[str, str]:
        return {"PYCTURESTREAM_METRICS": "true"} if is_installed() else {}

    def is_ready(self) -> bool:
        try:
            return requests.get(f"{self._address}/health", timeout=1).ok
        except requests.RequestException:
            return False

    @property
    def reads(self) -> tuple[Path, ...]:
        return (*super().reads, PYTHON)

    @property
    def _code(self) -> Path:
        return private_folder(self.settings) / "code"

    @property
    def _address(self) -> str:
        return f"http://{self.settings.host}:{self.settings.ports.web}"
