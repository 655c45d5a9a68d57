"""Kafka's producer, and a way to end it while the broker is away."""

from kafka import KafkaProducer

API_VERSION = (4, 1)
"""Named, so that a broker that is away does not stop the start; the newest version that the client
knows, because it steps down to the broker's by itself."""


class Producer(KafkaProducer):  # type: ignore[misc]  # the library has no types
    """A client that can give up."""

    def abandon(self) -> None:
        """Give up what was not delivered; `close` alone would wait for it for ever."""
        self._sender.force_close()
