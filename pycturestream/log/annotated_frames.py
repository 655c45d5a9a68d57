"""The topic `frames.annotated`: blurred pictures with what was found in them, written."""

from kafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError

from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import FRAMES_ANNOTATED
from pycturestream.errors import DataError, ServiceError
from pycturestream.log.clients import producer

_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)


class AnnotatedFrameWriter:
    """Writes annotated pictures."""

    def __init__(self, settings: Settings) -> None:
        """Return a writer, which connects when it is used."""
        self._wait_s = settings.live_delivery_timeout_ms / 1000
        self._place = settings.kafka
        self._kafka = producer(
            settings,
            "annotated",
            acks="all",
            max_request_size=settings.message_byte_limit,
            max_block_ms=settings.live_delivery_timeout_ms,
            request_timeout_ms=settings.live_delivery_timeout_ms,
            delivery_timeout_ms=settings.live_delivery_timeout_ms,
        )

    def write(self, camera_id: str, frame_id: str, captured_at: int, jpeg: bytes) -> None:
        """Write a picture, and return when the broker has it.

        Raises ServiceError where it does not answer, DataError where it will never take it.
        """
        headers = [
            ("frame_id", frame_id.encode()),
            ("captured_at", str(captured_at).encode()),
            ("content_type", b"image/jpeg"),
        ]
        try:
            self._kafka.send(
                FRAMES_ANNOTATED, key=camera_id.encode(), value=jpeg, headers=headers
            ).get(self._wait_s)
        except _TOO_LARGE as error:
            raise DataError(f"{len(jpeg)} bytes are too large for {FRAMES_ANNOTATED}") from error
        except KafkaError as error:
            raise ServiceError(
                f"Kafka at {self._place}: {FRAMES_ANNOTATED}: {error or type(error).__name__}"
            ) from error

    def close(self) -> None:
        self._kafka.close(timeout=self._wait_s)
