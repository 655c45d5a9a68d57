"""How much processor time may be spent on what may be left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycturestream.domain.frames.processor_budget import SAVED_S, ProcessorBudget


def test_a_share_of_the_time_is_spent_and_no_more():
    budget, pieces = ProcessorBudget(0.5, 0), 0
    for step in range(10_000):
        if budget.allows(step / 100):
            budget.spend(0.1)
            pieces += 1

    assert budget.spent_s == pytest.approx(0.5 * (100 + SAVED_S), abs=0.2)
    assert budget.spent_s == pytest.approx(0.1 * pieces)


def test_nothing_is_allowed_without_a_share():
    budget = ProcessorBudget(0, 0)

    assert not any(budget.allows(now) for now in range(1_000))


def test_what_was_not_used_is_not_saved_for_long():
    budget, pieces = ProcessorBudget(0.5, 0), 0
    while budget.allows(86_400):
        budget.spend(0.125)
        pieces += 1

    assert pieces == 8 * 0.5 * SAVED_S


def test_one_long_piece_is_paid_off_before_the_next():
    budget = ProcessorBudget(0.5, 0)

    budget.spend(6)

    assert not budget.allows(9.9)
    assert budget.allows(10.1)


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0, 0.5))), st.floats(0, 1))
def test_a_clock_that_stands_still_or_goes_back_allows_no_more(steps, share):
    budget, now, latest = ProcessorBudget(share, 0), 0.0, 0.0
    for step, cost in steps:
        now += step
        latest = max(latest, now)
        if budget.allows(now):
            budget.spend(cost)

    travelled = sum(max(0, step) for step, _ in steps)
    assert budget.spent_s <= share * (travelled + SAVED_S) + 0.5 + 1e-6
