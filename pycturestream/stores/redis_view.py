"""Reads what Redis holds of the cameras at this moment."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pycturestream.config.settings import Settings
from pycturestream.contracts import topics
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.rejections import RejectedRecords
from pycturestream.contracts.results import decode_object, decode_result
from pycturestream.domain.frames.frame import is_camera_id
from pycturestream.domain.times import FIRST_YEARS, LAST_YEARS, Millis
from pycturestream.stores.checked_subscription import CheckedSubscription
from pycturestream.stores.redis_client import connect
from pycturestream.stores.view_keys import (
    ALERTS,
    CAMERAS,
    CLEARED,
    COUNTS,
    LATEST,
    NARRATION,
    VIEW_KEYS,
)

Json = dict[str, Any]
_TOPICS = {key.channel: topic for topic, key in VIEW_KEYS.items() if key.channel}


@dataclass(frozen=True, slots=True)
class CameraView:
    """The newest of one camera; what has expired or never existed is None or empty."""

    camera_id: str
    seen_at: Millis | None
    latest: Json | None
    alerts: tuple[Json, ...]
    """The open alerts, most dangerous first."""
    narration: Json | None


@dataclass(frozen=True, slots=True)
class Pushed:
    """A record that was pushed on a channel: `detections`, `alerts` or `narrations`."""

    channel: str
    camera_id: str
    record: Json


@dataclass(frozen=True, slots=True)
class PushedBytes:
    """The same, as it was pushed: not read yet, and perhaps no record at all."""

    channel: str
    camera_id: str
    data: bytes


class RedisView:
    """Reads the view that the serving job keeps. Lets redis.RedisError through."""

    def __init__(self, settings: Settings) -> None:
        self._client = connect(settings)
        self._rejected = RejectedRecords("a view")

    def cameras(self) -> dict[str, Millis]:
        """Return when each camera was last seen, by camera id."""
        seen: Any = self._client.zrange(CAMERAS, 0, -1, withscores=True)
        named = ((name.decode("utf-8", "replace"), at) for name, at in sorted(seen))
        return {
            camera_id: Millis(int(at))
            for camera_id, at in named
            if is_camera_id(camera_id) and FIRST_YEARS <= at < LAST_YEARS
        }

    def latest(self, camera_id: str) -> Json | None:
        """Return the newest detections record."""
        return self._decoded(topics.DETECTIONS, self._client.get(LATEST.key(camera_id)))

    def counts(self, camera_id: str) -> dict[str, Json]:
        """Return the newest closed window of each label."""
        windows: Any = self._client.hgetall(COUNTS.key(camera_id))
        found = (self._decoded(topics.COUNTS, value) for value in windows.values())
        return {window["label"]: window for window in found if window}

    def alerts(self, camera_id: str) -> tuple[Json, ...]:
        """Return the open alerts, most dangerous first."""
        return self._open(self._client.hvals(ALERTS.key(camera_id)))

    def narration(self, camera_id: str) -> Json | None:
        """Return the last sentence; None once it has expired."""
        return self._decoded(topics.NARRATIONS, self._client.get(NARRATION.key(camera_id)))

    def overview(self, camera_ids: Sequence[str] | None = None) -> list[CameraView]:
        """Return the view of these cameras (None: all), in one round trip."""
        seen = self.cameras()
        names = list(seen) if camera_ids is None else camera_ids
        pipeline = self._client.pipeline(transaction=False)
        for name in names:
            pipeline.get(LATEST.key(name))
            pipeline.hvals(ALERTS.key(name))
            pipeline.get(NARRATION.key(name))
        replies = iter(pipeline.execute())
        return [
            CameraView(
                camera_id=name,
                seen_at=seen.get(name),
                latest=self._decoded(topics.DETECTIONS, next(replies)),
                alerts=self._open(next(replies)),
                narration=self._decoded(topics.NARRATIONS, next(replies)),
            )
            for name in names
        ]

    def listen(
        self, camera_ids: Sequence[str] | None = None, *, tick_s: float = 1.0
    ) -> Iterator[Pushed | None]:
        """Yield what is pushed about these cameras (None: all), without end.

        Yields None first, when the subscription is complete, and whenever nothing came for
        `tick_s`, or something that is no record.
        """
        channels = [kind.channel for kind in (LATEST, ALERTS, NARRATION)]
        if camera_ids is None:
            messages = self._messages((), [f"{channel}:*" for channel in channels], tick_s)
        else:
            names = [f"{channel}:{name}" for channel in channels for name in camera_ids]
            messages = self._messages(names, (), tick_s)
        for message in messages:
            yield None if message is None else self._pushed(message)

    def listen_to_prefix(
        self, channels: Iterable[str], prefix: str, *, tick_s: float = 1.0
    ) -> Iterator[PushedBytes | None]:
        """Yield what is pushed on these channels about cameras whose id begins so, without end.

        For whoever needs little of many: the records are not read. Yields None as `listen` does.
        """
        patterns = [f"{channel}:{prefix}*" for channel in channels]
        yield from self._messages((), patterns, tick_s)

    def _messages(
        self, channels: Sequence[str], patterns: Sequence[str], tick_s: float
    ) -> Iterator[PushedBytes | None]:
        with self._client.pubsub() as subscription:  # type: ignore[no-untyped-call]
            if channels:
                subscription.subscribe(*channels)
            if patterns:
                subscription.psubscribe(*patterns)
            for _ in (*channels, *patterns):
                subscription.get_message(timeout=None)  # confirms one of them
            yield None
            checked = CheckedSubscription(subscription)
            while True:
                message = checked.read(tick_s)
                if message is None:
                    yield None
                    continue
                channel, _, camera_id = message["channel"].decode("utf-8", "replace").partition(":")
                yield PushedBytes(channel, camera_id, message["data"])

    def close(self) -> None:
        self._client.close()

    def _decoded(self, topic: str, value: Any) -> Json | None:
        """Return a record; None, and a report, for what is no record of this topic."""
        if value is None:
            return None
        try:
            return decode_result(topic, value)
        except CodecError as error:
            self._rejected.report(topic, error)
            return None

    def _open(self, values: Any) -> tuple[Json, ...]:
        # What is left of a cleared alert is no record; nobody needs to hear of that.
        alerts = (self._decoded(topics.ALERTS, value) for value in values if not _is_cleared(value))
        still_open = (alert for alert in alerts if alert and alert["state"] != CLEARED)
        return tuple(sorted(still_open, key=lambda alert: (-alert["level"], alert["raised_at"])))

    def _pushed(self, message: PushedBytes) -> Pushed | None:
        record = self._decoded(_TOPICS[message.channel], message.data)
        return Pushed(message.channel, message.camera_id, record) if record else None


def _is_cleared(value: bytes) -> bool:
    try:
        return decode_object(value).get("state") == CLEARED
    except CodecError:
        return False
