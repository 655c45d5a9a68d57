"""In which order an erasure is done, and what its receipt says."""

import json
from hashlib import sha256

import pytest

from pycturestream.application import erasing
from pycturestream.domain.erasure import PlaceReport
from pycturestream.errors import ServiceError
from tests.builders import MINUTE, NOON
from tests.erasures import erasure

ASKED = erasure("gate", NOON, NOON + MINUTE)


class Clock:
    """A clock whose sleeping is entered among what happens."""

    stopped = False

    def __init__(self, happened):
        self._happened = happened

    def now(self):
        return NOON

    def seconds(self):
        return 0.0

    def sleep(self, seconds):
        self._happened.append(f"wait {seconds:.0f}")


class Place:
    """A place with some records; each erasing finds a late one until `late` are written."""

    def __init__(self, happened, name="store", records=3, late=0):
        self.name = name
        self.records = records
        self._late = late
        self._happened = happened

    def count(self, _erasure):
        self._happened.append(f"count {self.name}")
        return PlaceReport(self.name, {"detections": self.records})

    def erase(self, _erasure):
        self._happened.append(f"erase {self.name}")
        erased, self.records = self.records, 0
        if self._late:
            self._late, self.records = self._late - 1, 1
        return PlaceReport(self.name, {"detections": erased})


class Away(Place):
    def erase(self, _erasure):
        raise ServiceError("Redis at 127.0.0.1:1 does not answer")

    count = erase


@pytest.fixture
def happened():
    return []


def erase(happened, *places):
    return erasing.erase(
        ASKED,
        places,
        lambda _: happened.append("publish"),
        10_000,
        Clock(happened),
        lambda _: None,
    )


def test_it_is_written_then_all_writers_know_then_places_are_erased_and_counted(happened):
    (report,) = erase(happened, Place(happened))

    assert happened == ["publish", "wait 12", "erase store", "count store"]
    assert report == PlaceReport("store", {"detections": 3})


def test_what_a_writer_had_begun_is_found_and_erased_again(happened):
    (report,) = erase(happened, Place(happened, late=2))

    assert report.erased == {"detections": 5}
    assert not report.failure
    assert happened.count("erase store") == 3


def test_records_that_come_again_and_again_are_a_failure_not_a_success(happened):
    (report,) = erase(happened, Place(happened, late=99))

    assert "found again" in report.failure
    assert not erasing.is_complete([report])


def test_a_place_that_is_away_does_not_keep_the_others_from_being_erased(happened):
    away, done = erase(happened, Away(happened, "Redis"), Place(happened))

    assert away.failure == "Redis at 127.0.0.1:1 does not answer"
    assert done.erased == {"detections": 3}
    assert not erasing.is_complete([away, done])


def test_where_the_erasure_can_not_be_written_nothing_is_erased(happened):
    def fail(_erasure):
        raise ServiceError("Kafka does not answer")

    with pytest.raises(ServiceError):
        erasing.erase(ASKED, [Place(happened)], fail, 10_000, Clock(happened), lambda _: None)
    assert happened == []


def test_counting_changes_nothing(happened):
    place = Place(happened)
    (report,) = erasing.count(ASKED, [place], lambda _: None)

    assert report.erased == {"detections": 3}
    assert (place.records, happened) == (3, ["count store"])


def test_a_receipt_has_numbers_times_and_a_checksum_that_anybody_can_compute():
    reports = [
        PlaceReport("log", {"alerts": 1}, {"detections": 7}, NOON + MINUTE),
        PlaceReport("Redis", failure="does not answer"),
    ]

    receipt = erasing.receipt(ASKED, reports, NOON + 60 * MINUTE, NOON)

    log, redis = receipt["places"]
    assert (log["erased"], log["left"]) == ({"alerts": 1}, {"detections": 7})
    assert log["gone_at"] == "2026-11-21T12:01:00.000Z"
    assert (redis["failure"], redis["gone_at"]) == ("does not answer", None)
    assert receipt["complete"] is False
    assert receipt["erasure"]["id"] == ASKED.key
    others = {name: value for name, value in receipt.items() if name != "sha256"}
    plain = json.dumps(others, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert receipt["sha256"] == sha256(plain.encode()).hexdigest()
