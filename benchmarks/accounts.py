"""The system's own frame accounts of each camera."""

import time
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from benchmarks.bench import Bench
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.results import decode_result
from pycturestream.contracts.topics import CAMERA_EVENTS
from pycturestream.log.reader import read_to_end

POLL_S = 3.0
TIMEOUT_S = 120.0
"""A window is emitted some seconds after its minute has ended."""


@dataclass(frozen=True, slots=True)
class FrameTotals:
    """How many frames had which outcome."""

    received: int
    processed: int
    dropped: Mapping[str, int]
    dead_letters: Mapping[str, int]


def balanced_accounts(
    bench: Bench, published: Mapping[str, int], since: int, impersonated: Container[str] = ()
) -> tuple[dict[str, FrameTotals], bool]:
    """Return the accounts of these cameras once they hold all that was published.

    `since`: epoch milliseconds. `impersonated` cameras may have received more, from others. After
    TIMEOUT_S they are returned as they are; the second value is whether they balance.
    """
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        accounts = add_up(_records(bench, since))
        found = {camera: accounts.get(camera, FrameTotals(0, 0, {}, {})) for camera in published}
        balanced = all(
            found[camera].received == number
            or (camera in impersonated and found[camera].received > number)
            for camera, number in published.items()
        )
        if balanced or time.monotonic() > deadline:
            return found, balanced
        time.sleep(POLL_S)


def add_up(records: Iterable[Mapping[str, Any]]) -> dict[str, FrameTotals]:
    """Return the totals of each camera, from the newest revision of each of its windows."""
    newest: dict[str, Mapping[str, Any]] = {}
    for record in records:
        known = newest.get(record["id"])
        if record["event"] == "frames" and (
            known is None or record["revision"] >= known["revision"]
        ):
            newest[record["id"]] = record
    accounts: dict[str, list[FrameTotals]] = {}
    for record in newest.values():
        accounts.setdefault(record["camera_id"], []).append(FrameTotals(**record["frames"]))
    return {camera: add(windows) for camera, windows in accounts.items()}


def add(accounts: Iterable[FrameTotals]) -> FrameTotals:
    """Return the sum of some totals."""
    accounts = list(accounts)
    return FrameTotals(
        received=sum(each.received for each in accounts),
        processed=sum(each.processed for each in accounts),
        dropped=_add_by_reason(each.dropped for each in accounts),
        dead_letters=_add_by_reason(each.dead_letters for each in accounts),
    )


def _add_by_reason(numbers: Iterable[Mapping[str, int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for each in numbers:
        found.update(each)
    return dict(sorted(found.items()))


def _records(bench: Bench, since: int) -> Iterator[Mapping[str, Any]]:
    for message in read_to_end(bench.settings, CAMERA_EVENTS, since=since):
        with suppress(CodecError):  # what a hostile sender put there
            yield decode_result(CAMERA_EVENTS, message.value)
