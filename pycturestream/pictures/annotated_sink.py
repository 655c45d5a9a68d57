"""Publishes annotated pictures of the cameras that ask for them: topic `frames.annotated`."""

from collections.abc import Sequence
from typing import Protocol

from pycturestream.contracts.detections import DetectionsRecord
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.times import parse_rfc3339
from pycturestream.pictures.annotated import annotated_jpeg
from pycturestream.pictures.frame_pictures import FramePicture


class AnnotatedFrames(Protocol):
    """The topic: `pycturestream.log.annotated_frames.AnnotatedFrameWriter`."""

    def write(self, camera_id: str, frame_id: str, captured_at: int, jpeg: bytes) -> None: ...
    def close(self) -> None: ...


class AnnotatedSink:
    """A PictureSink. Who reads the topic tells a frame that comes twice by its `frame_id`."""

    name = "annotated"

    def __init__(self, topic: AnnotatedFrames) -> None:
        self._topic = topic

    def choose(self, record: DetectionsRecord, camera: Camera) -> Sequence[DetectionsRecord]:
        return [record] if camera.annotated else []

    def put(self, picture: FramePicture, camera: Camera) -> None:
        record = picture.record
        jpeg = annotated_jpeg(picture, camera)
        captured_at = parse_rfc3339(record.captured_at)
        self._topic.write(record.camera_id, record.frame_id, captured_at, jpeg)

    def close(self) -> None:
        self._topic.close()
