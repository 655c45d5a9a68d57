"""Views for many cameras: detections on real footage, one frame a second, made once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmarks.bench import Bench
from producers.encode import Fit
from pycturestream.config.camera_file import read_camera_file
from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.detector.model_runner import ModelRunner
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.jpeg import Size
from pycturestream.evaluation.clip import accepted, describe, detect_frames

SAMPLES = PROJECT_FOLDER / "samples"
QUIET = "nobody in view"
BUSY = "sample clips"


@dataclass(frozen=True, slots=True)
class BenchmarkScene:
    """One camera's view: its settings, and what is found in it second by second."""

    camera: Camera
    size: Size
    frames: Sequence[tuple[Detection, ...]]
    """Begins again at its end."""

    def detect(self, second: int) -> tuple[Detection, ...]:
        return self.frames[second % len(self.frames)]


def find_scenes(bench: Bench) -> dict[str, Sequence[BenchmarkScene]]:
    """Detect objects in the sample clips; return kinds of views, shared out among cameras."""
    settings = bench.settings
    detector = ModelRunner.of(settings)
    fit = Fit.of(settings)
    busy = []
    for entry in read_camera_file(SAMPLES / "cameras.yaml"):
        path = SAMPLES / entry.camera.source
        bench.report("cameras", f"detecting in {path.name}")
        clip = describe(path)
        seconds = range(0, clip.frames, round(clip.fps or 1))
        frames = [
            tuple(accepted(found, detector.description))
            for found in detect_frames(path, detector, fit, settings.detection_batch_size, seconds)
        ]
        busy.append(BenchmarkScene(entry.camera, clip.size, frames))
    quiet = replace(busy[0], frames=[()])
    return {BUSY: busy, QUIET: [quiet]}
