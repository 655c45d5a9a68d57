"""Maps what the clients of Redis, Elasticsearch, Kafka and Flink raise to one line for people."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import elasticsearch
import kafka.errors
import redis
import requests

from pycturestream.config.settings import Settings
from pycturestream.errors import ServiceError


@contextmanager
def error_mapping(settings: Settings) -> Iterator[None]:
    """Raise ServiceError, which names the remedy, for what clients and the system raise."""
    try:
        yield
    except (redis.ConnectionError, redis.TimeoutError) as error:
        raise _unreachable("Redis", urlsplit(settings.redis).netloc) from error
    except elasticsearch.ApiError as error:
        raise ServiceError(f"Elasticsearch rejected the search: {error}") from error
    except elasticsearch.TransportError as error:
        raise _unreachable("Elasticsearch", urlsplit(settings.elasticsearch).netloc) from error
    except (kafka.errors.KafkaError, TimeoutError) as error:
        raise _unreachable("Kafka", settings.kafka) from error
    except requests.RequestException as error:
        raise ServiceError(
            f"no Flink at {settings.flink}: start the stack with `pycturestream up`"
        ) from error
    except BrokenPipeError:
        raise  # whoever reads the output has enough: typer ends the command quietly
    except OSError as error:
        raise ServiceError(str(error)) from error  # names the file


def _unreachable(name: str, address: str) -> ServiceError:
    place = address.rpartition("@")[2]  # without a password
    return ServiceError(
        f"{name} at {place} does not answer: start the stack with `pycturestream up`"
    )
