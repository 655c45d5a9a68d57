"""What is told of a GPU's memory, with a stand-in for TensorFlow: no test has a GPU."""

import sys
from types import SimpleNamespace

import pytest

from pycturestream.detector import gpu_memory as module
from pycturestream.detector.gpu_memory import GpuMemory, gpu_memory


class OpError(Exception):
    pass


def tensorflow(*devices):
    """A stand-in for TensorFlow on a machine with GPUs of these uses."""

    def get_memory_info(name):
        used = devices[int(name.removeprefix("GPU:"))]
        if isinstance(used, Exception):
            raise used
        return {"current": used, "peak": 2 * used}

    return SimpleNamespace(
        errors=SimpleNamespace(OpError=OpError),
        config=SimpleNamespace(
            list_logical_devices=lambda kind: list(devices) if kind == "GPU" else ["CPU:0"],
            experimental=SimpleNamespace(get_memory_info=get_memory_info),
        ),
    )


@pytest.fixture
def on(monkeypatch):
    def install(tf, *, gpu=True):
        monkeypatch.setattr(module, "has_gpu", lambda: gpu)
        monkeypatch.setitem(sys.modules, "tensorflow", tf)
        ours = SimpleNamespace(tf=tf)
        monkeypatch.setitem(sys.modules, "pycturestream.detector.tensorflow", ours)

    return install


def test_the_memory_of_all_visible_gpus_is_summed(on):
    on(tensorflow(100, 20))

    assert gpu_memory() == GpuMemory(used=120, peak=240)


def test_a_machine_without_a_gpu_has_none(on):
    on(tensorflow(), gpu=False)

    assert gpu_memory() is None


def test_a_gpu_that_tensorflow_does_not_use_has_none(on):
    on(tensorflow())

    assert gpu_memory() is None


def test_a_process_that_computes_without_tensorflow_does_not_load_it(monkeypatch):
    monkeypatch.setattr(module, "has_gpu", lambda: True)
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)

    assert gpu_memory() is None
    assert "tensorflow" not in sys.modules


@pytest.mark.parametrize("error", [ValueError("no allocator"), RuntimeError("lost"), OpError()])
def test_a_gpu_that_does_not_say_costs_no_picture(on, error):
    on(tensorflow(error))

    assert gpu_memory() is None
