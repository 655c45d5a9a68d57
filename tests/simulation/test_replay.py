"""Replays of history, thousands of them: the results are those of an undisturbed run."""

from itertools import chain
from random import Random

from tests.simulation.job import STALE_AFTER_MS
from tests.simulation.properties import (
    balanced_accounts,
    believable_counts,
    emitted_in_time,
    every_situation,
    expect,
    frames_come_first,
    kept_dead_letters,
    lasting_tracks,
    late_windows,
    no_crossings,
    one_alert_a_situation,
    one_meaning,
    orderly_alerts,
    same_log,
    same_view,
    true_counts,
    true_zone_events,
)
from tests.simulation.publishing import Disturbance, publish
from tests.simulation.replaying import replay, replay_without_crashes
from tests.simulation.undisturbed import replay_undisturbed
from tests.simulation.view import UNEQUAL_BY_ARRIVAL, UNEQUAL_BY_NATURE
from tests.simulation.world import (
    build_busy_world,
    build_still_world,
    build_walking_world,
    build_world,
)

DISTURBED = Disturbance(repeats=0.08, outages=0.02, broken=0.1)
DISORDERED = Disturbance(repeats=0.05, outages=0.02, overtaken=0.1, broken=0.03)
STATE_LIMIT = 17_000
"""Bytes, with fourteen rules of all kinds. The state is rewritten with every frame: at 1,000 frames
a second, 17 MB/s of state."""


def test_crashes_repeats_delays_and_broken_records_change_nothing(seed, clock):
    world, chance = build_world(seed), Random(f"replay {seed}")
    undisturbed = replay_undisturbed(world, publish(world, "replay", Disturbance(), chance))

    log = publish(world, "replay", DISTURBED, chance)
    job = replay(world, log, clock, chance)

    expect(
        chain(
            same_view(job.view, undisturbed, UNEQUAL_BY_ARRIVAL),
            one_meaning(job.view),
            frames_come_first(job.view),
            balanced_accounts(job.view, log),
            kept_dead_letters(job.view, log),
            true_counts(job.view, world.count_window_ms),
            believable_counts(job.view, world.count_window_ms),
            orderly_alerts(job.view),
            emitted_in_time(undisturbed, STALE_AFTER_MS),
        )
    )


def test_frames_that_were_overtaken_are_recorded_or_counted_as_dropped(seed, clock):
    world, chance = build_world(seed), Random(f"disorder {seed}")
    log = publish(world, "replay", DISORDERED, chance)
    undisturbed = replay_undisturbed(world, log)
    late = late_windows(log, world.count_window_ms, STALE_AFTER_MS)

    job = replay(world, log, clock, chance)

    expect(
        chain(
            same_view(job.view, undisturbed, UNEQUAL_BY_NATURE),
            one_meaning(job.view),
            frames_come_first(job.view),
            balanced_accounts(job.view, log),
            kept_dead_letters(job.view, log),
            true_counts(job.view, world.count_window_ms, late),
            believable_counts(job.view, world.count_window_ms),
            orderly_alerts(job.view),
        )
    )


def test_operators_emit_what_the_steps_put_out_in_the_same_order(seed, clock):
    world, chance = build_world(seed), Random(f"order {seed}")
    log = publish(world, "replay", DISORDERED, chance)

    job = replay_without_crashes(world, log, clock, chance)

    expect(same_log(job.view, replay_undisturbed(world, log)))


def test_every_situation_raises_one_alert(seed):
    world = build_still_world(seed)
    undisturbed = replay_undisturbed(
        world, publish(world, "replay", Disturbance(), Random(f"calm {seed}"))
    )

    expect(
        chain(
            every_situation(undisturbed, world),
            no_crossings(undisturbed),
            one_alert_a_situation(undisturbed, world),
            lasting_tracks(undisturbed, world),
            orderly_alerts(undisturbed),
        )
    )


def test_a_walker_who_crosses_a_border_is_counted_once_whatever_happens(seed, clock):
    world, chance = build_walking_world(seed), Random(f"walk {seed}")

    job = replay(world, publish(world, "replay", DISTURBED, chance), clock, chance)

    expect(
        chain(
            one_meaning(job.view),
            frames_come_first(job.view),
            true_zone_events(job.view, world),
        )
    )


def test_state_does_not_grow_with_history(clock):
    world, chance = build_busy_world(), Random("busy")
    job = replay(world, publish(world, "replay", DISTURBED, chance), clock, chance)

    assert 0 < job.largest_state < STATE_LIMIT
