"""A live run over a log: the wall clock goes on, whatever happens to the job."""

from collections.abc import Mapping, Sequence
from random import Random

from pycturestream.domain.frames.admission import Arrival
from pycturestream.domain.times import Millis
from tests.simulation.flink import Clock
from tests.simulation.job import Job
from tests.simulation.operators import Crash
from tests.simulation.publishing import PARTITIONS, Log
from tests.simulation.world import World

BUNDLE_SIZE = 64
BUNDLE_MS = 5
"""The shortest time for a bundle."""
CHECKPOINT_EVERY_MS = 10_000
AWAY_MS = (3_000, 3_000, 5_000, 20_000, 150_000)
"""How long it may take until a crashed job is restarted; new workers need some seconds."""
START_UP_MS = (0, 2_000, 10_000)
"""How long the model may take to load after that."""
PICTURE_MS = (10, 50, 200, 500)
"""How long the model takes for a picture: from fast to overloaded."""


def live_undisturbed(
    world: World, log: Log, clock: Clock, stamps: Mapping[Millis, int] | None = None
) -> Job:
    """Run live without a crash, with a fast model; `stamps` as for `Job`."""
    clock.now = log.begins_at
    chance = Random(f"undisturbed {world.seed}")
    picture_ms = min(PICTURE_MS)
    job = Job(
        world,
        log,
        "live",
        clock,
        chance=chance,
        crashes=False,
        picture_ms=picture_ms,
        stamps=stamps,
    )
    return _live(job, clock, chance)


def live(world: World, log: Log, clock: Clock, chance: Random) -> Job:
    """Run live with crashes, and with a model of any speed."""
    clock.now = log.begins_at
    picture_ms = chance.choice(PICTURE_MS)
    job = Job(world, log, "live", clock, chance=chance, picture_ms=picture_ms)
    return _live(job, clock, chance)


def _live(job: Job, clock: Clock, chance: Random) -> Job:
    """Let a job process what arrives, as it arrives, until nothing more can happen."""
    saved_at = clock.now
    while (moment := job.next_moment()) is not None:
        clock.now = max(moment, clock.now + BUNDLE_MS)
        try:
            if chance.random() < 0.5:
                job.call_timers()
            if bundle := _next_bundle(job, chance):
                job.take(bundle)
            job.call_timers()
            job.work()
            if clock.now >= saved_at + CHECKPOINT_EVERY_MS:
                job.save()
                saved_at = clock.now
        except Crash:
            clock.now += chance.choice(AWAY_MS)
            job.restart(chance.choice(START_UP_MS))
            saved_at = clock.now
    job.close()
    return job


def _next_bundle(job: Job, chance: Random) -> Sequence[Arrival]:
    """Return what has arrived, the oldest of each partition first; the partitions in any order."""
    bundle: list[Arrival] = []
    for partition in chance.sample(range(PARTITIONS), PARTITIONS):
        bundle += job.unread(partition)[: BUNDLE_SIZE - len(bundle)]
    return bundle
