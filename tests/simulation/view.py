"""The content of the stores after a history: the newest revision of every record."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from pycturestream.contracts import topics
from pycturestream.domain.frames.frame import Mode
from pycturestream.domain.times import Millis
from tests.builders import Json

UNEQUAL_BY_NATURE = frozenset({"processed_at", "latency_ms"})
"""What processing the same picture again may change."""
UNEQUAL_BY_ARRIVAL = UNEQUAL_BY_NATURE | {"received_at", "picture"}
"""What also changes when the same picture arrives another time."""


class View:
    """Upserts by topic and id, as both stores do, and collects inconsistencies."""

    def __init__(self, mode: Mode) -> None:
        # A live job that restarts may find stale what was superseded before.
        self._may_change = {"frames"} if mode == "live" else set()
        self.faults: list[str] = []
        self.emitted: list[tuple[Millis, str, Json]] = []
        """Everything that was ever written, in order: when, topic and record."""
        self._newest: dict[tuple[str, str], Json] = {}
        self._meanings: dict[tuple[str, str], dict[int, Json]] = {}

    def write(
        self, emitted_at: Millis, topic: str, key: bytes, value: bytes, headers: Mapping[str, bytes]
    ) -> None:
        """Keep a record unless a newer one is there; a revision must never change its content."""
        record = (
            _dead_letter(key, value, headers)
            if topic == topics.DEAD_LETTER
            else msgspec.json.decode(value)
        )
        self.emitted.append((emitted_at, topic, record))
        name, revision = (topic, record["id"]), record.get("revision", 0)
        known = self._meanings.setdefault(name, {}).setdefault(revision, record)
        changed = differences(known, record, UNEQUAL_BY_NATURE)
        if changed and record.get("event") not in self._may_change:
            self.faults.append(
                f"{topic} {record['id']} emitted twice, as revision {revision}, "
                f"with another meaning: {changed}"
            )
        kept = self._newest.get(name)
        if kept is None or kept.get("revision", 0) <= revision:
            self._newest[name] = record

    def of(self, topic: str) -> list[Json]:
        """Return the newest records of a topic."""
        return [record for (named, _), record in self._newest.items() if named == topic]

    def newest(self) -> Mapping[tuple[str, str], Json]:
        """Return the newest record by topic and id."""
        return self._newest

    def revisions(self) -> Iterator[tuple[str, str, Mapping[int, Json]]]:
        """Yield topic, id and the records by revision."""
        for (topic, record_id), emitted in self._meanings.items():
            yield topic, record_id, emitted

    def accounts(self) -> dict[str, Counter[str]]:
        """Return, for each camera, how many records became what, over all windows."""
        accounts: dict[str, Counter[str]] = {}
        for event in self.of(topics.CAMERA_EVENTS):
            if event["event"] == "frames":
                window = event["frames"]
                accounts.setdefault(event["camera_id"], Counter()).update(
                    received=window["received"],
                    processed=window["processed"],
                    **window["dropped"],
                    **window["dead_letters"],
                )
        return accounts


def _dead_letter(key: bytes, value: bytes, headers: Mapping[str, bytes]) -> Json:
    emitted = {name: text.decode() for name, text in headers.items()}
    place = "{topic}[{partition}]@{offset}".format_map(emitted)
    return {"id": place, "key": key, "value": value, **emitted}


def differences(left: Json, right: Json, besides: frozenset[str]) -> str:
    """Return the fields in which two records differ, as `field: left, not right`."""
    if left == right:
        return ""
    return "; ".join(
        f"{name}: {_short(left.get(name))}, not {_short(right.get(name))}"
        for name in left | right
        if name not in besides and left.get(name) != right.get(name)
    )


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 120 else f"{text[:120]}…"
