"""Counts and removes what Redis shows of an erased time."""

from typing import Any, Final

import redis

from pycturestream.config.settings import Settings
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.results import decode_object
from pycturestream.contracts.topics import ALERTS
from pycturestream.domain.erasure import Erasure, Erasures, PlaceReport
from pycturestream.domain.times import parse_rfc3339
from pycturestream.stores.record import BadRecord, decode_result
from pycturestream.stores.redis_client import connect
from pycturestream.stores.view_keys import CAMERAS, CLEARED, REMOVE_FIELD, VIEW_KEYS

_REMOVE_VALUE: Final = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
"""
_REMOVE_FIELD_OF: Final = f"""
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
{REMOVE_FIELD}
"""
"""Both remove only what was looked at: meanwhile a newer record may have taken its place."""


class RedisPlace:
    """The view of one camera. Lets redis.RedisError through."""

    name = "Redis"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def count(self, erasure: Erasure) -> PlaceReport:
        return self._report(erasure, remove=False)

    def erase(self, erasure: Erasure) -> PlaceReport:
        return self._report(erasure, remove=True)

    def _report(self, erasure: Erasure, *, remove: bool) -> PlaceReport:
        client = connect(self._settings)
        try:
            found = {topic: _of_topic(client, topic, erasure, remove=remove) for topic in VIEW_KEYS}
            found["last-seen"] = _last_seen(client, erasure, remove=remove)
            note = _rewrite_file(client) if remove and any(found.values()) else ""
        finally:
            client.close()
        return PlaceReport(self.name, found, note=note)


def _of_topic(client: redis.Redis, topic: str, erasure: Erasure, *, remove: bool) -> int:
    view_key = VIEW_KEYS[topic]
    key = view_key.key(erasure.camera_id)
    erasures = Erasures.of([erasure])
    if view_key.field:
        values = _known(client.hgetall(key))
    else:
        values = {b"": value} if (value := _known(client.get(key))) else {}
    found = {
        field: value
        for field, value in values.items()
        if _is_erased(topic, value, erasure, erasures)
    }
    if not remove:
        return len(found)
    if view_key.field:
        script = client.register_script(_REMOVE_FIELD_OF)
        return sum(int(_known(script([key], [field, value]))) for field, value in found.items())
    script = client.register_script(_REMOVE_VALUE)
    return sum(int(_known(script([key], [value]))) for value in found.values())


def _is_erased(topic: str, value: bytes, erasure: Erasure, erasures: Erasures) -> bool:
    try:
        return decode_result(topic, value).is_erased(erasures)
    except BadRecord:
        return topic == ALERTS and _is_tombstone_of(value, erasure)


def _is_tombstone_of(value: bytes, erasure: Erasure) -> bool:
    """Whether it is left of a cleared alert that may have gone on in the erased time.

    It does not say when the alert was raised, so all that were over later count.
    """
    try:
        left = decode_object(value)
        is_cleared = left.get("state") == CLEARED
        return is_cleared and parse_rfc3339(str(left.get("updated_at"))) >= erasure.since
    except (CodecError, ValueError):
        return False


def _last_seen(client: redis.Redis, erasure: Erasure, *, remove: bool) -> int:
    at = _known(client.zscore(CAMERAS, erasure.camera_id))
    if at is None or not erasure.since <= at < erasure.until:
        return 0
    return int(_known(client.zrem(CAMERAS, erasure.camera_id))) if remove else 1


def _rewrite_file(client: redis.Redis) -> str:
    """Have Redis write its file anew, if it keeps one of all commands; return why not, if so.

    What was removed stays in the file otherwise, with the command that wrote it.
    """
    try:
        if _known(client.info("persistence")).get("aof_enabled"):
            client.bgrewriteaof()  # type: ignore[no-untyped-call]
    except redis.ResponseError as error:  # such as a rewriting that goes on already
        return f"what was removed stays in its file until that is rewritten: {error}"
    return ""


def _known(reply: Any) -> Any:
    """Return a reply, of which the client's types say that it may have to be awaited."""
    return reply
