"""Pictures that are looked at: what publishes them, and a page that is shown them."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager

from kafka import KafkaProducer

from pycturestream.config.settings import Settings
from pycturestream.contracts.live_pictures import LivePicture
from pycturestream.contracts.topics import DETECTIONS, FRAMES
from pycturestream.domain.frames.frame import Frame
from tests import jpegs
from tests.builders import detection_record


@contextmanager
def publishing(settings: Settings) -> Iterator[Callable[[str], str]]:
    """Yield what publishes a frame of a camera and its record, and returns the frame's id."""
    producer = KafkaProducer(bootstrap_servers=settings.kafka)

    def publish(camera_id: str) -> str:
        at = time.time_ns() // 1_000_000
        jpeg = jpegs.encoded(1920, 1080)
        headers = Frame(camera_id, at, jpeg).headers(at)
        place = producer.send(FRAMES, jpeg, key=camera_id.encode(), headers=headers).get(60)
        record = detection_record(camera_id=camera_id, captured_at=at, offset=place.offset)
        record["picture"]["partition"] = place.partition
        producer.send(DETECTIONS, json.dumps(record).encode(), key=camera_id.encode()).get(60)
        return record["frame_id"]

    with closing(producer):
        yield publish


class Page:
    """What a page wants to show, and what it got."""

    def __init__(self) -> None:
        self.wanted: dict[str, Sequence[str]] = {}
        self._shown: list[LivePicture] = []
        self._lock = threading.Lock()

    def show(self, picture: LivePicture) -> None:
        with self._lock:
            self._shown.append(picture)

    def shown(self, camera_id: str) -> list[LivePicture]:
        with self._lock:
            return [one for one in self._shown if one.header.camera_id == camera_id]
