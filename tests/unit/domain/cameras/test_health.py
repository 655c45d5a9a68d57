"""What is wrong with a camera, and since when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycturestream.domain.cameras.health import Health, Signs, health_of, hear, see

AFTER = 15_000
T = 1_000_000


def test_a_camera_that_was_never_seen_waits():
    assert health_of(Signs(), T, AFTER) == Health("waiting")


def test_one_whose_producer_says_why_waits_with_that():
    signs = hear(Signs(), "reconnecting", T)
    assert health_of(signs, T + 1, AFTER) == Health("waiting", None, "reconnecting")


def test_one_that_is_seen_is_well():
    assert health_of(see(Signs(), T), T + AFTER - 1, AFTER) == Health("ok")


def test_without_results_and_without_a_word_of_the_job_it_is_silent_not_offline():
    assert health_of(see(Signs(), T), T + AFTER, AFTER) == Health("silent", T)


def test_it_is_offline_where_the_job_says_so_since_the_last_picture():
    signs = hear(see(Signs(), T), "offline", T + AFTER)
    assert health_of(signs, T + AFTER, AFTER) == Health("offline", T)
    assert health_of(hear(signs, "stalled", T + 1), T + AFTER, AFTER).detail == "stalled"


def test_a_picture_brings_it_back():
    signs = see(hear(see(Signs(), T), "offline", T + AFTER), T + 20_000)
    assert health_of(signs, T + 20_001, AFTER) == Health("ok")
    # The offline of before is not that of the next silence.
    assert health_of(signs, T + 60_000, AFTER).state == "silent"


def test_a_camera_whose_pictures_are_rejected_says_why_and_since_when():
    signs = see(Signs(), T)
    for at in (T + 1_000, T + 2_000):
        signs = hear(signs, "dead_letter", at, "wrong-resolution: 640x480; 9 bytes, sha256 ab")
    expected = Health("rejected", T + 1_000, "wrong-resolution: 640x480")
    assert health_of(signs, T + 3_000, AFTER) == expected


def test_one_rejected_picture_among_others_is_no_trouble():
    signs = hear(see(Signs(), T), "dead_letter", T + 1, "truncated: …")
    assert health_of(see(signs, T + 500), T + 600, AFTER) == Health("ok")


def test_rejections_that_have_stopped_are_followed_by_silence_from_then_on():
    signs = hear(see(Signs(), T), "dead_letter", T + 5_000, "truncated: …")
    assert health_of(signs, T + 5_000 + AFTER, AFTER) == Health("silent", T + 5_000)


def test_a_covered_camera_is_so_since_its_record_says():
    signs = see(Signs(), T, "covered", T - 9_000)
    assert health_of(signs, T + 1, AFTER) == Health("covered", T - 9_000)


def test_where_its_record_does_not_say_it_is_since_the_first_such_picture():
    signs = see(see(Signs(), T, "dark"), T + 1_000, "dark")
    assert health_of(signs, T + 1_001, AFTER) == Health("dark", T)
    assert health_of(see(signs, T + 2_000, "blurred"), T + 2_001, AFTER).since == T + 2_000
    assert health_of(see(signs, T + 2_000), T + 2_001, AFTER) == Health("ok")


def test_an_older_picture_changes_nothing():
    signs = see(Signs(), T)
    assert see(signs, T - 1, "covered") == signs


@pytest.mark.parametrize(
    "event", ["online", "connected", "frames", "clock_corrected", "of a later"]
)
def test_other_events_change_nothing(event):
    assert hear(Signs(), event, T) == Signs()


events = st.lists(
    st.tuples(
        st.sampled_from(["see", "offline", "dead_letter", "stalled"]), st.integers(0, 100_000)
    ),
    max_size=20,
)


@given(events, st.integers(0, 200_000))
def test_nothing_is_since_a_time_to_come_and_only_what_is_well_has_no_time(happened, now):
    signs = Signs()
    for event, said_at in happened:
        at = min(said_at, now)
        signs = see(signs, at) if event == "see" else hear(signs, event, at, "why; …")
    health = health_of(signs, now, AFTER)
    assert health.since is None or health.since <= now
    assert (health.since is None) == (health.state in {"ok", "waiting"})
