"""The load of cameras with a motion gate on a machine, and what their gates let pass."""

import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

import numpy as np

from producers.camera_publisher import CameraPublisher
from producers.masking import Masking
from producers.motion import MotionGate
from producers.pace import ticks
from producers.picture import Picture, Pictures, Pixels
from producers.publisher import Publisher
from producers.settings_lookup import FollowedSettings
from producers.video_file import VideoFile
from pycturestream.clock import Clock, SystemClock
from pycturestream.config.settings import PROJECT_FOLDER, Settings
from pycturestream.domain.cameras.camera import Camera, Motion

CAMERAS = 20
FPS = 5.0
GATE = Motion("on")
PICTURES = 64
IDLE_PICTURES = 200
NOISE = 3.0
"""Of a camera by day, in levels of 255."""


@dataclass(frozen=True, slots=True)
class CameraUsage:
    """The load of all cameras together, and what became of their pictures."""

    cores: float
    """Kept busy by this process, with the client of Kafka."""
    published: int
    dropped: Mapping[str, int]
    """By reason."""


@dataclass(frozen=True, slots=True)
class Footage:
    """Decoded pictures at a camera's pace: decoding is part of the source's cost."""

    shown: Sequence[Pixels]
    first: int
    seconds: float

    def pictures(self, clock: Clock) -> Pictures:
        shown = islice(cycle(self.shown), self.first, None)
        for second, pixels in zip(ticks(FPS, clock), shown, strict=False):
            if second >= self.seconds:
                return
            yield Picture(pixels, clock.now(), "benchmark")


def run_cameras(settings: Settings, shown: Sequence[Pixels], seconds: float) -> CameraUsage:
    """Publish these pictures again and again, each camera beginning with a different one."""
    clock = SystemClock()
    publisher = Publisher(settings, "live", clock)
    publisher.connect()
    cameras = [Camera(f"bench-{number}", motion=GATE) for number in range(CAMERAS)]
    publishers = [
        CameraPublisher(
            camera.camera_id, "live", publisher, clock, settings, FollowedSettings(own=[camera])
        )
        for camera in cameras
    ]
    sources = [Footage(shown, number * len(shown) // CAMERAS, seconds) for number in range(CAMERAS)]
    threads = [
        threading.Thread(target=camera.publish_source, args=(source,))
        for camera, source in zip(publishers, sources, strict=True)
    ]
    began, used = time.perf_counter(), time.process_time()
    for number, thread in enumerate(threads):
        clock.sleep(began + number / CAMERAS / FPS - time.perf_counter())
        thread.start()
    for thread in threads:
        thread.join()
    cores = (time.process_time() - used) / (time.perf_counter() - began)
    publisher.close()
    counts = [camera.account.counts() for camera in publishers]
    return CameraUsage(
        round(cores, 2),
        sum(each.published for each in counts),
        sum((Counter(each.dropped) for each in counts), Counter[str]()),
    )


def idle_gate_ms(shown: Sequence[Pixels]) -> float:
    """Return the processor time of one picture in which nothing moves."""
    gate = MotionGate(GATE, Masking(()), Settings().picture_pixel_limit)
    used = 0.0
    for number, pixels in enumerate(islice(cycle(shown), 2 * IDLE_PICTURES)):
        if number == IDLE_PICTURES:  # until then it learns
            used = time.process_time()
        gate.passes(pixels, round(1000 * number / FPS))
    return (time.process_time() - used) * 1000 / IDLE_PICTURES


def passed_share(clip: str, fps: float) -> float:
    """Return the share of a sample clip's pictures that pass the gate, heartbeats included."""
    gate = MotionGate(GATE, Masking(()), Settings().picture_pixel_limit)
    source = VideoFile(PROJECT_FOLDER / "samples" / f"{clip}.mp4", "replay", fps)
    passed = [
        gate.passes(picture.content, picture.captured_at)
        for picture in source.pictures(SystemClock())
        if isinstance(picture, Picture)
    ]
    return sum(passed) / len(passed)


def first_pictures(clip: str) -> list[Pixels]:
    """Return the first pictures of a sample clip."""
    source = VideoFile(PROJECT_FOLDER / "samples" / f"{clip}.mp4", "replay", FPS)
    return [
        picture.content
        for picture in islice(source.pictures(SystemClock()), PICTURES)
        if isinstance(picture, Picture) and isinstance(picture.content, np.ndarray)
    ]


def still_life(pixels: Pixels) -> list[Pixels]:
    """Return pictures of one view in which nothing moves but a camera's noise."""
    chance = np.random.default_rng(0)
    return [
        np.clip(pixels + chance.normal(0, NOISE, pixels.shape), 0, 255).astype(np.uint8)
        for _ in range(PICTURES // 4)
    ]
