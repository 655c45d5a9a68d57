"""Live histories, thousands of them: the job recovers from every crash, with correct results."""

from itertools import chain
from random import Random

from tests.simulation.job import STALE_AFTER_MS, pipeline_limits
from tests.simulation.living import live, live_undisturbed
from tests.simulation.properties import (
    balanced_accounts,
    believable_counts,
    emitted_by_the_clock,
    expect,
    frames_come_first,
    kept_dead_letters,
    lasting_tracks,
    no_crossings,
    one_alert_a_situation,
    one_meaning,
    orderly_alerts,
    orderly_presence,
    true_counts,
    true_zone_events,
)
from tests.simulation.publishing import Disturbance, publish
from tests.simulation.world import build_still_world, build_walking_world, build_world
from udfs.keyed_step import CATCH_UP_MS

DISTURBED = Disturbance(repeats=0.05, outages=0.02, overtaken=0.03, broken=0.03)
STEADY = Disturbance(repeats=0.03, broken=0.03)
LATEST_MS = CATCH_UP_MS + 2_000
"""A job that has just started waits before cameras go offline, and clocks may be 1.5 s slow."""


def test_after_crashes_the_accounts_balance_and_no_alert_stays_open(seed, clock):
    world, chance = build_world(seed), Random(f"live {seed}")
    log = publish(world, "live", DISTURBED, chance)

    job = live(world, log, clock, chance)

    expect(
        chain(
            one_meaning(job.view),
            frames_come_first(job.view),
            balanced_accounts(job.view, log),
            kept_dead_letters(job.view, log),
            true_counts(job.view, world.count_window_ms),
            believable_counts(job.view, world.count_window_ms),
            orderly_alerts(job.view),
            orderly_presence(job.view),
        )
    )


def test_a_stationary_object_keeps_its_track_and_its_one_alert_across_crashes(seed, clock):
    world, chance = build_still_world(seed), Random(f"still {seed}")
    log = publish(world, "live", STEADY, chance)

    job = live(world, log, clock, chance)

    expect(
        chain(
            one_meaning(job.view),
            frames_come_first(job.view),
            balanced_accounts(job.view, log),
            lasting_tracks(job.view, world),
            one_alert_a_situation(job.view, world),
            no_crossings(job.view),
            orderly_alerts(job.view),
            orderly_presence(job.view),
        )
    )


def test_a_walker_who_crosses_a_border_is_counted_once(seed, clock):
    world, chance = build_walking_world(seed), Random(f"live walk {seed}")

    job = live_undisturbed(world, publish(world, "live", Disturbance(repeats=0.05), chance), clock)

    expect(
        chain(
            one_meaning(job.view),
            frames_come_first(job.view),
            true_zone_events(job.view, world),
        )
    )


def test_time_goes_on_when_cameras_go_offline(seed, clock):
    world, chance = build_world(seed), Random(f"silence {seed}")
    log = publish(world, "live", Disturbance(), chance)

    job = live_undisturbed(world, log, clock)

    # What only a frame can show is emitted at the latest when the camera counts as offline.
    latest_ms = LATEST_MS + pipeline_limits(world, "live").offline_after_ms
    expect(
        chain(
            emitted_by_the_clock(job.view, STALE_AFTER_MS, latest_ms),
            orderly_alerts(job.view),
            orderly_presence(job.view),
        )
    )
