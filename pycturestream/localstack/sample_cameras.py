"""The sample cameras, played over and over: no server, but a process of the stack like them."""

import sys
from collections.abc import Mapping

from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.localstack.server import Server

CAMERA_FILE = PROJECT_FOLDER / "samples" / "cameras.yaml"


class SampleCameras(Server):
    name = "cameras"

    @property
    def ports(self) -> Mapping[int, str]:
        return {}

    def prepare(self) -> None:
        """Need nothing: the file is part of the project."""

    def command(self) -> list[str]:
        return [sys.executable, "-m", "pycturestream.cli.main", "run", str(CAMERA_FILE), "--quiet"]

    def is_ready(self) -> bool:
        return True  # a camera that fails is tried again by its own process
