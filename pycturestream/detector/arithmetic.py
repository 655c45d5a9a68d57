"""Chooses the arithmetic in which a model computes, by what the processor can do.

docs/decisions/0042 says why.
"""

import os
from collections.abc import Collection
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from pycturestream.config.settings import Arithmetic, ArithmeticSetting
from pycturestream.detector.registry import ModelDescription

PROCESSOR = Path("/proc/cpuinfo")
FAST_BFLOAT16 = "amx_bf16"
"""The feature with which bfloat16 is faster than all else; without it, slower than float32."""
BFLOAT16 = {"amx_bf16", "avx512_bf16"}
"""TensorFlow fails in bfloat16 on a processor that has none of them."""
GPU = Path("/dev/nvidiactl")
"""Where it is, and TensorFlow with its libraries, the model runs on a GPU: in float32, unless
float16 is wanted."""


def arithmetics(
    model: ModelDescription, wanted: ArithmeticSetting, features: Collection[str], *, gpu: bool
) -> tuple[Arithmetic, ...]:
    """Return what to try in turn: what is wanted first, then the best for this processor.

    Only what the model offers, and float32 last, which every model does.
    """
    best: list[Arithmetic] = []
    if not gpu:
        if FAST_BFLOAT16 in features:
            best.append("bfloat16")
        best.append("int8")
    best.append("float32")
    order = best if wanted == "auto" else [wanted, *best]
    return tuple(dict.fromkeys(each for each in order if each in model.arithmetics))


def unusable(arithmetic: Arithmetic, features: Collection[str], *, gpu: bool) -> str:
    """Return why this machine can't compute so; empty if it can, as far as it is known."""
    if arithmetic == "float16" and not gpu:
        return "there is no GPU"
    if arithmetic == "bfloat16" and BFLOAT16.isdisjoint(features):
        return "the processor has no bfloat16"
    if arithmetic == "int8" and find_spec("ai_edge_litert") is None:
        return "the package ai-edge-litert is not installed"
    return ""


def chosen(
    model: ModelDescription, wanted: ArithmeticSetting, features: Collection[str]
) -> Arithmetic:
    """Return what a model computes in if everything can be loaded."""
    gpu = has_gpu()
    order = arithmetics(model, wanted, features, gpu=gpu)
    return next(each for each in order if not unusable(each, features, gpu=gpu))


def processor_features(faked: str = "") -> frozenset[str]:
    """Return the features of the processor, or those of `faked`, separated by commas.

    What oneDNN is told not to use counts as missing.
    """
    if faked:
        return frozenset(name.strip() for name in faked.split(",")) - {""}
    limit = os.environ.get("ONEDNN_MAX_CPU_ISA", "DEFAULT").upper()
    hidden = set() if "AMX" in limit or limit in {"DEFAULT", "ALL"} else {FAST_BFLOAT16}
    return _read_features() - hidden


def has_gpu() -> bool:
    """Say whether TensorFlow would use a GPU, without importing it."""
    return GPU.exists() and find_spec("nvidia") is not None


@cache
def _read_features() -> frozenset[str]:
    try:
        text = PROCESSOR.read_text("utf-8")
    except OSError:  # no Linux
        return frozenset()
    lines = (line.partition(":") for line in text.splitlines())
    return next(
        (frozenset(flags.split()) for name, _, flags in lines if name.strip() == "flags"),
        frozenset(),
    )
