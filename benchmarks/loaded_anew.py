"""The way this system's forerunner began: the model is loaded anew for each picture."""

import time

from benchmarks.bench import Bench
from benchmarks.rate import Batch
from pycturestream.detector.detector import Detector
from pycturestream.detector.model_runner import ModelRunner
from pycturestream.detector.registry import load_model


def run_loaded_anew(bench: Bench) -> list[Batch]:
    """Look at a few frames; the first batch is empty and says when it began."""
    settings = bench.settings
    done = [Batch(time.time(), 0)]
    for number in range(bench.plan.loaded_anew):
        model = ModelRunner.load(
            load_model(settings.model, settings.model_folder), settings.detection_threads
        )
        detector = Detector(model, 1)
        detector.detect([bench.jpeg(number)])
        detector.close()
        done.append(Batch(time.time(), 1))
    return done
