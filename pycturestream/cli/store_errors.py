"""Turns a store that does not answer into one line that says what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import elasticsearch
import kafka.errors
import redis

from pycturestream.cli.errors import CommandError
from pycturestream.config.settings import Settings


@contextmanager
def reaching(settings: Settings) -> Iterator[None]:
    """Raise CommandError for what Redis, Elasticsearch and Kafka raise when they are away."""
    try:
        yield
    except (redis.ConnectionError, redis.TimeoutError) as error:
        raise _away("Redis", urlsplit(settings.redis).netloc) from error
    except elasticsearch.ApiError as error:
        raise CommandError(f"Elasticsearch refused the search: {error}") from error
    except elasticsearch.TransportError as error:
        raise _away("Elasticsearch", urlsplit(settings.elasticsearch).netloc) from error
    except (kafka.errors.KafkaError, TimeoutError) as error:
        raise _away("Kafka", settings.kafka) from error


def _away(name: str, address: str) -> CommandError:
    place = address.rpartition("@")[2]  # without a password
    return CommandError(
        f"{name} at {place} does not answer: start the stack with `pycturestream up`"
    )
