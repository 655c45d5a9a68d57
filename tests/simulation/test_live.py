"""Live histories, thousands of them: the job comes back from every crash, and nobody is misled."""

from itertools import chain
from random import Random

from tests.simulation.job import STALE_AFTER_MS, pipeline_limits
from tests.simulation.living import live, live_calmly
from tests.simulation.properties import (
    balanced_accounts,
    believable_counts,
    expect,
    kept_dead_letters,
    lasting_tracks,
    nobody_passed,
    one_alert_a_situation,
    one_meaning,
    orderly_alerts,
    told_by_the_clock,
    told_presence,
    true_counts,
    true_zone_events,
)
from tests.simulation.publishing import DetectorError, publish
from tests.simulation.world import build_still_world, build_walking_world, build_world
from udfs.understand_scenes import CATCH_UP_MS

ERROR = DetectorError(repeats=0.05, outages=0.02, overtaken=0.03, broken=0.03)
STEADY = DetectorError(repeats=0.03, broken=0.03)
LATEST_MS = CATCH_UP_MS + 2_000
"""A job that has just started waits before it judges, and a camera's clock may be 1.5 s slow."""


def test_after_crashes_the_books_balance_and_nothing_stays_open(seed, clock):
    world, chance = build_world(seed), Random(f"live {seed}")
    log = publish(world, "live", ERROR, chance)

    job = live(world, log, clock, chance)

    expect(
        chain(
            one_meaning(job.view),
            balanced_accounts(job.view, log),
            kept_dead_letters(job.view, log),
            true_counts(job.view, world.count_window_ms),
            believable_counts(job.view, world.count_window_ms),
            orderly_alerts(job.view),
            told_presence(job.view),
        )
    )


def test_what_stands_still_keeps_its_track_and_its_one_alert_over_crashes(seed, clock):
    world, chance = build_still_world(seed), Random(f"still {seed}")
    log = publish(world, "live", STEADY, chance)

    job = live(world, log, clock, chance)

    expect(
        chain(
            one_meaning(job.view),
            balanced_accounts(job.view, log),
            lasting_tracks(job.view, world),
            one_alert_a_situation(job.view, world),
            nobody_passed(job.view),
            orderly_alerts(job.view),
            told_presence(job.view),
        )
    )


def test_whoever_passes_a_border_is_counted_once(seed, clock):
    world, chance = build_walking_world(seed), Random(f"live walk {seed}")

    job = live_calmly(world, publish(world, "live", DetectorError(repeats=0.05), chance), clock)

    expect(chain(one_meaning(job.view), true_zone_events(job.view, world)))


def test_time_goes_on_when_cameras_fall_silent(seed, clock):
    world, chance = build_world(seed), Random(f"silence {seed}")
    log = publish(world, "live", DetectorError(), chance)

    job = live_calmly(world, log, clock)

    # What only a look can tell is told at the latest when nobody expects one any more.
    latest_ms = LATEST_MS + pipeline_limits(world, "live").offline_after_ms
    expect(
        chain(
            told_by_the_clock(job.view, STALE_AFTER_MS, latest_ms),
            orderly_alerts(job.view),
            told_presence(job.view),
        )
    )
