"""What is fast or narrow, dozens of times: counted once each, and never taken for another."""

from itertools import chain
from random import Random

from tests.simulation.living import live_undisturbed
from tests.simulation.properties import (
    expect,
    frames_come_first,
    no_swapped_tracks,
    one_meaning,
    true_road_counts,
)
from tests.simulation.publishing import Disturbance, publish
from tests.simulation.replaying import replay
from tests.simulation.road import build_road_world


def test_cars_walkers_and_people_in_turns_are_each_counted_once(seed, clock):
    world, chance = build_road_world(seed), Random(f"live road {seed}")

    job = live_undisturbed(world, publish(world, "live", Disturbance(repeats=0.05), chance), clock)

    expect(
        chain(
            one_meaning(job.view),
            frames_come_first(job.view),
            true_road_counts(job.view, world),
            no_swapped_tracks(job.view, world),
        )
    )


def test_and_so_they_are_whatever_happens(seed, clock):
    world, chance = build_road_world(seed), Random(f"road {seed}")
    disturbance = Disturbance(repeats=0.08, outages=0.02, broken=0.1)

    job = replay(world, publish(world, "replay", disturbance, chance), clock, chance)

    expect(
        chain(
            one_meaning(job.view),
            frames_come_first(job.view),
            true_road_counts(job.view, world),
            no_swapped_tracks(job.view, world),
        )
    )
