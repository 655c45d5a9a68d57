import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.camera_queue import CameraQueues
from producers.publish_accounting import PublishAccount
from pycturestream.domain.frames.frame import Frame


def frame(number, camera_id="gate"):
    return Frame(camera_id, number, b"jpeg")


@pytest.fixture
def queues(clock):
    return CameraQueues(clock, under_way=2, max_wait_s=0.5)


@pytest.fixture
def account():
    return PublishAccount(open_limit=4)


def take(queues, count):
    return [queues.take()[0].captured_at for _ in range(count)]


def take_the_rest(queues):
    """Close, and return the times of all pictures that are left."""
    queues.close()
    taken = []
    while (item := queues.take()) is not None:
        taken.append(item[0].captured_at)
    return taken


def test_pictures_leave_in_their_order(queues, account):
    for number in range(2):
        queues.put(frame(number), account)

    assert take(queues, 2) == [0, 1]


def test_few_are_under_way_and_the_next_one_leaves_when_one_is_answered(queues, account):
    other = PublishAccount(4)
    for number in range(3):
        queues.put(frame(number), account)
    take(queues, 2)
    queues.put(frame(100), other)

    assert take(queues, 1) == [100]
    account.deliver(0)
    queues.settle(account)
    assert take(queues, 1) == [2]


def test_where_there_is_no_room_the_oldest_that_waits_is_dropped(queues, account):
    for number in range(2):
        queues.put(frame(number), account)
    take(queues, 2)
    for number in range(2, 9):
        queues.put(frame(number), account)

    assert take_the_rest(queues) == [7, 8]
    assert account.counts().dropped == {"buffer-full": 5}


def test_where_all_room_is_under_way_there_is_none_for_a_new_one(clock):
    queues, account = CameraQueues(clock, under_way=1, max_wait_s=1), PublishAccount(open_limit=1)
    queues.put(frame(0), account)
    take(queues, 1)

    queues.put(frame(1), account)

    assert take_the_rest(queues) == []
    assert account.counts().dropped == {"buffer-full": 1}


def test_what_has_waited_for_long_gives_way_to_newer_ones(queues, account, clock):
    queues.put(frame(0), account)
    queues.put(frame(1), account)
    clock.elapsed += 0.6
    queues.put(frame(2), account)

    assert take(queues, 1) == [2]
    assert account.counts().dropped == {"buffer-full": 2}


def test_the_only_one_leaves_however_long_it_has_waited(queues, account, clock):
    queues.put(frame(0), account)
    clock.elapsed += 60

    assert take(queues, 1) == [0]


def test_cameras_take_turns(queues):
    for camera in range(3):
        account = PublishAccount(4)
        for number in range(2):
            queues.put(frame(10 * camera + number), account)

    assert take(queues, 6) == [0, 10, 20, 1, 11, 21]


def test_without_a_broker_all_that_wait_are_dropped(queues, account):
    for number in range(3):
        queues.put(frame(number), account)
    take(queues, 1)

    queues.drop_waiting("no-broker")

    assert account.counts().dropped == {"no-broker": 2}
    queues.put(frame(3), account)
    assert take(queues, 1) == [3]


STEPS = st.lists(st.sampled_from(["put", "take", "answer", "wait", "drop"]))


@given(steps=STEPS, under_way=st.integers(1, 3), open_limit=st.integers(1, 4))
def test_every_picture_is_accounted_for_whatever_comes(make_clock, steps, under_way, open_limit):
    clock = make_clock()
    queues, account = CameraQueues(clock, under_way, max_wait_s=0.5), PublishAccount(open_limit)
    out, published = [], []
    given_in = 0
    for step in steps:
        before = account.counts()
        waiting = before.open - len(out)
        if step == "put":
            queues.put(frame(given_in), account)
            given_in += 1
        elif step == "take" and waiting and len(out) < under_way:
            out.append(queues.take()[0])
        elif step == "answer" and out:
            published.append(out.pop(0).captured_at)
            account.deliver(published[-1])
            queues.settle(account)
        elif step == "wait":
            clock.elapsed += 0.3
        elif step == "drop":
            queues.drop_waiting("no-broker")
        assert account.counts().seen == given_in
        assert account.counts().open <= open_limit
        assert len(out) <= under_way
    for _ in take_the_rest(queues):
        account.deliver(0)

    assert published == sorted(published)
    assert account.counts().open == len(out)
