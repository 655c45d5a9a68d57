"""Why a store that answers takes no records: what `status` shows while a serving job waits."""

from typing import Final

import redis
from elasticsearch import ApiError, TransportError

from pycturestream.clock import now
from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import SERVED
from pycturestream.domain.frames.frame import LIVE
from pycturestream.stores.elasticsearch import connect
from pycturestream.stores.index_templates import index
from pycturestream.stores.redis_client import connect as connect_redis

_PROBE: Final = "pycturestream:probe"
"""A key that lives for a millisecond."""


def redis_write_block(settings: Settings) -> str:
    """Return why nothing can be written, in one line; empty where it can."""
    client = connect_redis(settings)
    try:
        client.set(_PROBE, b"", px=1)
    except redis.RedisError as error:
        return " ".join(str(error).split()) or type(error).__name__
    finally:
        client.close()
    return ""


def elasticsearch_write_block(settings: Settings) -> str:
    """Return why today's records can't be written, in one line; empty where they can."""
    today = [index(topic, LIVE, now()) for topic in SERVED]
    with connect(settings) as client:
        try:
            cluster = client.cluster.get_settings(flat_settings=True)
            for kind in ("persistent", "transient"):
                for name, value in cluster[kind].items():
                    if name.startswith("cluster.blocks.") and value == "true":
                        return f"{name} is set"
            found = client.indices.get_settings(
                index=today, name="index.blocks.*", flat_settings=True, ignore_unavailable=True
            )
            for each, answer in found.items():
                for name, value in answer["settings"].items():
                    if value == "true":
                        return f"{name} of {each} is set"
            report = client.health_report(feature="shards_capacity", verbose=False)
        except (ApiError, TransportError) as error:
            return " ".join(str(error).split())[:200]
    capacity = report["indicators"]["shards_capacity"]
    return str(capacity["symptom"]) if capacity["status"] == "red" else ""
