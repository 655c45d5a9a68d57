"""Erasing: what a camera saw in a time is removed everywhere, and stays away.

The order matters. The erasure is written into the topic `erasures` first: from then on no writer
writes what it covers, and a command that is killed can be run again. Then comes a wait, until
every writer knows of it and has ended what it had begun; then the places are erased; then they are
counted once more.
"""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Protocol

import msgspec

from pycturestream.clock import Clock
from pycturestream.contracts.erasures import erasure_record
from pycturestream.domain.erasure import Erasure, PlaceReport
from pycturestream.domain.times import Millis, rfc3339
from pycturestream.errors import PyctureStreamError

Json = dict[str, Any]

FOLLOWING_MS = 2_000
"""A follower of a topic knows of a record within a fifth of a second; within two seconds where it
had to connect again."""
CHECKS = 3
"""How often what is found afterwards is erased again."""
CHECK_WAIT_S = 1.0


class Place(Protocol):
    """Something that holds what cameras saw, such as a store.

    Lets a PyctureStreamError through where it can't be reached.
    """

    @property
    def name(self) -> str: ...

    def count(self, erasure: Erasure) -> PlaceReport:
        """Return what it holds of an erased time."""
        ...

    def erase(self, erasure: Erasure) -> PlaceReport:
        """Remove that, and return what was removed. To do so again does no harm."""
        ...


ReportStep = Callable[[str], None]
"""Called with what is done next."""


def count(erasure: Erasure, places: Sequence[Place], report: ReportStep) -> list[PlaceReport]:
    """Return what each place holds of an erased time."""
    return [_ask(place, place.count, erasure, report, "counting") for place in places]


def erase(
    erasure: Erasure,
    places: Sequence[Place],
    publish: Callable[[Erasure], None],
    request_ms: Millis,
    clock: Clock,
    report: ReportStep,
) -> list[PlaceReport]:
    """Erase everywhere and return what each place says; see PlaceReport.failure.

    `request_ms` is how long a request of a writer takes at most. Lets what `publish` raises
    through: then nothing has happened.
    """
    report("writing the erasure")
    publish(erasure)
    wait_s = (request_ms + FOLLOWING_MS) / 1000
    report(f"waiting {wait_s:.0f} s, until all that write know of it")
    clock.sleep(wait_s)
    return [_erase_and_check(place, erasure, clock, report) for place in places]


def receipt(
    erasure: Erasure, reports: Sequence[PlaceReport], holds_until: Millis, finished_at: Millis
) -> Json:
    """Return what was erased where, in numbers, with a checksum over it.

    `sha256` is that of the other fields as JSON, with sorted keys and without blanks.
    """
    content: Json = {
        "erasure": erasure_record(erasure),
        "finished_at": rfc3339(finished_at),
        "complete": is_complete(reports),
        "holds_until": rfc3339(holds_until),
        "places": [place_record(one) for one in reports],
    }
    return {**content, "sha256": checksum(content)}


def checksum(content: Mapping[str, Any]) -> str:
    """Return the checksum of a receipt's other fields."""
    return sha256(msgspec.json.encode(content, order="sorted")).hexdigest()


def is_complete(reports: Sequence[PlaceReport]) -> bool:
    """Whether every place could be reached, and nothing was found there afterwards."""
    return not any(one.failure for one in reports)


def place_record(report: PlaceReport) -> Json:
    """Return what a place says, as JSON has it."""
    record: Json = msgspec.to_builtins(report)
    return record | {"gone_at": None if report.gone_at is None else rfc3339(report.gone_at)}


def _erase_and_check(
    place: Place, erasure: Erasure, clock: Clock, report: ReportStep
) -> PlaceReport:
    """Erase one place, and again what is found in it afterwards."""
    done = _ask(place, place.erase, erasure, report, "erasing")
    for _ in range(CHECKS):
        if done.failure:
            return done
        found = _ask(place, place.count, erasure, report, "checking")
        if found.failure or not any(found.erased.values()):
            return msgspec.structs.replace(done, failure=found.failure)
        clock.sleep(CHECK_WAIT_S)
        again = _ask(place, place.erase, erasure, report, "erasing")
        numbers = {kind: done.erased.get(kind, 0) + number for kind, number in again.erased.items()}
        done = msgspec.structs.replace(again, erased=numbers)
    left = sum(_ask(place, place.count, erasure, report, "checking").erased.values())
    if left and not done.failure:
        why = f"{left} records were found again: does a program of an older version write there?"
        done = msgspec.structs.replace(done, failure=why)
    return done


def _ask(
    place: Place,
    question: Callable[[Erasure], PlaceReport],
    erasure: Erasure,
    report: ReportStep,
    what: str,
) -> PlaceReport:
    report(f"{what}: {place.name}")
    try:
        return question(erasure)
    except PyctureStreamError as error:
        return PlaceReport(place.name, failure=str(error))
