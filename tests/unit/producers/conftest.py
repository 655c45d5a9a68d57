"""A clock that tests move, and small recordings whose pictures can be distinguished."""

from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pytest

NOON = 1_795_262_400_000
"""2026-11-21T12:00:00Z."""


@dataclass
class FakeClock:
    """Time passes only with waits, or when a test moves it."""

    elapsed: float = 0.0
    stopped: bool = False
    waits: list[float] = field(default_factory=list)

    def now(self):
        return NOON + round(1000 * self.elapsed)

    def seconds(self):
        return 1000 + self.elapsed

    def sleep(self, seconds):
        self.waits.append(seconds)
        self.elapsed += seconds


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture(scope="session")
def make_clock():
    """Return the class of clocks, for tests that need many."""
    return FakeClock


@pytest.fixture
def make_video(tmp_path):
    def make(pictures, fps=10, name="clip.avi"):
        """Write 64x48 pictures; picture i is a grey of brightness 10 x i."""
        path = tmp_path / name
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), fps, (64, 48))
        assert writer.isOpened()
        for i in range(pictures):
            writer.write(np.full((48, 64, 3), 10 * i, np.uint8))
        writer.release()
        return path

    return make


@pytest.fixture
def make_jpeg():
    def make(width=64, height=48):
        _, data = cv2.imencode(".jpg", np.full((height, width, 3), 120, np.uint8))
        return bytes(data)

    return make


@pytest.fixture
def touch(tmp_path):
    def write(name: str, data: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write
