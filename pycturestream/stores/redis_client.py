"""Connects to Redis."""

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from pycturestream.config.settings import Settings


def connect(settings: Settings) -> redis.Redis:
    """Return a client that fails at once: whoever calls it decides about retries."""
    seconds = settings.store_timeout_ms / 1000
    return redis.Redis.from_url(
        settings.redis,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=Retry(NoBackoff(), 0),
    )
