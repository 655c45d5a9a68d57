"""What a model costs: time, processor time and memory by batch size and number of threads.

Each number of threads is measured in a process of its own: TensorFlow takes it only once.
"""

import multiprocessing
import resource
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from multiprocessing.connection import Connection
from statistics import median

from pycturestream.config.settings import Settings
from pycturestream.detector.registry import ModelDescription
from pycturestream.errors import CommandError

BATCH_SIZES = (1, 8, 16)
THREADS = (1, 2)
PICTURES = 64
"""Detected for each figure: four batches of the largest size."""
EXAMPLES = 16
"""Different pictures that they are taken from."""


@dataclass(frozen=True, slots=True)
class DetectionCost:
    """The cost of a picture; medians over the batches, without decoding."""

    threads: int
    batch_size: int
    wall_ms: float
    processor_ms: float
    memory_mb: float
    """The most that the process has held so far, with the model and all libraries."""


def detection_cost(
    description: ModelDescription,
    settings: Settings,
    jpegs: Sequence[bytes],
    threads: int,
    number: int = PICTURES,
) -> list[DetectionCost]:
    """Measure a model for each batch size, on `number` pictures: these, in turns.

    Raises CommandError.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(
        target=_measure,
        args=(there, description, settings, list(jpegs), threads, number),
        daemon=True,
    )
    process.start()
    there.close()
    try:
        return list(here.recv())
    except EOFError as error:
        process.join()
        raise CommandError(
            f"measuring {description.name} with {threads} threads ended with {process.exitcode}"
        ) from error
    finally:
        process.kill()
        process.join()
        here.close()


def _measure(
    answer: Connection,
    description: ModelDescription,
    settings: Settings,
    jpegs: Sequence[bytes],
    threads: int,
    number: int,
) -> None:
    # Ctrl-C goes to the whole group; the caller ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from pycturestream.evaluation.model_pass import ModelPass  # noqa: PLC0415 - takes seconds

    model = ModelPass.load(description, settings, threads)
    pictures = [model.decode(jpeg) for jpeg in jpegs]
    costs = []
    for batch_size in BATCH_SIZES:
        model.detect(list(islice(cycle(pictures), max(batch_size, len(pictures)))))
        wall, processor = [], []
        endless = cycle(pictures)
        for _ in range(number // batch_size):
            batch = list(islice(endless, batch_size))
            began, used = time.perf_counter(), time.process_time()
            model.detect(batch)
            wall.append(1000 * (time.perf_counter() - began) / batch_size)
            processor.append(1000 * (time.process_time() - used) / batch_size)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        costs.append(DetectionCost(threads, batch_size, median(wall), median(processor), peak))
    answer.send(costs)
