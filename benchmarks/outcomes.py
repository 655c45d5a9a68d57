"""Frame outcomes as detection would emit them for many cameras, each at one frame a second."""

from collections.abc import Sequence

from msgspec.structs import replace

from benchmarks.scenes import BenchmarkScene
from pycturestream.clock import SystemClock
from pycturestream.config.settings import Settings
from pycturestream.contracts.codec import encode_outcome
from pycturestream.contracts.topics import FRAMES
from pycturestream.domain.frames.admission import Admitted, Place
from pycturestream.domain.pipeline.events import FrameDetections, ModelVersion
from pycturestream.domain.times import Millis
from pycturestream.log.cameras import publish_cameras
from pycturestream.log.clients import producer

ON_ITS_WAY_MS = 100
"""Between capture and detection; any time will do."""
MODEL = ModelVersion("bench", "1")


def camera_ids(number: int) -> list[str]:
    return [f"bench-{camera:05}" for camera in range(number)]


def publish_settings(settings: Settings, cameras: int, scenes: Sequence[BenchmarkScene]) -> None:
    """Publish the settings of the cameras, as `cameras apply` would."""
    views = [scenes[number % len(scenes)].camera for number in range(cameras)]
    publish_cameras(
        [
            replace(view, camera_id=name)
            for name, view in zip(camera_ids(cameras), views, strict=True)
        ],
        settings,
        SystemClock(),
    )


def publish_outcomes(
    settings: Settings, topic: str, cameras: int, seconds: int, scenes: Sequence[BenchmarkScene]
) -> None:
    """Publish the outcomes of the last seconds, each camera once a second, in order of time."""
    began = SystemClock().now() - 1000 * seconds
    names = camera_ids(cameras)
    kafka = producer(settings, "benchmark", batch_size=500_000, linger_ms=20)
    try:
        for second in range(seconds):
            for number, name in enumerate(names):
                captured_at = Millis(began + 1000 * second + 1000 * number // cameras)
                scene = scenes[number % len(scenes)]
                # Cameras of one view are at different times of it.
                found = scene.detect(second + number // len(scenes))
                outcome = FrameDetections(
                    frame=Admitted(
                        camera_id=name,
                        place=Place(FRAMES, 0, second * cameras + number),
                        received_at=captured_at,
                        captured_at=captured_at,
                        camera_captured_at=captured_at,
                        clock_corrected=False,
                        width=scene.size.width,
                        height=scene.size.height,
                    ),
                    digest=f"{second}",
                    model=MODEL,
                    detections=found,
                    processed_at=Millis(captured_at + ON_ITS_WAY_MS),
                )
                kafka.send(topic, key=name.encode(), value=encode_outcome(outcome))
        kafka.flush()
    finally:
        kafka.close()
