"""A bounded run over a log, as it comes: in bundles of any kind, with crashes."""

from collections.abc import Sequence
from random import Random

from pycturestream.domain.frames.admission import Arrival
from pycturestream.domain.times import LATEST
from tests.simulation.flink import Clock
from tests.simulation.job import Job
from tests.simulation.operators import Crash
from tests.simulation.publishing import PARTITIONS, Log
from tests.simulation.world import World

BUNDLE_SIZE = 16
CHECKPOINT_SHARE = 0.2
"""Of the bundles that are followed by a checkpoint."""


def replay(world: World, log: Log, clock: Clock, chance: Random) -> Job:
    """Process bundles of any size from any partition, and restart after every crash."""
    return _replay(world, log, clock, chance, crashes=True)


def replay_without_crashes(world: World, log: Log, clock: Clock, chance: Random) -> Job:
    """Process bundles of any size from any partition to the end."""
    return _replay(world, log, clock, chance, crashes=False)


def _replay(world: World, log: Log, clock: Clock, chance: Random, *, crashes: bool) -> Job:
    clock.now = LATEST
    job = Job(world, log, "replay", clock, chance=chance, crashes=crashes)
    spread = chance.choice((1, PARTITIONS))
    while True:
        try:
            while bundle := _next_bundle(job, spread, chance):
                clock.now += 1_000
                job.take(bundle)
                job.work()
                if chance.random() < CHECKPOINT_SHARE:
                    job.save()
            job.finish()
        except Crash:
            job.restart()
        else:
            job.close()
            return job


def _next_bundle(job: Job, spread: int, chance: Random) -> Sequence[Arrival]:
    """Return runs of records from some of so many partitions; none when all have been read.

    A source may well read one partition to its end before it turns to the next.
    """
    left = [unread for number in range(PARTITIONS) if (unread := job.unread(number))][:spread]
    chance.shuffle(left)
    room = chance.randint(1, BUNDLE_SIZE)
    bundle: list[Arrival] = []
    for unread in left[: chance.randint(1, spread)]:
        bundle += unread[: room - len(bundle)]
    return bundle
