"""The way this system's forerunner began: the model is loaded anew for each picture."""

import time

from benchmarks.bench import Bench
from benchmarks.rate import Batch
from pycturestream.detector.detector import Looker
from pycturestream.detector.model_runner import Detector
from pycturestream.detector.registry import load_model


def run_loaded_anew(bench: Bench) -> list[Batch]:
    """Look at a few frames; the first batch is empty and says when it began."""
    settings = bench.settings
    done = [Batch(time.time(), 0)]
    for number in range(bench.plan.loaded_anew):
        detector = Detector.load(
            load_model(settings.model, settings.model_folder), settings.detection_threads
        )
        looker = Looker(detector, 1)
        looker.look([bench.jpeg(number)])
        looker.close()
        done.append(Batch(time.time(), 1))
    return done
