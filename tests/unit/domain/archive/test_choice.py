"""Which frames are archived: alerts with the seconds around them, motion, every n-th."""

from hypothesis import given
from hypothesis import strategies as st

from pycturestream.domain.archive.choice import (
    LONGEST_ALERT_MS,
    RECENT_LIMIT,
    AlertTimes,
    Candidate,
    Choice,
    see_alert,
    see_frame,
)
from pycturestream.domain.cameras.camera import Archiving
from pycturestream.domain.frames.frame import frame_id
from tests.builders import NOON

ALERTS = Archiving(before_ms=5_000, after_ms=10_000)
SECOND = 1_000


def frame(at, *, moves=False, alerts=()):
    return Candidate(frame_id("gate", at), at, moves, tuple(alerts))


class Camera:
    """A camera whose frames and alerts come one after the other."""

    def __init__(self, archiving) -> None:
        self.archiving = archiving
        self.state = Choice()
        self.kept = {}

    def see(self, *frames):
        for one in frames:
            self.state, kept = see_frame(self.state, one, self.archiving)
            self._keep(kept)
        return self

    def hear(self, alert):
        self.state, kept = see_alert(self.state, alert, self.archiving)
        self._keep(kept)
        return kept

    def _keep(self, kept):
        for one in kept:
            self.kept[one.frame.captured_at - NOON] = (one.why, one.alert_ids)

    @property
    def seconds(self):
        return [at / 1000 for at in sorted(self.kept)]


def every_second(first, last, **fields):
    return [frame(NOON + at * SECOND, **fields) for at in range(first, last + 1)]


def test_nothing_is_kept_of_a_quiet_camera():
    assert not Camera(ALERTS).see(*every_second(0, 30, moves=True)).kept


def test_an_alert_keeps_the_frames_from_some_seconds_before_until_some_after():
    camera = Camera(ALERTS).see(*every_second(0, 20))
    camera.hear(AlertTimes("a", NOON + 18 * SECOND))
    camera.see(*every_second(21, 25))
    camera.hear(AlertTimes("a", NOON + 18 * SECOND, NOON + 25 * SECOND))
    camera.see(*every_second(26, 60))

    assert camera.seconds == list(range(13, 36))
    assert set(camera.kept.values()) == {(("alert",), ("a",))}


def test_a_frame_that_names_an_alert_begins_it_without_the_alert_s_own_record():
    camera = Camera(ALERTS).see(*every_second(0, 9), frame(NOON + 10 * SECOND, alerts=["a"]))
    assert camera.seconds == list(range(5, 11))


def test_after_a_restart_an_alert_that_was_open_for_long_is_not_begun_anew():
    open_for_long = "people:gate_20261121T120000000Z#0"
    late = LONGEST_ALERT_MS // SECOND + 1
    for first, kept in ((late, []), (late - 1, [late - 1, late])):
        camera = Camera(ALERTS).see(*every_second(first, late, alerts=[open_for_long]))
        assert camera.seconds == kept


def test_an_alert_about_what_was_there_for_long_is_begun_by_itself():
    parked = "parked:gate_20261121T120000000Z#0"
    late = LONGEST_ALERT_MS // SECOND + 60
    camera = Camera(ALERTS).see(*every_second(late, late + 2, alerts=[parked]))
    camera.hear(AlertTimes(parked, NOON + (late + 1) * SECOND))
    camera.see(frame(NOON + (late + 3) * SECOND, alerts=[parked]))
    assert camera.seconds == [late, late + 1, late + 2, late + 3]


def test_an_alert_that_is_read_late_moves_its_beginning_back():
    camera = Camera(ALERTS).see(*every_second(0, 9), frame(NOON + 10 * SECOND, alerts=["a"]))
    camera.hear(AlertTimes("a", NOON + 8 * SECOND))
    assert camera.seconds == list(range(3, 11))


def test_a_change_that_is_read_twice_keeps_nothing_twice():
    camera = Camera(ALERTS).see(*every_second(0, 10))
    raised = AlertTimes("a", NOON + 10 * SECOND)
    assert camera.hear(raised)
    assert not camera.hear(raised)


def test_an_alert_that_was_cleared_stays_so_when_it_is_read_again_as_raised():
    camera = Camera(ALERTS).see(*every_second(0, 10))
    camera.hear(AlertTimes("a", NOON, NOON + 5 * SECOND))
    camera.hear(AlertTimes("a", NOON))
    camera.see(*every_second(11, 40))
    assert camera.seconds[-1] == 15


def test_of_an_alert_that_stays_open_the_beginning_is_kept():
    camera = Camera(ALERTS)
    camera.hear(AlertTimes("a", NOON))
    camera.see(*(frame(NOON + 60 * SECOND * minute, alerts=["a"]) for minute in range(30)))
    assert camera.seconds[-1] == LONGEST_ALERT_MS / 1000


def test_a_frame_of_two_alerts_names_both():
    camera = Camera(ALERTS).see(*every_second(0, 10))
    camera.hear(AlertTimes("a", NOON + 8 * SECOND))
    camera.hear(AlertTimes("b", NOON + 10 * SECOND))
    assert camera.kept[9 * SECOND] == (("alert",), ("a", "b"))


def test_a_moving_frame_that_belongs_to_an_alert_gets_both_reasons():
    camera = Camera(Archiving(motion=True)).see(*every_second(0, 5, moves=True))
    assert camera.kept[3 * SECOND] == (("motion",), ())
    camera.hear(AlertTimes("a", NOON + 5 * SECOND))
    assert camera.kept[3 * SECOND] == (("alert", "motion"), ("a",))


def test_frames_in_which_something_moves_are_kept_where_a_camera_asks_for_them():
    camera = Camera(Archiving(alerts=False, motion=True))
    camera.see(frame(NOON), frame(NOON + 1, moves=True), frame(NOON + 2, alerts=["a"]))
    camera.hear(AlertTimes("a", NOON))
    assert list(camera.kept.values()) == [(("motion",), ())]


@given(st.integers(1, 7), st.integers(0, 40))
def test_one_of_every_so_many_is_kept(every, number):
    camera = Camera(Archiving(alerts=False, every=every)).see(*every_second(1, number))
    assert len(camera.kept) == -(-number // every)


def test_a_clock_that_was_wrong_leaves_nothing_behind():
    camera = Camera(ALERTS).see(frame(NOON + 86_400 * SECOND), *every_second(0, 3))
    assert [one.frame.captured_at for one in camera.state.recent] == [
        NOON + at * SECOND for at in range(4)
    ]


@given(
    st.lists(
        st.one_of(
            st.builds(
                frame,
                st.integers(NOON, NOON + 60_000),
                moves=st.booleans(),
                alerts=st.lists(st.sampled_from("abc"), max_size=2),
            ),
            st.builds(
                AlertTimes,
                st.sampled_from("abc"),
                st.integers(NOON, NOON + 60_000),
                st.none() | st.integers(NOON + 60_000, NOON + 70_000),
            ),
        ),
        max_size=40,
    )
)
def test_whatever_comes_in_whatever_order_memory_stays_bounded(events):
    archiving = Archiving(motion=True, every=3)
    camera = Camera(archiving)
    for event in events:
        if isinstance(event, Candidate):
            camera.see(event)
        else:
            camera.hear(event)
    assert len(camera.state.recent) <= min(len(events), RECENT_LIMIT)
    assert len(camera.state.alerts) <= 3
    for why, alerts in camera.kept.values():
        assert why
        assert ("alert" in why) == bool(alerts)
        assert len(set(why)) == len(why)
