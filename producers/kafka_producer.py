"""Kafka's producer, and a way to end it while the broker is away."""

from kafka import KafkaProducer


class Producer(KafkaProducer):  # type: ignore[misc]  # the library has no types
    """A client that can give up."""

    def abandon(self) -> None:
        """Give up what was not delivered; `close` alone would wait for it for ever."""
        self._sender.force_close()
