"""A plain consumer: reads frames from Kafka with kafka-python, and looks at them."""

import time

from kafka import TopicPartition

from benchmarks.bench import Bench
from benchmarks.errors import BenchmarkError
from benchmarks.rate import Batch
from pycturestream.contracts.topics import FRAMES_REPLAY
from pycturestream.detector.detector import Detector
from pycturestream.domain.frames.frame import header_texts
from pycturestream.log.reader import connect


def run_plain_consumer(bench: Bench, detector: Detector) -> list[Batch]:
    """Look at all frames of the topic of history, in batches as large as the system's."""
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
