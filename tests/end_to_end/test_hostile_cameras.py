"""Whatever a hostile sender puts on the topics, a good camera goes on."""

import threading
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field

import pytest
from kafka import KafkaProducer
from kafka.errors import KafkaError

from benchmarks.hostile_records import KINDS
from pycturestream.clock import SystemClock
from pycturestream.config.settings import Settings
from pycturestream.contracts import topics
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.results import decode_result
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.sender import sender_header
from pycturestream.domain.times import parse_rfc3339
from pycturestream.localstack.job_states import JobStatus, running_jobs
from pycturestream.log.cameras import publish_cameras
from pycturestream.log.reader import read_to_end
from tests.end_to_end.conftest import command, eventually
from tests.end_to_end.test_broken_records import see_one, wait_for_the_accounts
from tests.unit.fuzz.broken_records import pictures

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.usefixtures("short_accounting_windows"),
]

GOOD = "good"
STARTED_AT = 1
INTERVAL_S = 1.0
FRAMES_A_KIND = 10
"""That the good camera sends at least while records of one kind are sent."""
REQUEST_LIMIT = 100_000_000
"""A hostile producer has no limit of its own."""


@dataclass
class Attack:
    """What was sent, and the jobs before."""

    jobs: list[JobStatus]
    good: list[int] = field(default_factory=list)
    """When the good camera's frames were captured, epoch milliseconds."""
    taken: Counter[str] = field(default_factory=Counter)
    """Hostile records that the broker took, by kind."""


@pytest.fixture(scope="module")
def attack(system: Settings) -> Attack:
    """Send all kinds of hostile records, one kind after the other, while a good camera sends."""
    picture = pictures()[0]
    # Strangers will take all places of cameras without settings.
    known = [Camera(name) for name in ("before", GOOD, "afterwards")]
    publish_cameras(known, system, SystemClock())
    see_one(system, b"before")
    done = Attack(running_jobs(system))
    hostile = KafkaProducer(
        bootstrap_servers=system.kafka,
        compression_type="gzip",
        max_request_size=REQUEST_LIMIT,
        enable_idempotence=False,  # or nothing more is sent after a record that is refused
    )
    good = KafkaProducer(bootstrap_servers=system.kafka)
    with closing(hostile), closing(good):
        for kind, records in KINDS.items():
            sender = threading.Thread(
                target=_send, args=(hostile, done, kind, records(GOOD, picture))
            )
            sender.start()
            sent = 0
            while sent < FRAMES_A_KIND or sender.is_alive():
                now = time.time_ns() // 1_000_000
                times = [("captured_at", b"%d" % now), ("sent_at", b"%d" % now)]
                headers = [*times, ("sender", sender_header(GOOD, STARTED_AT))]
                good.send(topics.FRAMES, key=GOOD.encode(), value=picture, headers=headers).get(30)
                done.good.append(now)
                sent += 1
                time.sleep(INTERVAL_S)
            sender.join()
    return done


def _send(hostile: KafkaProducer, done: Attack, kind: str, records) -> None:
    for record in records:
        try:
            future = hostile.send(
                record.topic, key=record.key, value=record.value, headers=record.headers
            )
            if kind != "strangers":
                future.get(30)
        except KafkaError:
            continue  # the broker refuses it: even better
        done.taken[kind] += 1
    hostile.flush(60)


def test_each_frame_of_the_good_camera_is_processed(system: Settings, attack: Attack):
    def missing() -> set[int]:
        found = set()
        for message in read_to_end(system, topics.DETECTIONS):
            with suppress(CodecError):
                record = decode_result(topics.DETECTIONS, message.value)
                if record["camera_id"] == GOOD:
                    found.add(parse_rfc3339(record["captured_at"]))
        return set(attack.good) - found

    eventually(lambda: not missing())


def test_the_accounts_balance(system: Settings, attack: Attack):  # noqa: ARG001
    sums = wait_for_the_accounts(system)
    assert sums["received"] == sums["processed"] + sums["dropped"] + sums["dead_letters"]


def test_no_job_has_failed(system: Settings, attack: Attack):
    now = {job.name: (job.id, job.state, job.restarts) for job in running_jobs(system)}
    assert now == {job.name: (job.id, job.state, job.restarts) for job in attack.jobs}


@pytest.mark.parametrize("kind", ["huge", "bombs"])
def test_the_broker_takes_nothing_that_is_too_large_when_unpacked(attack: Attack, kind: str):
    assert not attack.taken[kind]


@pytest.mark.parametrize("kind", ["pictures", "strangers", "impostor", "poison"])
def test_hostile_records_were_taken_by_the_broker(attack: Attack, kind: str):
    """Or else the other tests would show nothing."""
    assert attack.taken[kind]


def test_commands_go_on(system: Settings, attack: Attack):
    see_one(system, b"afterwards")
    assert eventually(lambda: command("latest", "afterwards"))
    (newest,) = command("latest", GOOD)
    assert parse_rfc3339(newest["captured_at"]) >= attack.good[0]
    assert command("find", "--camera", GOOD)
    command("counts", "--camera", GOOD)
    command("alerts")
    command("narrations", "--camera", GOOD)
