"""The gateway of the seeing aid without servers behind it: each picture has a result after a while.

Run as a process of its own, so that nothing else uses its processor time:
`python -m benchmarks.eye_server TOKENS`. It prints its port, and serves until it is ended.

All that the gateway does is real, the signatures of frames included. What is missing are the
clients of Kafka and Redis.
"""

import asyncio
import socket
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from benchmarks.application_context import context_without_alerts
from pycturestream.api.eye_gateway import EyeGateway
from pycturestream.api.eye_pages import eye_pages
from pycturestream.api.server import server_config
from pycturestream.api.tokens import Tokens
from pycturestream.application.eye_cameras import EyeCameras
from pycturestream.application.eye_ports import Push, Wanted
from pycturestream.clock import SystemClock
from pycturestream.config.settings import settings
from pycturestream.contracts import topics
from pycturestream.contracts.codec import encode_record
from pycturestream.contracts.detections import DetectionsRecord, ObjectRecord, PictureRecord
from pycturestream.contracts.proofs import FrameSigner
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.frame import Frame
from pycturestream.domain.pipeline.events import ModelVersion
from pycturestream.domain.times import rfc3339

RESULT_S = 0.15
"""How long a result takes from the gateway through Kafka, detection and Redis, about."""
OBJECTS = tuple(
    ObjectRecord("person", 0.81, (x / 10, 0.2, x / 10 + 0.1, 0.9), f"eye#{x}", "middle left")
    for x in range(6)
)


class Echo:
    """Stands for Kafka, the job and Redis."""

    def __init__(self) -> None:
        self.is_connected = True
        self._push: Push | None = None
        self._signer = FrameSigner("benchmark")

    def start(self, wanted: Wanted, push: Push) -> None:
        del wanted
        self._push = push

    def publish(self, frame: Frame, failed: Callable[[], None]) -> None:
        del failed
        now = SystemClock().now()
        self._signer.prove(frame.camera_id.encode(), frame.jpeg, dict(frame.headers(now)), now)
        at = rfc3339(frame.captured_at)
        record = DetectionsRecord(
            camera_id=frame.camera_id,
            captured_at=at,
            camera_captured_at=at,
            clock_corrected=False,
            received_at=at,
            processed_at=at,
            width=1280,
            height=720,
            models=(ModelVersion("nanodet", "1"),),
            picture=PictureRecord(topics.FRAMES, 0, 0),
            objects=OBJECTS,
        )
        asyncio.get_running_loop().call_later(
            RESULT_S, self._answer, frame.camera_id, encode_record(record)
        )

    def _answer(self, camera_id: str, record: bytes) -> None:
        if self._push is not None:
            self._push(topics.DETECTIONS, camera_id, record)


class MemoryTopic:
    """Stands for the topic `cameras`."""

    is_complete = True

    def __init__(self) -> None:
        self.cameras: Mapping[str, Camera] = {}

    def publish(self, cameras: Sequence[Camera], forget: Collection[str]) -> None:
        kept = {name: each for name, each in self.cameras.items() if name not in forget}
        self.cameras = kept | {camera.camera_id: camera for camera in cameras}


def serve(tokens: Path) -> None:
    echo, chosen, clock = Echo(), settings(), SystemClock()
    cameras = EyeCameras(MemoryTopic(), "ab" * 32)
    gateway = EyeGateway(Tokens(tokens), echo, echo, cameras, clock, chosen)
    app = FastAPI(lifespan=lambda _: gateway.running())
    eye_pages(app, gateway)
    with (
        context_without_alerts(chosen, Tokens(tokens)) as context,
        socket.create_server(("127.0.0.1", 0), backlog=1_024) as listener,
    ):
        app.state.context = context
        print(listener.getsockname()[1], flush=True)
        uvicorn.Server(server_config(app, chosen)).run(sockets=[listener])


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
