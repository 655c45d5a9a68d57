"""Live histories with a second sender of each camera, whose clock is ahead, and with crashes."""

from itertools import chain
from random import Random

from msgspec.structs import replace

from pycturestream.contracts.topics import CAMERA_EVENTS, DETECTIONS
from pycturestream.domain.frames.admission import Arrival, Place
from tests.simulation.living import live, live_undisturbed
from tests.simulation.properties import (
    expect,
    frames_come_first,
    one_meaning,
    orderly_alerts,
    orderly_presence,
)
from tests.simulation.publishing import Disturbance, Log, publish
from tests.simulation.world import build_world

FIRST = b"kitchen:1"
OTHERS = (None, b"garage:1", b"garage:2", b"kitchen:0", b"not a name")
AHEAD_MS = 4_900


def with_second_sender(log: Log, chance: Random) -> tuple[Log, int]:
    """Return a log in which others repeat what the first sender of a camera has just sent.

    Also returns how many such records there are.
    """
    partitions, added = [], 0
    for number, arrivals in enumerate(log.partitions):
        mixed: list[Arrival] = []
        for arrival in arrivals:
            mixed.append(replace(arrival, sender=FIRST))
            if chance.random() < 0.5:
                added += 1
                mixed.append(ahead(arrival, chance))
        partitions.append(
            tuple(
                replace(arrival, place=Place(log.topic, number, offset))
                for offset, arrival in enumerate(mixed)
            )
        )
    return Log(log.topic, tuple(partitions), {}, log.repeats, log.dead_letters), added


def ahead(arrival: Arrival, chance: Random) -> Arrival:
    """Return the record of another sender, with other bytes and a clock that is ahead."""
    at = b"%d" % (arrival.received_at + AHEAD_MS)
    sender = chance.choice(OTHERS)
    return replace(arrival, captured_at=at, sent_at=at, sender=sender)


def test_a_second_sender_is_counted_and_changes_nothing(seed, clock):
    world, chance = build_world(seed), Random(f"second sender {seed}")
    log, added = with_second_sender(publish(world, "live", Disturbance(), chance), chance)

    job = live(world, log, clock, chance)

    detected = job.view.of(DETECTIONS)
    # None at all where the job was away until everything was stale.
    assert {record["sender"] for record in detected} <= {FIRST.decode()}
    accounts = job.view.accounts().values()
    assert sum(window["other-sender"] for window in accounts) == added
    expect(
        chain(
            one_meaning(job.view),
            frames_come_first(job.view),
            orderly_alerts(job.view),
            orderly_presence(job.view),
        )
    )


def test_a_second_sender_makes_no_frame_of_the_first_out_of_order(seed, clock):
    world, chance = build_world(seed), Random(f"second sender, undisturbed {seed}")
    log, _ = with_second_sender(publish(world, "live", Disturbance(), chance), chance)

    job = live_undisturbed(world, log, clock)

    accounts = job.view.accounts()
    assert all(not window["out-of-order"] for window in accounts.values())
    assert all(window["processed"] for window in accounts.values())
    warned = {
        record["camera_id"]
        for record in job.view.of(CAMERA_EVENTS)
        if record["event"] == "second_sender"
    }
    assert warned <= accounts.keys()
    assert warned
