"""Publishes frames to Kafka: keyed by camera, acknowledged, each accounted for."""

import logging
from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import Any

from kafka.errors import KafkaTimeoutError

from producers.camera_queue import CameraQueues
from producers.publish_accounting import PublishAccount
from producers.sender_name import sender_name
from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.contracts import topics
from pycturestream.contracts.proofs import FrameSigner
from pycturestream.domain.cameras.presence import CameraEvent
from pycturestream.domain.frames.frame import Frame, Mode
from pycturestream.domain.frames.sender import sender_header
from pycturestream.log.clients import producer
from pycturestream.log.event_sender import EventSender

_log = logging.getLogger(__name__)

_COMMON: dict[str, Any] = {
    # JPEGs can't be compressed further; trying would cost a core.
    "compression_type": None,
    # A frame leaves at once. Frames that come faster than the broker answers share a batch
    # anyway, of at most this many bytes; a broker takes no batch above 1 MiB.
    "linger_ms": 0,
    "batch_size": 500_000,
    # How long one attempt to find a lost broker may take.
    "max_block_ms": 50,
    "reconnect_backoff_max_ms": 1_000,
}
_ANSWER_MS = 100
"""What an answer may take beyond the time that a picture is given."""


def _live(settings: Settings) -> dict[str, Any]:
    timeout = settings.live_delivery_timeout_ms
    return {
        # A picture is of use for seconds: not worth waiting for a second copy of it.
        "acks": 1,
        # Without a broker an idempotent producer gives up no picture, but waits for an id.
        "enable_idempotence": False,
        # Keeps the order across retries, at no cost that could be measured.
        "max_in_flight_requests_per_connection": 1,
        "delivery_timeout_ms": timeout,
        "request_timeout_ms": timeout // 2,  # leaves time for a second attempt
    }


def _replay(_settings: Settings) -> dict[str, Any]:
    return {
        # Each picture once, in order, and on every in-sync replica.
        "acks": "all",
        "enable_idempotence": True,
        "delivery_timeout_ms": float("inf"),
    }


class Publisher:
    """Publishes the frames and events of all cameras of a process; safe between threads.

    Live, it never blocks a camera: a thread of its own sends pictures to the broker, newer ones
    displace those that wait, and what the broker does not acknowledge in time is dropped and
    counted. In a replay it waits, and loses nothing but what an operator's interrupt leaves
    undelivered.
    """

    def __init__(
        self, settings: Settings, mode: Mode, clock: Clock, *, name: str | None = None
    ) -> None:
        """`name` stands for who sends, where it is not this computer (`sender_name`)."""
        self._settings = settings
        self._mode = mode
        self._clock = clock
        self._topic = topics.FRAMES if mode == "live" else topics.FRAMES_REPLAY
        self._kafka = producer(
            settings, "publish", **_COMMON, **(_live if mode == "live" else _replay)(settings)
        )
        self._own_header = "sender", sender_header(name or sender_name(settings), clock.now())
        token = settings.sender_token.get_secret_value()
        self._signer = FrameSigner(token) if token else None
        self._queues = CameraQueues(
            clock, settings.live_frames_under_way, settings.live_wait_ms / 1000
        )
        self._sender = Thread(target=self._send_queued, name="publish", daemon=True)
        self._sender.start()
        self._events = EventSender(settings)

    def connect(self) -> bool:
        """Wait for the broker: live as long as for a picture, in a replay until the end."""
        deadline = self._clock.seconds() + self._settings.live_delivery_timeout_ms / 1000
        while not self._clock.stopped:
            if self._is_connected():
                return True
            if self._mode == "live" and self._clock.seconds() > deadline:
                return False
        return False

    def open_account(self) -> PublishAccount:
        """Return a new account for a camera."""
        return PublishAccount(self._settings.frames_in_flight)

    def publish(self, frame: Frame, account: PublishAccount) -> None:
        """Send a frame; its account counts later what became of it."""
        if self._mode == "live":
            self._queues.put(frame, account)
            return
        while not account.begin(timeout_s=0.5):
            if self._clock.stopped:
                account.drop("buffer-full")
                return
        self._send(frame, account, lambda: None)

    def emit_event(self, event: CameraEvent) -> None:
        """Publish an event of a camera, without waiting for it."""
        self._events.report(event)

    def close(self) -> None:
        """Wait for the last answers. After an interrupt, no longer than for a live picture."""
        self._events.end()
        try:
            self._queues.close()
            self._sender.join()
            self._flush()
        finally:
            self._kafka.close()
            self._events.join()

    def _send_queued(self) -> None:
        """Send live pictures as fast as their queues let them go."""
        while (item := self._queues.take()) is not None:
            frame, account = item
            if not self._send(frame, account, partial(self._queues.settle, account)):
                self._queues.drop_waiting("no-broker")

    def _send(self, frame: Frame, account: PublishAccount, settled: Callable[[], None]) -> bool:
        """Hand one frame to the client; False if no broker was found."""
        try:
            sending = self._enqueue(frame)
        except KafkaTimeoutError:
            account.fail("no-broker")
            settled()
            return False
        except Exception as error:  # noqa: BLE001 - one picture must not end the thread
            _failed(account, frame, settled, error)
            return True
        sending.add_callback(partial(_delivered, account, frame, settled))
        sending.add_errback(partial(_failed, account, frame, settled))
        return True

    def _enqueue(self, frame: Frame) -> Any:
        while True:
            try:
                return self._kafka.send(
                    self._topic,
                    key=frame.camera_id.encode(),
                    value=frame.jpeg,
                    headers=self._headers(frame),
                )
            except KafkaTimeoutError:
                if self._mode == "live" or self._clock.stopped:
                    raise

    def _headers(self, frame: Frame) -> list[tuple[str, bytes]]:
        now = self._clock.now()
        headers = [*frame.headers(now), self._own_header]
        if self._signer:
            key = frame.camera_id.encode()
            headers.append(("proof", self._signer.prove(key, frame.jpeg, dict(headers), now)))
        return headers

    def _is_connected(self) -> bool:
        try:
            return bool(self._kafka.partitions_for(self._topic))
        except KafkaTimeoutError:
            return False

    def _flush(self) -> None:
        timeout_s = (self._settings.live_delivery_timeout_ms + _ANSWER_MS) / 1000
        while True:
            last_chance = self._mode == "live" or self._clock.stopped
            try:
                self._kafka.flush(timeout_s)
            except KafkaTimeoutError:
                if last_chance:
                    self._kafka.abandon()
                    return
            else:
                return


def _delivered(
    account: PublishAccount, frame: Frame, settled: Callable[[], None], _metadata: object
) -> None:
    account.deliver(frame.captured_at)
    settled()


def _failed(
    account: PublishAccount, frame: Frame, settled: Callable[[], None], error: Exception
) -> None:
    _log.debug("%s: not delivered: %s", frame.camera_id, error)
    account.fail("not-delivered")
    settled()
