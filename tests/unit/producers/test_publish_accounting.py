from hypothesis import given
from hypothesis import strategies as st

from producers.publish_accounting import PublishAccount, PublishCounts


def test_a_new_account_is_empty():
    assert PublishAccount(3).counts() == PublishCounts()


def test_a_picture_is_open_until_it_is_answered():
    account = PublishAccount(3)

    assert account.begin(timeout_s=0)
    assert account.counts() == PublishCounts(open=1)
    account.deliver(1000)

    assert account.counts() == PublishCounts(1, 0, {}, 1000, 1000)


def test_no_more_than_the_limit_are_open_at_once():
    account = PublishAccount(2)

    assert [account.begin(timeout_s=0) for _ in range(3)] == [True, True, False]
    account.fail("not-delivered")
    assert account.begin(timeout_s=0)


def test_only_published_pictures_count_for_the_times_and_in_any_order():
    account = PublishAccount(9)
    for captured_at in (2000, 3000, 1000):
        account.begin(timeout_s=0)
        account.deliver(captured_at)
    account.drop("too-large")

    counts = account.counts()

    assert (counts.first_captured_at, counts.last_captured_at) == (1000, 3000)


@given(st.lists(st.sampled_from(["drop", "deliver", "fail", "leave open"])))
def test_every_picture_is_counted_once(fates):
    account = PublishAccount(1000)
    for fate in fates:
        if fate == "drop":
            account.drop("buffer-full")
            continue
        account.begin(timeout_s=0)
        if fate == "deliver":
            account.deliver(1)
        elif fate == "fail":
            account.fail("not-delivered")

    assert account.counts().seen == len(fates)
