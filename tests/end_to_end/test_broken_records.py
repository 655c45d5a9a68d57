"""Broken records into the real job: it goes on, and reports for each what was wrong."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

import pytest
from kafka import KafkaProducer
from msgspec.structs import replace

from pycturestream.config.limits import admission_limits
from pycturestream.config.settings import Settings
from pycturestream.contracts import topics
from pycturestream.domain.frames.admission import (
    Admitted,
    Arrival,
    Place,
    Rejected,
    admit,
)
from pycturestream.domain.frames.dead_letter import KEY_LIMIT
from pycturestream.domain.frames.frame import header_texts
from pycturestream.domain.times import LATEST
from pycturestream.localstack.job_states import JobStatus, running_jobs
from pycturestream.log.reader import read_to_end
from tests.end_to_end.conftest import eventually
from tests.end_to_end.test_footage import accounts
from tests.unit.fuzz.broken_records import Record, broken_record, pictures

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.usefixtures("short_accounting_windows"),
]

RECORDS = 400
BROKER_LIMIT = 1_040_000
"""Bytes of a record's key, value and headers: the broker rejects much larger ones itself."""
DECODING = {"not-jpeg", "detector-failed"}
"""Reasons that only decoding and detection find."""


@pytest.fixture(scope="module")
def before(system: Settings) -> JobStatus:
    """Return the job's status before the broken records, all of which it has read then."""
    see_one(system, b"before")  # or what is published while the model loads would be stale
    job = detection_job(system)
    with producer(system) as send:
        for seed in range(RECORDS):
            # Of cameras of their own: none of them is superseded.
            record = broken_record(seed, b"fuzz-%d" % seed)
            sendable = record.key is not None or record.value is not None
            if sendable and weight(record) < BROKER_LIMIT:
                send(record.key, record.value, record.headers)
        for key, headers in strange_headers():
            send(key, pictures()[0], headers)
    wait_for_the_accounts(system)
    return job


def see_one(settings: Settings, camera: bytes) -> None:
    """Publish a valid frame again and again, until one has been processed."""

    def seen() -> bool:
        send(camera, pictures()[0], [("captured_at", b"12")])
        results = read_to_end(settings, topics.DETECTIONS)
        return any(message.key == camera for message in results)

    with producer(settings) as send:
        eventually(seen)


def wait_for_the_accounts(settings: Settings) -> dict[str, int]:
    """Return the accounts once they hold all records of the log."""
    published = sum(1 for _ in read_to_end(settings, topics.FRAMES))
    eventually(lambda: accounts(settings, "live").get("received") == published)
    return accounts(settings, "live")


def strange_headers() -> list[tuple[bytes, list[tuple[str, bytes]]]]:
    return [
        (b"none", []),
        (b"twice", [("captured_at", b"12"), ("captured_at", b"soon")]),
        (b"many", [("captured_at", b"12"), *((f"header-{n}", b"x") for n in range(2_000))]),
        (b"long", [("captured_at", b"12"), ("x" * 100_000, b"y" * 100_000), ("", b"")]),
        (b"empty", [("captured_at", b""), ("reference", b"")]),
    ]


@contextmanager
def producer(settings: Settings) -> Iterator[Any]:
    """Yield a function that publishes a record."""
    kafka = KafkaProducer(bootstrap_servers=settings.kafka, max_request_size=2 * BROKER_LIMIT)
    try:
        yield lambda key, value, headers: kafka.send(
            topics.FRAMES, key=key, value=value, headers=headers
        ).get(30)
    finally:
        kafka.close()


def weight(record: Record) -> int:
    texts = [record.key, record.value, *(value for _, value in record.headers)]
    return sum(len(text or b"") for text in texts)


def detection_job(settings: Settings) -> JobStatus:
    return next(job for job in running_jobs(settings) if job.name == "detection")


def outcomes(settings: Settings) -> dict[Place, tuple[Arrival, Admitted | Rejected]]:
    """Return the outcome of admission for every record of the log, if none were stale."""
    limits = replace(admission_limits(settings, "live"), stale_after_ms=LATEST)
    found = {}
    for message in read_to_end(settings, topics.FRAMES):
        headers = dict(message.headers)
        arrival = Arrival(
            Place(topics.FRAMES, message.partition, message.offset),
            message.timestamp,
            message.key,
            message.value,
            headers.get("captured_at"),
            headers.get("sent_at"),
            headers.get("reference"),
        )
        (outcome,) = admit([arrival], limits, message.timestamp)
        found[arrival.place] = arrival, outcome
    return found


def test_each_dead_letter_has_the_reason_of_admission(system: Settings, before: JobStatus):  # noqa: ARG001
    expected = outcomes(system)
    letters = {}
    for letter in read_to_end(system, topics.DEAD_LETTER):
        headers = header_texts(letter.headers)
        place = Place(headers["topic"], int(headers["partition"]), int(headers["offset"]))
        assert place not in letters
        letters[place] = headers["reason"]
        arrival, outcome = expected[place]
        key = arrival.key
        if key and len(key) > KEY_LIMIT:
            assert headers["key_sha256"] == sha256(key).hexdigest()
            key = key[:KEY_LIMIT]
        assert (letter.key, letter.value or b"") == (key, arrival.value or b"")
        assert headers["reason"] in DECODING or isinstance(outcome, Rejected)
    rejected = {
        place: outcome.reason
        for place, (_, outcome) in expected.items()
        if isinstance(outcome, Rejected)
    }
    assert len(Counter(rejected.values())) >= 8
    assert {place: letters.get(place) for place in rejected} == rejected


def test_the_accounts_balance_exactly(system: Settings, before: JobStatus):  # noqa: ARG001
    sums = wait_for_the_accounts(system)
    assert sums["received"] == sums["processed"] + sums["dropped"] + sums["dead_letters"]
    assert sums["dead_letters"] == sum(1 for _ in read_to_end(system, topics.DEAD_LETTER))
    seen = [message.key for message in read_to_end(system, topics.DETECTIONS)]
    assert any(camera.startswith(b"fuzz-") for camera in seen)


def test_the_job_goes_on_as_if_nothing_had_happened(system: Settings, before: JobStatus):
    see_one(system, b"after")
    now = detection_job(system)
    assert (now.id, now.state, now.restarts) == (before.id, before.state, before.restarts)
