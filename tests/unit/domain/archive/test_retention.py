from hypothesis import given
from hypothesis import strategies as st

from pycturestream.domain.archive.names import of_frame
from pycturestream.domain.archive.retention import MEGABYTE, Held, due, excess, kept_since
from pycturestream.domain.cameras.camera import Archiving
from pycturestream.domain.frames.frame import frame_id
from pycturestream.domain.times import DAY_MS
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


def test_only_what_is_due_is_listed():
    def held():
        yield Held(of_frame(frame_id("gate", NOON - 40 * DAY_MS)), 5)
        yield Held(of_frame(frame_id("gate", NOON)), 5)
        raise AssertionError("listed further")

    since = kept_since(Archiving(), NOON)
    assert len(list(due(held(), lambda one: one.name.at < since, 0))) == 1
