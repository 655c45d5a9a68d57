"""Connects to Redis, and says what is wrong with it."""

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from pycturestream.config.settings import Settings
from pycturestream.public_address import hide_addresses


def connect(settings: Settings) -> redis.Redis:
    """Return a client that fails at once: whoever calls it decides about retries."""
    seconds = settings.store_timeout_ms / 1000
    return redis.Redis.from_url(
        settings.redis,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=Retry(NoBackoff(), 0),
    )


def reason(error: redis.RedisError) -> str:
    """Return one line; some errors of the client have no text."""
    return f"Redis: {' '.join(hide_addresses(str(error)).split()) or type(error).__name__}"
