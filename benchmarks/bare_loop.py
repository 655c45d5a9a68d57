"""The bare loop, which everything is compared with: decode and look, nothing else."""

import time
from statistics import median

from benchmarks.bench import Bench
from benchmarks.rate import Batch
from pycturestream.detector.detector import Detector

ALONE = 40
"""Pictures that are looked at one by one."""


def detect_alone_ms(bench: Bench, detector: Detector) -> float:
    """Return what it takes to look at one picture alone: no live result can be younger."""
    took = []
    for number in range(ALONE):
        began = time.perf_counter()
        detector.detect([bench.jpeg(number)])
        took.append((time.perf_counter() - began) * 1000)
    return median(took)


def run_bare_loop(bench: Bench, detector: Detector) -> list[Batch]:
    """Look at the frames of one run, in batches as large as the system's."""
    size, frames = bench.settings.detection_batch_size, bench.plan.frames
    done = []
    for start in range(0, frames, size):
        jpegs = [bench.jpeg(number) for number in range(start, min(start + size, frames))]
        detector.detect(jpegs)
        done.append(Batch(time.time(), len(jpegs)))
    return done
