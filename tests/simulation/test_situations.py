"""Situations that one picture alone does not show, each told once, whatever happens to the job."""

from itertools import chain
from random import Random

from tests.simulation.living import live, live_undisturbed
from tests.simulation.properties import (
    expect,
    frames_come_first,
    no_further_situations,
    one_meaning,
    orderly_alerts,
    same_view,
    true_counts,
    true_situations,
)
from tests.simulation.publishing import Disturbance, publish
from tests.simulation.replaying import replay
from tests.simulation.undisturbed import replay_undisturbed
from tests.simulation.view import UNEQUAL_BY_NATURE
from tests.simulation.world import build_situation_world

DISTURBED = Disturbance(repeats=0.08, outages=0.02, broken=0.05)
DISORDERED = Disturbance(repeats=0.05, outages=0.02, overtaken=0.05, broken=0.03)


def test_a_live_job_tells_each_situation_once(seed, clock):
    world, chance = build_situation_world(seed), Random(f"live situations {seed}")

    job = live_undisturbed(world, publish(world, "live", Disturbance(repeats=0.05), chance), clock)

    expect(chain(one_meaning(job.view), orderly_alerts(job.view), true_situations(job.view, world)))


def test_a_replay_tells_each_situation_once_whatever_happens(seed, clock):
    world, chance = build_situation_world(seed), Random(f"situations {seed}")

    job = replay(world, publish(world, "replay", DISTURBED, chance), clock, chance)

    expect(
        chain(
            one_meaning(job.view),
            frames_come_first(job.view),
            orderly_alerts(job.view),
            true_counts(job.view, world.count_window_ms),
            true_situations(job.view, world),
        )
    )


def test_frames_that_were_overtaken_end_no_situation_early(seed, clock):
    world, chance = build_situation_world(seed), Random(f"overtaken situations {seed}")
    log = publish(world, "replay", DISORDERED, chance)

    job = replay(world, log, clock, chance)

    expect(
        chain(
            same_view(job.view, replay_undisturbed(world, log), UNEQUAL_BY_NATURE),
            no_further_situations(job.view, world),
        )
    )


def test_a_job_that_crashes_raises_no_situation_twice(seed, clock):
    world, chance = build_situation_world(seed), Random(f"crashed situations {seed}")

    job = live(world, publish(world, "live", Disturbance(repeats=0.03), chance), clock, chance)

    expect(
        chain(
            one_meaning(job.view),
            orderly_alerts(job.view),
            no_further_situations(job.view, world),
        )
    )
