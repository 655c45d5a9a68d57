"""What waits for the picture service: bounded, newest first, and nothing is committed too early."""

from hypothesis import given
from hypothesis import strategies as st

from pycturestream.domain.frames.picture_backlog import PictureBacklog, Waiting


def waiting(number, *, at=None, partition=0, expires_at=10_000, wanted_by=("a",)):
    at = number if at is None else at
    return Waiting(f"frame {number}", partition, number, at, expires_at, number, set(wanted_by))


def items(found):
    return [each.item for each in found]


def test_the_newest_are_next_in_the_order_of_their_times():
    backlog = PictureBacklog(10)
    for number in (3, 1, 4, 2):
        backlog.add(waiting(number))

    assert items(backlog.newest(2, {"a"})) == [3, 4]


def test_the_oldest_gives_way_when_too_many_wait():
    backlog = PictureBacklog(2)
    assert backlog.add(waiting(1, at=20)) is None
    assert backlog.add(waiting(2, at=30)) is None

    assert backlog.add(waiting(3, at=10)).item == 3
    assert backlog.add(waiting(4, at=40)).item == 1
    assert items(backlog.newest(9, {"a"})) == [2, 4]


def test_a_frame_waits_until_everybody_has_it():
    backlog = PictureBacklog(9)
    backlog.add(waiting(1, wanted_by=("a",)))
    backlog.add(waiting(1, wanted_by=("b",)))

    [one] = backlog.newest(9, {"a", "b"})
    backlog.done(one, "a")
    assert backlog.newest(9, {"a"}) == []
    assert items(backlog.newest(9, {"b"})) == [1]
    assert backlog.first_offsets() == {0: 1}

    backlog.done(one, "b")
    assert (len(backlog), backlog.first_offsets()) == (0, {})


def test_what_the_log_may_have_forgotten_waits_no_longer():
    backlog = PictureBacklog(9)
    for number in (1, 2, 3):
        backlog.add(waiting(number, expires_at=10 * number))

    assert backlog.expire(20) == 2
    assert items(backlog.newest(9, {"a"})) == [3]


FRAMES = st.builds(
    waiting,
    st.integers(0, 60),
    at=st.integers(0, 100),
    wanted_by=st.sets(st.sampled_from("ab"), min_size=1),
)


@given(st.integers(1, 5), st.lists(st.tuples(FRAMES, st.integers(0, 3)), max_size=40))
def test_never_more_wait_than_allowed_and_what_waits_holds_its_offset(limit, steps):
    backlog, expected = PictureBacklog(limit), {}
    for frame, done in steps:
        expected.setdefault(frame.id, set()).update(frame.wanted_by)
        if dropped := backlog.add(frame):
            assert all(dropped.captured_at <= each.captured_at for each in backlog.newest(99, "ab"))
            del expected[dropped.id]
        for each in backlog.newest(done, {"a"}):
            backlog.done(each, "a")
            expected[each.id].discard("a")
        expected = {name: wanted for name, wanted in expected.items() if wanted}

        left = backlog.newest(99, {"a", "b"})
        assert len(left) <= limit
        assert {each.id: each.wanted_by for each in left} == expected
        offsets = [each.offset for each in left]
        assert backlog.first_offsets() == ({0: min(offsets)} if offsets else {})
