"""The bare loop, which everything is compared with: decode and look, nothing else."""

import time

from benchmarks.bench import Bench
from benchmarks.rate import Batch
from models.looker import Looker


def run_bare_loop(bench: Bench, looker: Looker) -> list[Batch]:
    """Look at the frames of one run, in batches as large as the system's."""
    size, frames = bench.settings.detection_batch_size, bench.plan.frames
    done = []
    for start in range(0, frames, size):
        jpegs = [bench.jpeg(number) for number in range(start, min(start + size, frames))]
        looker.look(jpegs)
        done.append(Batch(time.time(), len(jpegs)))
    return done
