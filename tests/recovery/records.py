"""The records of one camera in the log, the frame accounts and the index."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from pycturestream.config.settings import Settings
from pycturestream.contracts import topics
from pycturestream.domain.frames.frame import LIVE
from pycturestream.log.reader import read_to_end
from pycturestream.stores.elasticsearch import connect
from pycturestream.stores.index_templates import alias
from pycturestream.stores.search import Scope, find_detections

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Accounts:
    """The sums over all windows of one camera."""

    received: int
    processed: int
    dropped: Counter[str]
    dead_letters: Counter[str]

    @property
    def balance(self) -> bool:
        gone = self.dropped.total() + self.dead_letters.total()
        return self.received == self.processed + gone


def logged(settings: Settings, topic: str, camera_id: str, run: str = LIVE) -> list[Json]:
    """Return a camera's records in the order in which they were written."""
    records = (json.loads(message.value) for message in read_to_end(settings, topic))
    return [r for r in records if r["camera_id"] == camera_id and r["run"] == run]


def accounts(settings: Settings, camera_id: str, run: str = LIVE) -> Accounts:
    """Return the accounts by the newest revision of each window."""
    events = logged(settings, topics.CAMERA_EVENTS, camera_id, run)
    windows = {event["id"]: event["frames"] for event in events if event["event"] == "frames"}
    return Accounts(
        received=sum(window["received"] for window in windows.values()),
        processed=sum(window["processed"] for window in windows.values()),
        dropped=sum((Counter(window["dropped"]) for window in windows.values()), Counter()),
        dead_letters=sum(
            (Counter(window["dead_letters"]) for window in windows.values()), Counter()
        ),
    )


def published(settings: Settings, camera_id: str) -> int:
    """Return how many live records of a camera the broker holds, also those it did not confirm."""
    frames = read_to_end(settings, topics.FRAMES)
    return sum(message.key == camera_id.encode() for message in frames)


def indexed(settings: Settings, camera_id: str, run: str = LIVE) -> list[str]:
    """Return the ids of a camera's detections in Elasticsearch."""
    with connect(settings) as client:
        client.indices.refresh(index=alias(topics.DETECTIONS, run), ignore_unavailable=True)
        found = find_detections(client, Scope(run, camera_id), limit=10_000)
        return [record["id"] for record in found]
