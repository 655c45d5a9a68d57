"""Which arithmetics are measured, and how the figures of detection alone are shown."""

import io

import pytest
from rich.console import Console

from benchmarks import detectors
from benchmarks.detectors import Call, SideBySide, calls_table, rates_table, usable_arithmetics
from pycturestream.config.settings import Settings
from pycturestream.detector import arithmetic


def printed(table):
    console = Console(width=100, file=io.StringIO())
    console.print(table)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("gpu", "features", "usable"),
    [
        (True, "avx2", ["float32", "float16"]),
        (False, "avx2", ["int8", "float32"]),
        (False, "avx2,amx_bf16", ["bfloat16", "int8", "float32"]),
    ],
)
def test_what_auto_takes_is_measured_first(monkeypatch, gpu, features, usable):
    monkeypatch.setattr(detectors, "has_gpu", lambda: gpu)
    monkeypatch.setattr(arithmetic, "find_spec", lambda _name: True)

    assert usable_arithmetics(Settings(processor_features=features)) == usable


def test_each_figure_is_shown():
    text = printed(calls_table([Call("float16", 64, 0.52, 0.31)]))
    assert text.splitlines()[-1].split() == ["float16", "64", "0.52", "0.31"]


def test_a_machine_without_a_gpu_says_so():
    text = printed(
        rates_table([SideBySide("int8", 2, 61.5, None), SideBySide("float32", 8, 1012, 0.87)])
    )

    assert [line.split() for line in text.splitlines()[-2:]] == [
        ["int8", "2", "61.5", "no", "GPU"],
        ["float32", "8", "1012.0", "87%"],
    ]
