"""The keys of the view that Redis holds, and the channels on which it pushes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pycturestream.contracts import topics

CAMERAS: Final = "cameras"
"""Sorted set: camera id by the time at which it was last seen."""
CLEARED: Final = "cleared"
REMOVE_FIELD: Final = """
redis.call('ZREM', KEYS[1] .. ':expiries', ARGV[1])
return redis.call('HDEL', KEYS[1], ARGV[1])
"""
"""A script that removes a field of a hash, with its expiry time, which `keep_newest.lua` notes."""


@dataclass(frozen=True, slots=True)
class ViewKey:
    """The key under which the newest record of a kind is kept, and the channel it is pushed to."""

    name: str
    """The key is `camera:{id}:{name}`."""
    field: str = ""
    """The record's field that gives its field in a hash; empty: the value is a string."""
    channel: str = ""
    """It is pushed to `{channel}:{id}`; empty: it is not pushed."""

    def key(self, camera_id: str) -> str:
        return f"camera:{camera_id}:{self.name}"


LATEST: Final = ViewKey("latest", channel="detections")
COUNTS: Final = ViewKey("counts", field="label")
ALERTS: Final = ViewKey("alerts", field="id", channel="alerts")
NARRATION: Final = ViewKey("narration", channel="narrations")
VIEW_KEYS: Final[Mapping[str, ViewKey]] = {
    topics.DETECTIONS: LATEST,
    topics.COUNTS: COUNTS,
    topics.ALERTS: ALERTS,
    topics.NARRATIONS: NARRATION,
}
