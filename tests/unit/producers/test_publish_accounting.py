from hypothesis import given
from hypothesis import strategies as st

from producers.publish_accounting import Account, Ledger


def test_new_books_are_empty():
    assert Ledger(3).account() == Account()


def test_a_picture_is_open_until_it_is_answered_for():
    ledger = Ledger(3)

    assert ledger.begin(patience=0)
    assert ledger.account() == Account(open=1)
    ledger.deliver(1000)

    assert ledger.account() == Account(1, 0, {}, 1000, 1000)


def test_no_more_than_the_limit_are_open_at_once():
    ledger = Ledger(2)

    assert [ledger.begin(patience=0) for _ in range(3)] == [True, True, False]
    ledger.fail("not-delivered")
    assert ledger.begin(patience=0)


def test_only_published_pictures_count_for_the_times_and_in_any_order():
    ledger = Ledger(9)
    for captured_at in (2000, 3000, 1000):
        ledger.begin(patience=0)
        ledger.deliver(captured_at)
    ledger.drop("too-large")

    account = ledger.account()

    assert (account.first_captured_at, account.last_captured_at) == (1000, 3000)


@given(st.lists(st.sampled_from(["drop", "deliver", "fail", "leave open"])))
def test_the_books_balance(fates):
    ledger = Ledger(1000)
    for fate in fates:
        if fate == "drop":
            ledger.drop("buffer-full")
            continue
        ledger.begin(patience=0)
        if fate == "deliver":
            ledger.deliver(1)
        elif fate == "fail":
            ledger.fail("not-delivered")

    assert ledger.account().seen == len(fates)
