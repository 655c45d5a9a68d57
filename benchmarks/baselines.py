"""Baselines of this system: a bare loop, a plain consumer, a model loaded for each picture."""

import time
from statistics import median

from kafka import TopicPartition

from benchmarks import BenchmarkError
from benchmarks.bench import Bench
from benchmarks.rate import Batch
from pycturestream.contracts.topics import FRAMES_REPLAY
from pycturestream.detector.detector import Detector
from pycturestream.detector.model_runner import ModelRunner
from pycturestream.domain.frames.frame import header_texts
from pycturestream.log.reader import connect

ALONE = 40
"""Pictures that are processed one by one."""


def detect_alone_ms(bench: Bench, detector: Detector) -> float:
    """Return the milliseconds of one picture alone: no live result can be younger."""
    took = []
    for number in range(ALONE):
        began = time.perf_counter()
        detector.detect([bench.jpeg(number)])
        took.append((time.perf_counter() - began) * 1000)
    return median(took)


def run_bare_loop(bench: Bench, detector: Detector, frames: int) -> list[Batch]:
    """Decode and detect so many frames, in batches of the system's size; nothing else."""
    size = bench.settings.detection_batch_size
    done = []
    for start in range(0, frames, size):
        jpegs = [bench.jpeg(number) for number in range(start, min(start + size, frames))]
        detector.detect(jpegs)
        done.append(Batch(time.time(), len(jpegs)))
    return done


def run_plain_consumer(bench: Bench, detector: Detector) -> list[Batch]:
    """Process all frames of the replay topic with kafka-python, in batches of the system's size."""
    size, frames = bench.settings.detection_batch_size, bench.plan.frames
    consumer = connect(bench.settings)
    try:
        numbers = consumer.partitions_for_topic(FRAMES_REPLAY) or ()
        partitions = [TopicPartition(FRAMES_REPLAY, number) for number in numbers]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        waiting: list[bytes] = []
        done: list[Batch] = []
        read = 0
        while read < frames or waiting:
            if read < frames and len(waiting) < size:
                polled = consumer.poll(bench.settings.store_timeout_ms, max_records=size)
                if not polled:
                    raise BenchmarkError(f"Kafka handed out {read} of {frames} frames")
                for records in polled.values():
                    for record in records:
                        int(header_texts(record.headers)["captured_at"])
                        waiting.append(record.value)
                        read += 1
                continue
            detector.detect(waiting[:size])
            done.append(Batch(time.time(), len(waiting[:size])))
            del waiting[:size]
        return done
    finally:
        consumer.close()


def run_loaded_anew(bench: Bench) -> list[Batch]:
    """Process a few frames, each with a new model; the first, empty batch marks the beginning.

    The predecessor of this system began like that.
    """
    settings = bench.settings
    done = [Batch(time.time(), 0)]
    for number in range(bench.plan.loaded_anew):
        model = ModelRunner.of(settings)
        detector = Detector(model, 1)
        detector.detect([bench.jpeg(number)])
        detector.close()
        done.append(Batch(time.time(), 1))
    return done
