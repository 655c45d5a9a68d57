"""Detection alone: calls of several sizes, and several detectors side by side.

It needs neither servers nor a network: it can be run on a machine that has a GPU and nothing else.
Each detector is a process of its own, as in a job. Several keep a GPU busy, since the pictures of
one are decoded while the model of another computes.
"""

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import fmean, median
from threading import Thread
from typing import Final

from msgspec.structs import replace
from rich.table import Table

from benchmarks.bench import Bench, Finding, make_table
from pycturestream.config.settings import Arithmetic, Settings
from pycturestream.detector.arithmetic import arithmetics, has_gpu, processor_features, unusable
from pycturestream.detector.detector_process import DetectorProcess
from pycturestream.detector.model_options import ModelOptions
from pycturestream.detector.registry import load_model

BATCH_SIZES: Final = (1, 4, 16, 64)
"""Pictures of one call."""
CALLS = 5
"""Of each size; the median counts."""
SIDE_BY_SIDE: Final = (1, 2, 4, 8)
"""Detectors that share the machine; no more than there are cores."""
TOGETHER = 16
"""Pictures of each of their calls."""
TOGETHER_S = 10
"""Seconds for which they run."""
WATCH_GPU: Final = (
    *("nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits"),
    *("--loop-ms=500", "--id=0"),
)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a detector."""

    arithmetic: Arithmetic
    pictures: int
    decode_ms: float
    """How long the call waited for its pictures, for each of them."""
    inference_ms: float
    """A picture."""


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Detectors that share the machine."""

    arithmetic: Arithmetic
    detectors: int
    pictures_a_second: float
    gpu_busy: float | None
    """0..1; None without a GPU."""


def measure(bench: Bench) -> Finding:
    """Measure each arithmetic that this machine can compute in, the one of `auto` first."""
    calls: list[Call] = []
    rates: list[SideBySide] = []
    usable = usable_arithmetics(bench.settings)
    for arithmetic in usable:
        with _detectors(bench, arithmetic) as detectors:
            calls += [_call(bench, detectors[0], arithmetic, size) for size in BATCH_SIZES]
            rates += [
                _side_by_side(bench, detectors[:number], arithmetic)
                for number in SIDE_BY_SIDE
                if number <= len(detectors)
            ]
    figures = {
        "model": bench.settings.model,
        "arithmetic_of_auto": usable[0],
        "calls": calls,
        "side_by_side": rates,
    }
    return Finding(figures, [calls_table(calls), rates_table(rates)])


def usable_arithmetics(settings: Settings) -> list[Arithmetic]:
    """Return what the model can compute in on this machine, the choice of `auto` first."""
    model = load_model(settings.model, settings.model_folder)
    features, gpu = processor_features(settings.processor_features), has_gpu()
    order = arithmetics(model, "auto", features, gpu=gpu)
    order += tuple(each for each in model.arithmetics if each == "float16")
    return [each for each in order if not unusable(each, features, gpu=gpu)]


@contextmanager
def _detectors(bench: Bench, arithmetic: Arithmetic) -> Iterator[list[DetectorProcess]]:
    """Start the detectors: on a processor with a thread each, as those of a replay."""
    settings = bench.settings
    options = ModelOptions.of(settings, threads=0 if has_gpu() else 1)
    number = min(max(SIDE_BY_SIDE), os.cpu_count() or 1)
    bench.report("detectors", f"{arithmetic}: loading the model {number} times")
    with ExitStack() as stack:
        detectors = []
        for _ in range(number):
            detector = DetectorProcess(
                settings.model,
                settings.model_folder,
                replace(options, arithmetic=arithmetic),
                batch_size=max(BATCH_SIZES),
            )
            stack.callback(detector.close)
            detectors.append(detector)
        for detector in detectors:
            detector.wait_until_ready()
        yield detectors


def _call(bench: Bench, detector: DetectorProcess, arithmetic: Arithmetic, pictures: int) -> Call:
    bench.report("detectors", f"{arithmetic}: {pictures} pictures a call")
    jpegs = [bench.jpeg(number) for number in range(pictures)]
    detector.detect(jpegs)  # the first run with so many takes longer
    answers = [detector.detect(jpegs) for _ in range(CALLS)]
    return Call(
        arithmetic,
        pictures,
        round(median(answer.decode_ms for answer in answers) / pictures, 2),
        round(median(answer.inference_ms for answer in answers) / pictures, 2),
    )


def _side_by_side(
    bench: Bench, detectors: Sequence[DetectorProcess], arithmetic: Arithmetic
) -> SideBySide:
    bench.report("detectors", f"{arithmetic}: {len(detectors)} side by side")
    jpegs = [bench.jpeg(number) for number in range(TOGETHER)]
    with ThreadPoolExecutor(len(detectors)) as threads, _gpu_watched() as busy:
        began = time.monotonic()
        until = began + TOGETHER_S

        def run(detector: DetectorProcess) -> int:
            done = 0
            while time.monotonic() < until:
                done += len(detector.detect(jpegs).results)
            return done

        done = sum(threads.map(run, detectors))
        rate = done / (time.monotonic() - began)
    gpu_busy = round(fmean(busy), 2) if busy else None
    return SideBySide(arithmetic, len(detectors), round(rate, 1), gpu_busy)


@contextmanager
def _gpu_watched() -> Iterator[list[float]]:
    """Yield a list to which the share of time in which the GPU computed is added twice a second."""
    busy: list[float] = []
    try:
        watch = subprocess.Popen(WATCH_GPU, stdout=subprocess.PIPE, text=True)
    except FileNotFoundError:
        yield busy
        return

    def read() -> None:
        lines = (line.strip() for line in watch.stdout or ())
        busy.extend(int(line) / 100 for line in lines if line.isdigit())

    reader = Thread(target=read, daemon=True)
    reader.start()
    try:
        yield busy
    finally:
        watch.terminate()
        watch.wait()
        reader.join()


def calls_table(calls: Sequence[Call]) -> Table:
    table = make_table(
        "One call of a detector",
        ("arithmetic", "pictures", "waits for decoding, ms each", "inference, ms each"),
    )
    for call in calls:
        table.add_row(
            call.arithmetic,
            str(call.pictures),
            f"{call.decode_ms:.2f}",
            f"{call.inference_ms:.2f}",
        )
    return table


def rates_table(rates: Sequence[SideBySide]) -> Table:
    table = make_table(
        "Detectors side by side", ("arithmetic", "detectors", "pictures/s", "GPU busy")
    )
    for rate in rates:
        table.add_row(
            rate.arithmetic,
            str(rate.detectors),
            f"{rate.pictures_a_second:.1f}",
            "no GPU" if rate.gpu_busy is None else f"{rate.gpu_busy:.0%}",
        )
    return table
