from hypothesis import given
from hypothesis import strategies as st

from pycturestream.domain.archive.names import of_frame
from pycturestream.domain.archive.retention import MEGABYTE, Held, due, excess, kept_since
from pycturestream.domain.cameras.camera import Archiving
from pycturestream.domain.frames.frame import frame_id
from tests.builders import NOON

HELD = st.builds(
    lambda hours, size, locked: Held(
        of_frame(frame_id("gate", NOON - hours * 3_600_000)), size, locked
    ),
    st.integers(0, 100),
    st.integers(1, 3_000_000),
    st.booleans(),
)


def unlocked(held):
    return sum(one.size for one in held if not one.locked)


@given(
    st.lists(HELD, unique_by=lambda one: one.name.at),
    st.integers(1, 5),
    st.integers(1, 20),
)
def test_what_stays_is_young_enough_and_fits_and_nothing_more_was_removed(held, days, megabytes):
    held = sorted(held, key=lambda one: one.name.at)
    archiving = Archiving(days=days, megabytes=megabytes)
    since = kept_since(archiving, NOON)
    too_many = excess(unlocked(held), archiving)
    removed = list(due(iter(held), lambda one: one.name.at < since, too_many))
    gone = [one for one, _ in removed]
    stays = [one for one in held if one not in gone]

    assert not any(one.locked for one in gone)
    assert all(one.locked or one.name.at >= since for one in stays)
    assert unlocked(stays) <= megabytes * MEGABYTE
    # The oldest first; and the last one had to go, too.
    assert gone == [one for one in held if not one.locked][: len(gone)]
    if gone and gone[-1].name.at >= since:
        assert unlocked(stays) + gone[-1].size > megabytes * MEGABYTE
    assert all((why == "days") == (one.name.at < since) for one, why in removed)


@given(
    st.lists(HELD, unique_by=lambda one: one.name.at),
    st.sets(st.integers(0, 100)),
    st.integers(1, 20),
)
def test_each_goes_by_its_own_plan_and_then_the_oldest_make_room(held, ended, megabytes):
    held = sorted(held, key=lambda one: one.name.at)

    def is_too_old(one):
        return (NOON - one.name.at) // 3_600_000 in ended

    removed = list(due(held, is_too_old, excess(unlocked(held), Archiving(megabytes=megabytes))))
    assert [one for one, why in removed if why == "days"] == [
        one for one in held if is_too_old(one) and not one.locked
    ]
    planned = [one for one in held if not is_too_old(one) and not one.locked]
    for_room = [one for one, why in removed if why == "bytes"]
    assert for_room == planned[: len(for_room)]
    left = sum(one.size for one in planned[len(for_room) :])
    assert left <= megabytes * MEGABYTE
    if for_room:
        assert left + for_room[-1].size > megabytes * MEGABYTE
