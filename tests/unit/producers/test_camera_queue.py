import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.camera_queue import Lanes
from producers.publish_accounting import Ledger
from pycturestream.domain.frames.frame import Frame


def frame(number, camera_id="gate"):
    return Frame(camera_id, number, b"jpeg")


@pytest.fixture
def lanes(clock):
    return Lanes(clock, under_way=2, patience_s=0.5)


@pytest.fixture
def ledger():
    return Ledger(open_limit=4)


def take(lanes, count):
    return [lanes.take()[0].captured_at for _ in range(count)]


def take_the_rest(lanes):
    """Close, and return the times of all that is left."""
    lanes.close()
    taken = []
    while (item := lanes.take()) is not None:
        taken.append(item[0].captured_at)
    return taken


def test_pictures_leave_in_their_order(lanes, ledger):
    for number in range(2):
        lanes.put(frame(number), ledger)

    assert take(lanes, 2) == [0, 1]


def test_few_are_under_way_and_the_next_one_leaves_when_one_is_answered(lanes, ledger):
    other = Ledger(4)
    for number in range(3):
        lanes.put(frame(number), ledger)
    take(lanes, 2)
    lanes.put(frame(100), other)

    assert take(lanes, 1) == [100]
    ledger.deliver(0)
    lanes.settle(ledger)
    assert take(lanes, 1) == [2]


def test_where_there_is_no_room_the_oldest_that_waits_is_dropped(lanes, ledger):
    for number in range(2):
        lanes.put(frame(number), ledger)
    take(lanes, 2)
    for number in range(2, 9):
        lanes.put(frame(number), ledger)

    assert take_the_rest(lanes) == [7, 8]
    assert ledger.account().dropped == {"buffer-full": 5}


def test_where_all_room_is_under_way_there_is_none_for_a_new_one(clock):
    lanes, ledger = Lanes(clock, under_way=1, patience_s=1), Ledger(open_limit=1)
    lanes.put(frame(0), ledger)
    take(lanes, 1)

    lanes.put(frame(1), ledger)

    assert take_the_rest(lanes) == []
    assert ledger.account().dropped == {"buffer-full": 1}


def test_what_has_waited_for_long_gives_way_to_newer_ones(lanes, ledger, clock):
    lanes.put(frame(0), ledger)
    lanes.put(frame(1), ledger)
    clock.elapsed += 0.6
    lanes.put(frame(2), ledger)

    assert take(lanes, 1) == [2]
    assert ledger.account().dropped == {"buffer-full": 2}


def test_the_only_one_leaves_however_long_it_has_waited(lanes, ledger, clock):
    lanes.put(frame(0), ledger)
    clock.elapsed += 60

    assert take(lanes, 1) == [0]


def test_cameras_take_turns(lanes):
    for camera in range(3):
        ledger = Ledger(4)
        for number in range(2):
            lanes.put(frame(10 * camera + number), ledger)

    assert take(lanes, 6) == [0, 10, 20, 1, 11, 21]


def test_where_no_broker_is_all_that_wait_are_given_up(lanes, ledger):
    for number in range(3):
        lanes.put(frame(number), ledger)
    take(lanes, 1)

    lanes.give_up("no-broker")

    assert ledger.account().dropped == {"no-broker": 2}
    lanes.put(frame(3), ledger)
    assert take(lanes, 1) == [3]


STEPS = st.lists(st.sampled_from(["put", "take", "answer", "wait", "give up"]))


@given(steps=STEPS, under_way=st.integers(1, 3), open_limit=st.integers(1, 4))
def test_the_books_balance_whatever_comes(make_clock, steps, under_way, open_limit):
    clock = make_clock()
    lanes, ledger = Lanes(clock, under_way, patience_s=0.5), Ledger(open_limit)
    out, published = [], []
    given_in = 0
    for step in steps:
        before = ledger.account()
        waiting = before.open - len(out)
        if step == "put":
            lanes.put(frame(given_in), ledger)
            given_in += 1
        elif step == "take" and waiting and len(out) < under_way:
            out.append(lanes.take()[0])
        elif step == "answer" and out:
            published.append(out.pop(0).captured_at)
            ledger.deliver(published[-1])
            lanes.settle(ledger)
        elif step == "wait":
            clock.elapsed += 0.3
        elif step == "give up":
            lanes.give_up("no-broker")
        assert ledger.account().seen == given_in
        assert ledger.account().open <= open_limit
        assert len(out) <= under_way
    for _ in take_the_rest(lanes):
        ledger.deliver(0)

    assert published == sorted(published)
    assert ledger.account().open == len(out)
