"""Frames into Kafka: keyed by camera, acknowledged, each accounted for."""

import logging
from functools import partial
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError

from producers.clock import Clock
from producers.ledger import Ledger
from pycturestream import topics
from pycturestream.frame import Frame, Mode
from pycturestream.settings import Settings

_log = logging.getLogger(__name__)

_COMMON: dict[str, Any] = {
    # JPEGs do not get smaller; trying would cost a core.
    "compression_type": None,
    # A frame leaves at once. Frames that come faster than the broker answers share a batch
    # anyway, of at most this many bytes; a broker takes no batch above 1 MiB.
    "linger_ms": 0,
    "batch_size": 500_000,
    # A broker that makes the topic itself would keep pictures for a week, not for minutes.
    "allow_auto_create_topics": False,
    # Named, so that a broker that is away does not stop the start; the newest version that
    # the client knows, because it steps down to the broker's by itself.
    "api_version": (4, 1),
    # How long one look for a lost broker may hold up a camera.
    "max_block_ms": 50,
    "reconnect_backoff_max_ms": 1_000,
    "metrics_enabled": False,
}
_LINGERING_MS = 100
"""What an answer may take beyond the time that a picture is given."""


def _live(settings: Settings) -> dict[str, Any]:
    timeout = settings.live_delivery_timeout_ms
    return {
        # A picture is worth seconds: not worth waiting for a second copy of it.
        "acks": 1,
        # Without a broker an idempotent producer gives no picture up, but waits for an id.
        "enable_idempotence": False,
        # Keeps the order across retries, at no cost that could be measured.
        "max_in_flight_requests_per_connection": 1,
        "delivery_timeout_ms": timeout,
        "request_timeout_ms": timeout // 2,  # leaves time for a second try
    }


def _replay(_settings: Settings) -> dict[str, Any]:
    return {
        # Each picture once, in order, and on every replica that is in step.
        "acks": "all",
        "enable_idempotence": True,
        "delivery_timeout_ms": float("inf"),
    }


class _Producer(KafkaProducer):  # type: ignore[misc]  # the library has no types
    def abandon(self) -> None:
        """Give up what was not delivered; `close` alone would wait for it for ever."""
        self._sender.force_close()


class Publisher:
    """One connection to Kafka, shared by all cameras of a process and safe between threads.

    Live, it never holds a camera up: what the broker does not acknowledge in time is dropped
    and counted. In a replay it waits, and loses nothing but what an operator's interrupt
    leaves undelivered.
    """

    def __init__(self, settings: Settings, mode: Mode, clock: Clock) -> None:
        self._settings = settings
        self._mode = mode
        self._clock = clock
        self._topic = topics.FRAMES if mode == "live" else topics.FRAMES_REPLAY
        self._kafka = _Producer(
            bootstrap_servers=settings.kafka,
            **_COMMON,
            **(_live if mode == "live" else _replay)(settings),
        )

    def connect(self) -> bool:
        """Wait for the broker: live as long as for a picture, in a replay until the end."""
        deadline = self._clock.seconds() + self._settings.live_delivery_timeout_ms / 1000
        while not self._clock.stopped:
            if self._is_connected():
                return True
            if self._mode == "live" and self._clock.seconds() > deadline:
                return False
        return False

    def ledger(self) -> Ledger:
        """Return new books for a camera."""
        return Ledger(self._settings.frames_in_flight)

    def publish(self, frame: Frame, ledger: Ledger) -> None:
        """Send a frame; its ledger says later what became of it."""
        if not self._begin(ledger):
            ledger.drop("buffer-full")
            return
        try:
            sending = self._send(frame)
        except KafkaTimeoutError:
            ledger.fail("no-broker")
            return
        sending.add_callback(partial(_delivered, ledger, frame))
        sending.add_errback(partial(_failed, ledger, frame))

    def close(self) -> None:
        """Wait for the last answers. After an interrupt, no longer than for a live picture."""
        try:
            self._flush()
        finally:
            self._kafka.close()

    def _begin(self, ledger: Ledger) -> bool:
        if self._mode == "live":
            return ledger.begin(patience=0)
        while not ledger.begin(patience=0.5):
            if self._clock.stopped:
                return False
        return True

    def _send(self, frame: Frame) -> Any:
        while True:
            try:
                return self._kafka.send(
                    self._topic,
                    key=frame.camera_id.encode(),
                    value=frame.jpeg,
                    headers=frame.headers(self._clock.now()),
                )
            except KafkaTimeoutError:
                if self._mode == "live" or self._clock.stopped:
                    raise

    def _is_connected(self) -> bool:
        try:
            return bool(self._kafka.partitions_for(self._topic))
        except KafkaTimeoutError:
            return False

    def _flush(self) -> None:
        patience = (self._settings.live_delivery_timeout_ms + _LINGERING_MS) / 1000
        while True:
            last_chance = self._mode == "live" or self._clock.stopped
            try:
                self._kafka.flush(patience)
            except KafkaTimeoutError:
                if last_chance:
                    self._kafka.abandon()
                    return
            else:
                return


def _delivered(ledger: Ledger, frame: Frame, _metadata: object) -> None:
    ledger.deliver(frame.captured_at)


def _failed(ledger: Ledger, frame: Frame, error: KafkaError) -> None:
    _log.debug("%s: not delivered: %s", frame.camera_id, error)
    ledger.fail("not-delivered")
