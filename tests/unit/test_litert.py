"""What LiteRT's native code writes to the error output of a command."""

import os
import subprocess
import sys

import pytest

from pycturestream import litert
from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.detector.arithmetic import BFLOAT16, processor_features

PICTURE = PROJECT_FOLDER / "samples/everyday/pictures/astronaut.jpg"


def test_a_command_that_looks_for_faces_says_nothing_of_how_it_computes(tmp_path):
    words = "blur", str(PICTURE), "--output", str(tmp_path)
    ended = subprocess.run(
        [sys.executable, "-m", "pycturestream.cli.main", *words],
        check=True,
        capture_output=True,
        text=True,
        cwd=PROJECT_FOLDER,
        env={**os.environ, "PYTHONPATH": str(PROJECT_FOLDER)},
    )
    assert ended.stderr == ""
    assert (tmp_path / PICTURE.name).exists()


@pytest.mark.parametrize(
    "load",
    [
        "integer_network import IntegerNetwork; network = IntegerNetwork.load(model, 1)",
        pytest.param(
            "saved_model import SavedModelNetwork; "
            "network = SavedModelNetwork.load_mixed(model, 'bfloat16', 1)",
            marks=pytest.mark.skipif(
                BFLOAT16.isdisjoint(processor_features()), reason="this processor has no bfloat16"
            ),
        ),
    ],
    ids=["int8", "bfloat16"],
)
def test_the_network_says_nothing_either(load):
    code = (
        "import numpy as np\n"
        "from pycturestream.detector.registry import load_model\n"
        "model = load_model('nanodet')\n"
        f"from pycturestream.detector.{load}\n"
        "network.find(np.zeros((1, 320, 320, 3), np.uint8), 0.5)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=PROJECT_FOLDER
    )
    assert (ended.stdout, ended.stderr) == ("", "")


class Interpreter:
    """Writes as native code does, and fails if a test wants it."""

    def __init__(self, *lines, fault=None):
        self._lines, self._fault = lines, fault

    def allocate_tensors(self):
        for line in self._lines:
            os.write(2, line)
        if self._fault:
            raise self._fault


@pytest.fixture
def fresh(monkeypatch):
    monkeypatch.setattr(litert, "_are_prepared", False)


@pytest.mark.usefixtures("fresh")
def test_only_its_own_note_is_held_back(capfd):
    litert.allocate_tensors(
        Interpreter(
            b"WARNING: low on memory\n",
            b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n",
            b"ERROR: no such operation",
        )
    )
    assert capfd.readouterr().err == "WARNING: low on memory\nERROR: no such operation"


@pytest.mark.usefixtures("fresh")
def test_an_error_goes_through_with_what_was_written(capfd):
    with pytest.raises(RuntimeError):
        litert.allocate_tensors(Interpreter(b"ERROR: why\n", fault=RuntimeError("failed")))
    assert capfd.readouterr().err == "ERROR: why\n"


@pytest.mark.usefixtures("fresh")
def test_it_looks_at_the_first_one_of_a_process_only(capfd):
    litert.allocate_tensors(Interpreter())
    litert.allocate_tensors(Interpreter(b"INFO: Created TensorFlow Lite XNNPACK delegate\n"))
    assert "XNNPACK" in capfd.readouterr().err
