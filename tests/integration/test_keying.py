"""The key that partitions records in Java is the camera that admission finds in Python."""

import json
import subprocess
import sys

import pytest

from pycturestream.domain.frames.admission import NO_CAMERA
from pycturestream.domain.frames.frame import is_camera_id

pytestmark = [pytest.mark.integration, pytest.mark.slow]

KEYS = (
    b"gate",
    b"0",
    b"north.gate-2_b",
    b"a" * 64,
    b"a" * 65,
    b"",
    b"-gate",
    b"no/camera",
    b"gate\n",
    b"two words",
    "tür".encode(),
    b"\xff\xfe",
    b"gate\xff",
)


def camera(key: bytes) -> str:
    text = key.decode("utf-8", "backslashreplace")
    return text if is_camera_id(text) else NO_CAMERA


def test_both_find_the_same_camera_in_any_key():
    # A process of its own: PyFlink leaves its gateway open.
    command = [sys.executable, "-m", "tests.jobs.camera_keys", *(key.hex() for key in KEYS)]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    assert json.loads(said.splitlines()[-1]) == {key.hex(): camera(key) for key in KEYS}
