"""When a phone's picture was taken, whatever its clock says and its network does."""

from hypothesis import given
from hypothesis import strategies as st

from pycturestream.domain.frames.phone_clock import DELAY_MS, PhoneClock, receive
from tests.builders import NOON

HOUR = 3_600_000


def ages(wrong, *delays, age=50):
    """Return how old each picture seems on arrival, by the delays of the network."""
    clock, found, at = PhoneClock(), [], NOON
    for delay in delays:
        at += 500
        sent_at = at + wrong
        clock, captured_at = receive(clock, sent_at - age, sent_at, at + delay)
        found.append(at + delay - captured_at)
    return found


def test_the_time_of_a_right_clock_is_believed_and_the_network_counts():
    assert ages(0, 80, 300, 1_900, 80) == [130, 350, 1_950, 130]


def test_a_wrong_clock_is_corrected_by_the_fastest_picture():
    for wrong in (-30 * 365 * 24 * HOUR, -HOUR, -3_000, 2_000, HOUR):
        assert ages(wrong, 80, 80, 1_580, 80) == [50, 50, 1_550, 50]


def test_the_first_picture_of_a_wrong_clock_may_have_been_held_up():
    assert ages(-HOUR, 900, 80, 80) == [50, 50, 50]


def test_a_clock_that_is_set_is_noticed_within_some_pictures():
    clock, at = PhoneClock(), NOON
    for number in range(40):
        at += 500
        wrong = -HOUR if number < 10 else 0
        clock, captured_at = receive(clock, at + wrong, at + wrong, at)
    assert captured_at == NOON + 40 * 500


@given(st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1)), max_size=30))
def test_no_picture_is_of_the_future_whatever_a_phone_claims(times):
    clock = PhoneClock()
    for captured_at, sent_at in times:
        clock, found = receive(clock, captured_at, sent_at, NOON)
        assert found <= NOON


def test_what_a_network_takes_on_a_bad_day_shows_no_wrong_clock():
    assert ages(0, DELAY_MS, DELAY_MS) == [DELAY_MS + 50, DELAY_MS + 50]
