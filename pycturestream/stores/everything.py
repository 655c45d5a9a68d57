"""Reads all that the stores hold, whatever it is: to search it for what should not be there."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from elasticsearch import Elasticsearch
from elasticsearch.helpers import scan
from redis import Redis

from pycturestream.contracts.topics import SERVED

PAGE: Final = 500
"""Documents or keys of one request: 1 MB."""


def all_documents(client: Elasticsearch) -> Iterator[tuple[str, bytes]]:
    """Yield every document of our indices, those of replays too: where it is, and it as JSON.

    Lets elasticsearch.ApiError and elasticsearch.TransportError through.
    """
    indices = ",".join(f"{topic}-*" for topic in SERVED)
    for hit in scan(client, index=indices, size=PAGE, query={"query": {"match_all": {}}}):
        yield f"{hit['_index']}/{hit['_id']}", msgspec.json.encode(hit["_source"])


def count_documents(client: Elasticsearch) -> int:
    """Return how many there are. Lets the same errors through."""
    count: int = client.count(index=[f"{topic}-*" for topic in SERVED])["count"]
    return count


def all_values(client: Redis) -> Iterator[tuple[str, bytes]]:
    """Yield every value of the database with its key. Lets redis.RedisError through."""
    for key in client.scan_iter(count=PAGE):
        for value in _values(client, key):
            yield key.decode(errors="replace"), value


def _values(client: Redis, key: bytes) -> Iterator[bytes]:
    kind = client.type(key)
    read: Any = client  # its types promise what an asynchronous client returns, too
    if kind == b"string":
        yield read.get(key) or b""
    elif kind == b"hash":
        for field, value in read.hgetall(key).items():
            yield field + b"\n" + value
    elif kind == b"zset":
        yield b"\n".join(read.zrange(key, 0, -1))
    elif kind == b"set":
        yield b"\n".join(read.smembers(key))
    elif kind == b"list":
        yield b"\n".join(read.lrange(key, 0, -1))
