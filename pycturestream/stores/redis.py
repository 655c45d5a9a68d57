"""Redis as a view of the log: the newest of every camera, pushed to who listens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

import msgspec
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from pycturestream.config.settings import Settings
from pycturestream.contracts import topics
from pycturestream.stores.batch_writer import Answer, Busy, Done, StoreAway, Unwritable
from pycturestream.stores.record import TIMES, Record

CAMERAS: Final = "cameras"
"""Sorted set: camera id by the time it was last seen."""
CLEARED: Final = "cleared"

TEMPORARY: Final = (
    redis.ConnectionError,  # also: still loading its data
    redis.TimeoutError,
    redis.exceptions.ReadOnlyError,
    redis.exceptions.OutOfMemoryError,
    redis.exceptions.TryAgainError,
    redis.exceptions.ClusterDownError,
    redis.exceptions.MasterDownError,
)
"""What passes without anyone changing the record."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the newest record of a kind is kept, and where it is pushed to."""

    name: str
    """The key is `camera:{id}:{name}`."""
    field: str = ""
    """The record's field that names its field in a hash; none: the key is a string."""
    channel: str = ""
    """Pushed to `{channel}:{id}`."""

    def key(self, camera_id: str) -> str:
        return f"camera:{camera_id}:{self.name}"


LATEST: Final = Place("latest", channel="detections")
COUNTS: Final = Place("counts", field="label")
ALERTS: Final = Place("alerts", field="id", channel="alerts")
NARRATION: Final = Place("narration", channel="narrations")
PLACES: Final[Mapping[str, Place]] = {
    topics.DETECTIONS: LATEST,
    topics.COUNTS: COUNTS,
    topics.ALERTS: ALERTS,
    topics.NARRATIONS: NARRATION,
}


def connect(settings: Settings) -> redis.Redis:
    """Return a client that fails at once: who waits how long is decided in one place."""
    seconds = settings.store_timeout_ms / 1000
    return redis.Redis.from_url(
        settings.redis,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=Retry(NoBackoff(), 0),
    )


class RedisStore:
    """Writes live records with one script that keeps the newest, a bundle in one round trip.

    Replays are not written: who looks here wants to know what is.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client = connect(settings)
        script = (files(__package__) / "keep_newest.lua").read_text("utf-8")
        self._keep_newest = self._client.register_script(script)

    def prepare(self) -> None:
        """Do nothing: the client loads the script again into a server that lost it."""

    def write(self, records: Sequence[Record]) -> list[Answer]:
        answers: dict[int, Answer] = {}
        asked: list[int] = []
        seen: dict[str, int] = {}
        pipeline = self._client.pipeline(transaction=False)
        for number, record in enumerate(records):
            place = PLACES.get(record.topic)
            if place is None or not record.live:
                answers[number] = Done.SKIPPED
            elif place.field and not isinstance(record.fields.get(place.field), str):
                answers[number] = Unwritable(f"{place.field}: missing")
            else:
                asked.append(number)
                self._keep_newest(*self._instruction(place, record), client=pipeline)
                if place is LATEST:
                    seen[record.camera_id] = max(
                        record.changed_at, seen.get(record.camera_id, record.changed_at)
                    )
        if seen:
            oldest = max(seen.values()) - self._settings.view_keep_ms
            pipeline.zadd(CAMERAS, seen, gt=True)
            pipeline.zremrangebyscore(CAMERAS, "-inf", oldest)
        try:
            replies = pipeline.execute(raise_on_error=False)
        except TEMPORARY as error:
            raise StoreAway(f"Redis: {error}") from error
        answers |= zip(asked, map(_answer, replies), strict=False)  # then come the cameras
        return [answers[number] for number in range(len(records))]

    def close(self) -> None:
        self._client.close()

    def _instruction(
        self, place: Place, record: Record
    ) -> tuple[tuple[str], tuple[str | bytes | int, ...]]:
        """Return the keys and arguments of the script."""
        settings = self._settings
        kept = pushed = record.json()
        keep_ms = settings.view_keep_ms
        if place is NARRATION:
            keep_ms = settings.narration_keep_ms
        elif place is ALERTS and record.fields.get("state") == CLEARED:
            kept, keep_ms = _tombstone(record), settings.tombstone_keep_ms
        changed = TIMES[record.topic].changed
        return (place.key(record.camera_id),), (
            record.fields[place.field] if place.field else "",
            record.fields[changed],
            record.revision or 0,
            changed,
            kept,
            record.changed_at + keep_ms,
            f"{place.channel}:{record.camera_id}" if place.channel else "",
            pushed,
            record.changed_at + settings.push_fresh_ms,
        )


def _tombstone(record: Record) -> bytes:
    """Return what is left of a cleared alert: enough to know a late message of it by."""
    names = ("id", "state", "revision", "updated_at")
    return msgspec.json.encode({name: record.fields.get(name) for name in names})


def _answer(reply: object) -> Answer:
    if isinstance(reply, TEMPORARY):
        return Busy(f"Redis: {reply}")
    if isinstance(reply, redis.RedisError):
        return Unwritable(str(reply))
    return Done.WRITTEN if reply == 1 else Done.OLDER
