from hypothesis import given
from hypothesis import strategies as st

from producers.publish_accounting import Account, PublishAccounts


def test_new_books_are_empty():
    assert PublishAccounts(3).account() == Account()


def test_a_picture_is_open_until_it_is_answered_for():
    accounts = PublishAccounts(3)

    assert accounts.begin(patience=0)
    assert accounts.account() == Account(open=1)
    accounts.deliver(1000)

    assert accounts.account() == Account(1, 0, {}, 1000, 1000)


def test_no_more_than_the_limit_are_open_at_once():
    accounts = PublishAccounts(2)

    assert [accounts.begin(patience=0) for _ in range(3)] == [True, True, False]
    accounts.fail("not-delivered")
    assert accounts.begin(patience=0)


def test_only_published_pictures_count_for_the_times_and_in_any_order():
    accounts = PublishAccounts(9)
    for captured_at in (2000, 3000, 1000):
        accounts.begin(patience=0)
        accounts.deliver(captured_at)
    accounts.drop("too-large")

    account = accounts.account()

    assert (account.first_captured_at, account.last_captured_at) == (1000, 3000)


@given(st.lists(st.sampled_from(["drop", "deliver", "fail", "leave open"])))
def test_the_books_balance(fates):
    accounts = PublishAccounts(1000)
    for fate in fates:
        if fate == "drop":
            accounts.drop("buffer-full")
            continue
        accounts.begin(patience=0)
        if fate == "deliver":
            accounts.deliver(1)
        elif fate == "fail":
            accounts.fail("not-delivered")

    assert accounts.account().seen == len(fates)
