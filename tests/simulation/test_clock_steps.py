"""Live histories in which a clock goes ahead and comes back: nothing stays wrong afterwards."""

from collections.abc import Iterable, Mapping
from itertools import chain
from random import Random

import pytest

from pycturestream.contracts import topics
from pycturestream.domain.times import Millis, parse_rfc3339
from tests.simulation.job import CLOCK_TOLERANCE_MS, Job
from tests.simulation.living import live_undisturbed
from tests.simulation.properties import (
    balanced_accounts,
    expect,
    frames_come_first,
    lasting_tracks,
    one_alert_a_situation,
    one_meaning,
    true_counts,
)
from tests.simulation.publishing import Disturbance, Log, publish
from tests.simulation.world import build_still_world, build_world

DAY_MS = 86_400_000
JUMPS_MS = (2 * CLOCK_TOLERANCE_MS, 90_000, DAY_MS, 365 * DAY_MS)
Steps = Mapping[Millis, int]


def ahead_for_a_while(log: Log, chance: Random) -> Steps:
    """Return the steps of a clock that goes ahead somewhere in a history, and comes back."""
    arrivals = sorted(one.received_at for partition in log.partitions for one in partition)
    begin, end = sorted(chance.sample(range(len(arrivals)), 2))
    return {arrivals[begin]: chance.choice(JUMPS_MS), arrivals[end]: 0}


def never_out_of_order(job: Job) -> Iterable[str]:
    """No frame that came in order was taken for an old one."""
    for camera_id, numbers in job.view.accounts().items():
        if numbers["out-of-order"]:
            yield f"{camera_id}: {numbers['out-of-order']} frames out of order"


def same_frames(job: Job, other: Job) -> Iterable[str]:
    """Both runs processed the same frames, at the same times."""
    ours, theirs = ({one["id"] for one in each.view.of(topics.DETECTIONS)} for each in (job, other))
    yield from sorted(ours ^ theirs)


def processed_again(job: Job, log: Log, since: Millis) -> Iterable[str]:
    """Each camera has results of what arrived after a time, as long as anything did."""
    arrived = {
        one.key.decode()
        for partition in log.partitions
        for one in partition
        if one.key and one.received_at > since and one.place in log.originals[one.key.decode()]
    }
    seen = {
        record["camera_id"]
        for _, topic, record in job.view.emitted
        if topic == topics.DETECTIONS and parse_rfc3339(record["processed_at"]) >= since
    }
    return sorted(arrived - seen)


def test_a_broker_that_is_ahead_for_a_while_changes_no_result(seed, clock):
    world, chance = build_world(seed), Random(f"broker {seed}")
    log = publish(world, "live", Disturbance(), chance)
    undisturbed = live_undisturbed(world, log, clock)

    job = live_undisturbed(world, log, clock, stamps=ahead_for_a_while(log, chance))

    off = max(abs(scenery.clock_off_ms) for scenery in world.sceneries)
    expect(
        chain(
            # A camera with a wrong clock has the times at which its frames arrived.
            same_frames(job, undisturbed) if off < CLOCK_TOLERANCE_MS else (),
            never_out_of_order(job),
            balanced_accounts(job.view, log),
        )
    )


@pytest.mark.parametrize("whole_machine", [False, True])
def test_a_service_that_is_ahead_for_a_while_goes_on_when_it_is_right(seed, clock, whole_machine):
    world, chance = build_world(seed), Random(f"service {seed}")
    log = publish(world, "live", Disturbance(), chance)
    clock.steps = ahead_for_a_while(log, chance)

    job = live_undisturbed(world, log, clock, stamps=clock.steps if whole_machine else {})

    expect(
        chain(
            never_out_of_order(job),
            balanced_accounts(job.view, log),
            processed_again(job, log, max(clock.steps)),
            true_counts(job.view, world.count_window_ms),
            one_meaning(job.view),
            frames_come_first(job.view),
        )
    )


def test_a_stationary_object_keeps_its_track_when_the_broker_is_ahead(seed, clock):
    world, chance = build_still_world(seed), Random(f"still {seed}")
    log = publish(world, "live", Disturbance(), chance)

    job = live_undisturbed(world, log, clock, stamps=ahead_for_a_while(log, chance))

    expect(
        chain(
            one_meaning(job.view),
            lasting_tracks(job.view, world),
            one_alert_a_situation(job.view, world),
        )
    )
