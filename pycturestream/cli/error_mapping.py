"""Maps what the clients of Redis, Elasticsearch, Kafka and Flink raise to one line for people."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from pycturestream.config.settings import Settings
from pycturestream.errors import ServiceError
from pycturestream.public_address import without_secrets


@contextmanager
def error_mapping(settings: Settings) -> Iterator[None]:
    """Raise ServiceError, which names the remedy, for what clients and the system raise."""
    try:
        yield
    except BrokenPipeError:
        raise  # whoever reads the output has enough: typer ends the command quietly
    except Exception as error:
        mapped = _mapped(error, settings)
        if mapped is None:
            raise
        raise mapped from error


def _mapped(error: Exception, settings: Settings) -> ServiceError | None:
    """Return the error for people; None for what neither a client nor the system raises."""
    libraries = {kind.__module__.partition(".")[0] for kind in type(error).__mro__}
    for library, of_library in _LIBRARIES.items():
        if library in libraries and (mapped := of_library(error, settings)):
            return mapped
    if isinstance(error, TimeoutError):
        return _unreachable("Kafka", settings.kafka)
    return ServiceError(str(error)) if isinstance(error, OSError) else None  # names the file


# Each imports a library that is already loaded, since it raised the error. Importing all of them
# with this module would take each command half a second.


def _of_redis(error: Exception, settings: Settings) -> ServiceError | None:
    import redis  # noqa: PLC0415 - see above

    if not isinstance(error, redis.RedisError):
        return None
    place = _place(settings.redis)
    # Others of these classes are answers, such as a wrong password.
    if type(error) in {redis.ConnectionError, redis.TimeoutError}:
        return _unreachable("Redis", place)
    return ServiceError(f"Redis at {place} answers: {error}")


def _of_elasticsearch(error: Exception, settings: Settings) -> ServiceError | None:
    import elasticsearch  # noqa: PLC0415 - see above

    if isinstance(error, elasticsearch.ApiError):
        return ServiceError(f"Elasticsearch rejected the search: {error}")
    if isinstance(error, elasticsearch.TransportError):
        return _unreachable("Elasticsearch", _place(settings.elasticsearch))
    return None


def _of_kafka(error: Exception, settings: Settings) -> ServiceError | None:
    from kafka.errors import KafkaError  # noqa: PLC0415 - see above

    return _unreachable("Kafka", settings.kafka) if isinstance(error, KafkaError) else None


def _of_flink(error: Exception, settings: Settings) -> ServiceError | None:
    import requests  # noqa: PLC0415 - see above

    if not isinstance(error, requests.RequestException):
        return None
    place = without_secrets(settings.flink)
    return ServiceError(f"no Flink at {place}: start the stack with `pycturestream up`")


_LIBRARIES: Final[Mapping[str, Callable[[Exception, Settings], ServiceError | None]]] = {
    "redis": _of_redis,
    "elasticsearch": _of_elasticsearch,
    "elastic_transport": _of_elasticsearch,
    "kafka": _of_kafka,
    "requests": _of_flink,
}
"""Where the classes of a client's errors are, and what maps them."""


def _unreachable(name: str, place: str) -> ServiceError:
    return ServiceError(
        f"{name} at {place} does not answer: start the stack with `pycturestream up`"
    )


def _place(address: str) -> str:
    """Return host and port of a server."""
    return without_secrets(address).rpartition("://")[2]
