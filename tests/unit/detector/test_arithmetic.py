"""What a model computes in, on processors with and without the features that count."""

import pytest

from pycturestream.detector import arithmetic
from pycturestream.detector.arithmetic import arithmetics, chosen, processor_features, unusable
from pycturestream.detector.registry import FOLDER, load_model

AMX = frozenset({"avx2", "avx512_bf16", "amx_bf16", "amx_int8", "amx_tile"})
BFLOAT16 = frozenset({"avx2", "avx512_bf16"})
AVX2 = frozenset({"avx2"})


@pytest.fixture
def model():
    return load_model("nanodet", FOLDER)


@pytest.fixture
def runtime(monkeypatch):
    """The runtime of int8, and no GPU, whatever this machine has."""
    monkeypatch.setattr(arithmetic, "find_spec", lambda name: name != "nvidia" or None)


@pytest.mark.parametrize(
    ("wanted", "features", "order"),
    [
        ("auto", AMX, ("bfloat16", "int8", "float32")),
        ("auto", BFLOAT16, ("int8", "float32")),
        ("auto", AVX2, ("int8", "float32")),
        ("auto", frozenset(), ("int8", "float32")),
        ("float32", AMX, ("float32", "bfloat16", "int8")),
        ("bfloat16", AVX2, ("bfloat16", "int8", "float32")),
        ("int8", AMX, ("int8", "bfloat16", "float32")),
        ("float16", AVX2, ("float16", "int8", "float32")),
    ],
)
def test_the_best_for_the_processor_is_tried_first_unless_another_is_wanted(
    model, wanted, features, order
):
    assert arithmetics(model, wanted, features, gpu=False) == order


def test_on_a_gpu_the_model_computes_in_float32_unless_float16_is_wanted(model):
    assert arithmetics(model, "auto", AMX, gpu=True) == ("float32",)
    assert arithmetics(model, "float16", AMX, gpu=True) == ("float16", "float32")


@pytest.mark.parametrize("wanted", ["auto", "bfloat16", "int8"])
def test_a_model_that_offers_nothing_else_computes_in_float32(model, wanted):
    plain = model.model_copy(update={"arithmetics": ("float32",)})

    assert arithmetics(plain, wanted, AMX, gpu=False) == ("float32",)


@pytest.mark.usefixtures("runtime")
def test_what_a_processor_can_not_compute_is_not_chosen(model):
    assert chosen(model, "bfloat16", AMX) == "bfloat16"
    assert chosen(model, "bfloat16", BFLOAT16) == "bfloat16"
    assert chosen(model, "bfloat16", AVX2) == "int8"
    assert unusable("bfloat16", AVX2, gpu=False) == "the processor has no bfloat16"


@pytest.mark.usefixtures("runtime")
def test_float16_is_for_gpus(model):
    assert chosen(model, "float16", AMX) == "bfloat16"
    assert unusable("float16", AMX, gpu=False) == "there is no GPU"
    assert not unusable("float16", AMX, gpu=True)


def test_without_its_runtime_int8_is_not_chosen(model, monkeypatch):
    monkeypatch.setattr(arithmetic, "find_spec", lambda _name: None)

    assert chosen(model, "auto", AVX2) == "float32"
    assert "ai-edge-litert" in unusable("int8", AVX2, gpu=False)


def test_features_are_read_from_the_system_or_faked(monkeypatch, tmp_path):
    file = tmp_path / "cpuinfo"
    file.write_text(
        "processor\t: 0\nflags\t\t: fpu avx2 amx_bf16\n\nprocessor\t: 1\nflags\t: fpu\n"
    )
    monkeypatch.setattr(arithmetic, "PROCESSOR", file)
    arithmetic._read_features.cache_clear()

    assert processor_features() == {"fpu", "avx2", "amx_bf16"}
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX512_CORE_BF16")
    assert processor_features() == {"fpu", "avx2"}
    assert processor_features("avx2, amx_bf16,") == {"avx2", "amx_bf16"}
    arithmetic._read_features.cache_clear()


def test_a_system_that_names_no_features_has_none(monkeypatch, tmp_path):
    for file in (tmp_path / "missing", tmp_path / "cpuinfo"):
        (tmp_path / "cpuinfo").write_text("Features: fp asimd\n")
        monkeypatch.setattr(arithmetic, "PROCESSOR", file)
        arithmetic._read_features.cache_clear()
        assert processor_features() == frozenset()
    arithmetic._read_features.cache_clear()
