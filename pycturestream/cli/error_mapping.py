"""Maps what the clients of Redis, Elasticsearch, Kafka and Flink raise to one line for people."""

from collections.abc import Iterator
from contextlib import contextmanager

import elasticsearch
import kafka.errors
import redis
import requests

from pycturestream.config.settings import Settings
from pycturestream.errors import ServiceError
from pycturestream.public_address import without_secrets


@contextmanager
def error_mapping(settings: Settings) -> Iterator[None]:
    """Raise ServiceError, which names the remedy, for what clients and the system raise."""
    try:
        yield
    except redis.RedisError as error:
        place = _place(settings.redis)
        # Others of these classes are answers, such as a wrong password.
        if type(error) in {redis.ConnectionError, redis.TimeoutError}:
            raise _unreachable("Redis", place) from error
        raise ServiceError(f"Redis at {place} answers: {error}") from error
    except elasticsearch.ApiError as error:
        raise ServiceError(f"Elasticsearch rejected the search: {error}") from error
    except elasticsearch.TransportError as error:
        raise _unreachable("Elasticsearch", _place(settings.elasticsearch)) from error
    except (kafka.errors.KafkaError, TimeoutError) as error:
        raise _unreachable("Kafka", settings.kafka) from error
    except requests.RequestException as error:
        raise ServiceError(
            f"no Flink at {without_secrets(settings.flink)}: "
            "start the stack with `pycturestream up`"
        ) from error
    except BrokenPipeError:
        raise  # whoever reads the output has enough: typer ends the command quietly
    except OSError as error:
        raise ServiceError(str(error)) from error  # names the file


def _unreachable(name: str, place: str) -> ServiceError:
    return ServiceError(
        f"{name} at {place} does not answer: start the stack with `pycturestream up`"
    )


def _place(address: str) -> str:
    """Return host and port of a server."""
    return without_secrets(address).rpartition("://")[2]
