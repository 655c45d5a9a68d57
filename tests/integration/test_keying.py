"""The key that partitions records in Java is the camera that admission finds in Python."""

import json
import subprocess
import sys

import pytest

from pycturestream.contracts.codec import SHARED_KEY
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


FIRST = ("F", "D", "L", SHARED_KEY.decode())
"""What outcomes begin with."""


def camera(key: bytes, first: str) -> str:
    text = key.decode("utf-8", "backslashreplace")
    return text if is_camera_id(text) and first != SHARED_KEY.decode() else NO_CAMERA


def test_both_find_the_same_key_for_any_record_and_outcome():
    pairs = [(key, first) for key in KEYS for first in FIRST]
    # A process of its own: PyFlink leaves its gateway open.
    command = [sys.executable, "-m", "tests.jobs.camera_keys", *(k.hex() + f for k, f in pairs)]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    assert json.loads(said.splitlines()[-1]) == {k.hex() + f: camera(k, f) for k, f in pairs}
