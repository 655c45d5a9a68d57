"""Reads what Redis holds of the cameras at this moment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from pycturestream.config.settings import Settings
from pycturestream.domain.times import Millis
from pycturestream.stores.redis import ALERTS, CAMERAS, CLEARED, COUNTS, LATEST, NARRATION, connect

Json = dict[str, Any]


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


class RedisView:
    """Reads the view that the serving job keeps. Lets redis.RedisError through."""

    def __init__(self, settings: Settings) -> None:
        self._client = connect(settings)

    def cameras(self) -> dict[str, Millis]:
        """Return when each camera was last seen, by camera id."""
        seen: Any = self._client.zrange(CAMERAS, 0, -1, withscores=True)
        return {camera_id.decode(): Millis(int(at)) for camera_id, at in sorted(seen)}

    def latest(self, camera_id: str) -> Json | None:
        """Return the newest detections record."""
        return _decoded(self._client.get(LATEST.key(camera_id)))

    def counts(self, camera_id: str) -> dict[str, Json]:
        """Return the newest closed window of each label."""
        windows: Any = self._client.hgetall(COUNTS.key(camera_id))
        return {label.decode(): msgspec.json.decode(value) for label, value in windows.items()}

    def alerts(self, camera_id: str) -> tuple[Json, ...]:
        """Return the open alerts, most dangerous first."""
        return _open(self._client.hvals(ALERTS.key(camera_id)))

    def narration(self, camera_id: str) -> Json | None:
        """Return the last sentence; None once it has expired."""
        return _decoded(self._client.get(NARRATION.key(camera_id)))

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
                latest=_decoded(next(replies)),
                alerts=_open(next(replies)),
                narration=_decoded(next(replies)),
            )
            for name in names
        ]

    def listen(
        self, camera_ids: Sequence[str] | None = None, *, tick_s: float = 1.0
    ) -> Iterator[Pushed | None]:
        """Yield what is pushed about these cameras (None: all), without end.

        Yields None first, when the subscription is complete, and whenever nothing came for
        `tick_s`.
        """
        channels = [kind.channel for kind in (LATEST, ALERTS, NARRATION)]
        with self._client.pubsub() as subscription:  # type: ignore[no-untyped-call]
            if camera_ids is None:
                subscription.psubscribe(*(f"{channel}:*" for channel in channels))
            else:
                subscription.subscribe(
                    *(f"{channel}:{name}" for channel in channels for name in camera_ids)
                )
            for _ in list(subscription.channels) or list(subscription.patterns):
                subscription.get_message(timeout=None)  # confirms one channel
            yield None
            while True:
                message = subscription.get_message(timeout=tick_s)
                yield None if message is None else _pushed(message)

    def close(self) -> None:
        self._client.close()


def _decoded(value: Any) -> Json | None:
    return None if value is None else msgspec.json.decode(value, type=Json)


def _open(values: Any) -> tuple[Json, ...]:
    alerts = (msgspec.json.decode(value, type=Json) for value in values)
    still_open = (alert for alert in alerts if alert["state"] != CLEARED)
    return tuple(sorted(still_open, key=lambda alert: (-alert["level"], alert["raised_at"])))


def _pushed(message: Json) -> Pushed:
    channel, _, camera_id = message["channel"].decode().partition(":")
    return Pushed(channel, camera_id, msgspec.json.decode(message["data"], type=Json))
