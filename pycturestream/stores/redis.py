"""Writes the newest records of every camera to Redis, and pushes them to subscribers."""

import re
import time
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

import msgspec
import redis
from redis.client import Pipeline

from pycturestream.config.settings import Settings
from pycturestream.domain.times import Millis, rfc3339
from pycturestream.stores.batch_writer import (
    Answer,
    Busy,
    Done,
    RequestRejected,
    StoreUnavailable,
    Unwritable,
)
from pycturestream.stores.record import TIMES, Record
from pycturestream.stores.redis_client import connect, reason
from pycturestream.stores.view_keys import (
    ALERTS,
    CAMERAS,
    CLEARED,
    LATEST,
    NARRATION,
    REMOVE_FIELD,
    VIEW_KEYS,
    ViewKey,
)

_WRONG_TYPE: Final = re.compile(r"\bWRONGTYPE\b")
"""The only error that is about a record: something else keeps another kind of value at its key. All
others (memory or disk full, read-only, too few replicas, loading, busy, no rights, and any that is
not known here) are the server's state, which it or an operator changes. Servers put an error of a
script's call at the beginning of a text, or inside it."""


class RedisStore:
    """Writes live records with one script that keeps the newest, a bundle in one round trip.

    Replays are skipped: Redis answers what is the case now.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client = connect(settings)
        script = (files(__package__) / "keep_newest.lua").read_text("utf-8")
        self._keep_newest = self._client.register_script(script)
        self._remove_field = self._client.register_script(REMOVE_FIELD)

    def prepare(self) -> None:
        """Do nothing: the client loads the script again into a server that lost it."""

    def write(self, records: Sequence[Record]) -> list[Answer]:
        answers: dict[int, Answer] = {}
        sent: list[int] = []
        seen: dict[str, int] = {}
        pipeline = self._client.pipeline(transaction=False)
        for number, record in enumerate(records):
            if (answer := _known_answer(record)) is not None:
                answers[number] = answer
                continue
            sent.append(number)
            view_key = VIEW_KEYS[record.topic]
            if record.erased:  # what is kept of it is from before it grew into an erased time
                self._remove_field([view_key.key(record.camera_id)], [record.id], client=pipeline)
                continue
            self._keep_newest(*self._instruction(view_key, record), client=pipeline)
            if view_key is LATEST:
                seen[record.camera_id] = max(
                    record.changed_at, seen.get(record.camera_id, record.changed_at)
                )
        if seen:
            self._note_seen(seen, pipeline)
        replies = _execute(pipeline)
        for number, reply in zip(sent, replies, strict=False):
            answers[number] = _answer(reply, erased=records[number].erased)
        # No record is to blame for what happens to the sorted set.
        for reply in replies[len(sent) :]:
            if isinstance(reply, redis.RedisError):
                raise StoreUnavailable(f"{reason(reply)} (key {CAMERAS})")
        return [answers[number] for number in range(len(records))]

    def close(self) -> None:
        self._client.close()

    def _note_seen(self, seen: Mapping[str, Millis], pipeline: Pipeline) -> None:
        """Note when cameras were last seen."""
        # A time to come would stay the newest until then, and outdate all other cameras.
        newest, latest = max(seen.values()), self._latest()
        pipeline.zremrangebyscore(CAMERAS, f"({max(newest, latest)}", "+inf")
        pipeline.zadd(CAMERAS, {name: min(at, latest) for name, at in seen.items()}, gt=True)
        oldest = min(newest, latest) - self._settings.view_keep_ms
        pipeline.zremrangebyscore(CAMERAS, "-inf", oldest)

    def _instruction(
        self, view_key: ViewKey, record: Record
    ) -> tuple[tuple[str], tuple[str | bytes | int, ...]]:
        """Return the keys and arguments of the script."""
        settings = self._settings
        kept = pushed = record.value
        keep_ms = settings.view_keep_ms
        if view_key is NARRATION:
            keep_ms = settings.narration_keep_ms
        elif view_key is ALERTS and record.fields.get("state") == CLEARED:
            kept, keep_ms = _tombstone(record), settings.tombstone_keep_ms
        changed = TIMES[record.topic].changed
        return (view_key.key(record.camera_id),), (
            record.fields[view_key.field] if view_key.field else "",
            record.fields[changed],
            record.revision or 0,
            changed,
            kept,
            record.changed_at + keep_ms,
            f"{view_key.channel}:{record.camera_id}" if view_key.channel else "",
            pushed,
            record.changed_at + settings.push_fresh_ms,
            keep_ms + settings.clock_tolerance_ms,
            rfc3339(self._latest()),
            "revision" if view_key is ALERTS else "",
        )

    def _latest(self) -> Millis:
        """Return the latest time that a clock which is right may show."""
        return _now() + self._settings.clock_tolerance_ms


def _execute(pipeline: Pipeline) -> list[Any]:
    """Return the replies to one request. Raises StoreUnavailable or RequestRejected."""
    try:
        return pipeline.execute(raise_on_error=False)
    except redis.DataError as error:  # the client can't write a value
        raise RequestRejected(f"Redis: {error}") from error
    except redis.RedisError as error:
        raise StoreUnavailable(reason(error)) from error


def _known_answer(record: Record) -> Answer | None:
    """Return the answer to a record that needs no request; None for the others."""
    view_key = VIEW_KEYS.get(record.topic)
    if view_key is None or not record.live:
        return Done.SKIPPED
    if record.erased and view_key is not ALERTS:
        return Done.ERASED
    if view_key.field and not isinstance(record.fields.get(view_key.field), str):
        return Unwritable(f"{view_key.field}: missing")
    return None


def _now() -> Millis:
    return time.time_ns() // 1_000_000


def _tombstone(record: Record) -> bytes:
    """Return what remains of a cleared alert: enough to recognise a late message about it."""
    names = ("id", "state", "revision", "updated_at")
    return msgspec.json.encode({name: record.fields.get(name) for name in names})


def _answer(reply: object, *, erased: bool) -> Answer:
    if isinstance(reply, redis.RedisError):
        answer = reason(reply)
        return Unwritable(answer) if _WRONG_TYPE.search(answer) else Busy(answer)
    if erased:
        return Done.ERASED
    return Done.WRITTEN if reply == 1 else Done.OLDER
