"""A log in memory, and a picture with a face in it."""

import pytest

from pycturestream.config.settings import PROJECT_FOLDER
from tests.frame_log import FrameLog


@pytest.fixture
def log(monkeypatch):
    log = FrameLog()
    log.install(monkeypatch)
    return log


@pytest.fixture(scope="session")
def astronaut():
    """Return the JPEG of a woman in front of a flag: 512x512, with the face in `FACE`."""
    return (PROJECT_FOLDER / "samples/everyday/pictures/astronaut.jpg").read_bytes()
