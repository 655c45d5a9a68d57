"""Which live picture comes next, whoever looks at what and whatever cameras send."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from pycturestream.domain.frames.live_backlog import LiveBacklog, LiveFrame
from pycturestream.domain.frames.live_picture import REMEMBERED_MS

NAMES = ("gate", "yard", "door")
FRESH_MS = 5_000
TOLERANCE_MS = 5_000


def frame(camera_id, at, number=0):
    """Return a frame that was taken at these seconds."""
    return LiveFrame(camera_id, 1000 * at, 1000 * at + FRESH_MS, number)


def show(backlog, now):
    """Show the next frame, as the service does; return it and its sizes."""
    found = backlog.next(now)
    if found is None:
        return None
    sizes = backlog.due(found.camera_id, now)
    backlog.done(found.camera_id, sizes, now)
    return found, sizes


def test_the_newest_frame_of_a_camera_is_shown_and_no_other():
    backlog = LiveBacklog(TOLERANCE_MS)
    backlog.request({"gate": ["small"]}, 10)

    assert not backlog.add(frame("gate", 10, 1))
    assert backlog.add(frame("gate", 12, 3))
    assert backlog.add(frame("gate", 11, 2))

    assert show(backlog, 12) == (frame("gate", 12, 3), ["small"])
    assert show(backlog, 20) is None


def test_a_size_is_due_again_after_its_interval_and_both_are_shown_of_one_frame():
    backlog = LiveBacklog(TOLERANCE_MS)
    backlog.request({"gate": ["small", "large"]}, 0)
    shown = []
    for quarter in range(1, 17):
        now = quarter / 4
        backlog.add(frame("gate", now, quarter))
        shown.append(sorted(show(backlog, now)[1]))

    assert shown == [["large", "small"], ["large"], ["large"], ["large"]] * 4


def test_a_camera_that_sends_a_little_early_is_shown_each_time():
    backlog = LiveBacklog(TOLERANCE_MS)
    shown = 0
    for second in range(10):
        now = second * 0.97
        backlog.request({"gate": ["small"]}, now)
        backlog.add(frame("gate", now))
        shown += show(backlog, now) is not None

    assert shown == 10


def test_who_stopped_looking_is_forgotten_with_the_frame_that_waits():
    backlog = LiveBacklog(TOLERANCE_MS)
    backlog.request({"gate": ["small"], "yard": ["small", "large"]}, 0)
    backlog.request({"yard": ["large"]}, 3)
    backlog.add(frame("gate", 0))
    backlog.add(frame("yard", 0))
    now = REMEMBERED_MS / 1000 + 0.1

    backlog.expire(now, 0)

    assert not backlog.is_wanted("gate")
    assert backlog.due("yard", now) == ["large"]
    assert len(backlog) == 1
    backlog.expire(now + 3, 0)
    assert not backlog.is_wanted("yard")
    assert len(backlog) == 0


def test_a_frame_that_waited_too_long_is_not_shown():
    backlog = LiveBacklog(TOLERANCE_MS)
    backlog.request({"gate": ["small"]}, 0)
    backlog.add(frame("gate", 0))

    assert backlog.expire(4, FRESH_MS - 1) == 0
    assert backlog.expire(5, FRESH_MS) == 1
    assert show(backlog, 5) is None


def test_what_comes_again_or_late_is_not_shown_after_a_newer_one():
    backlog = LiveBacklog(TOLERANCE_MS)
    backlog.request({"gate": ["small"]}, 0)
    backlog.add(frame("gate", 2))
    show(backlog, 2)

    assert backlog.add(frame("gate", 2))
    assert backlog.add(frame("gate", 1))
    assert show(backlog, 4) is None


def test_a_frame_without_a_picture_makes_room_and_its_camera_stays_due():
    backlog = LiveBacklog(TOLERANCE_MS)
    backlog.request({"gate": ["small"]}, 0)
    backlog.add(frame("gate", 0))

    backlog.done("gate", (), 0)

    assert show(backlog, 0) is None
    backlog.add(frame("gate", 1))
    assert show(backlog, 1) is not None


def test_fifty_cameras_take_turns_when_there_is_time_for_five_a_second():
    backlog = LiveBacklog(TOLERANCE_MS)
    names = [f"camera-{number}" for number in range(50)]
    shown = Counter()
    for step in range(500):
        now = step / 5
        backlog.request({name: ["small"] for name in names}, now)
        for name in names:
            backlog.add(frame(name, now))
        shown[show(backlog, now)[0].camera_id] += 1

    assert set(shown.values()) == {10}


def test_a_large_picture_comes_four_times_as_often_as_a_small_one_where_time_is_short():
    backlog = LiveBacklog(TOLERANCE_MS)
    names = [f"camera-{number}" for number in range(20)]
    shown = Counter()
    for step in range(2400):
        now = step / 5
        backlog.request({name: ["small"] for name in names} | {"gate": ["large"]}, now)
        for name in (*names, "gate"):
            backlog.add(frame(name, now))
        shown[show(backlog, now)[0].camera_id] += 1

    assert {shown[name] for name in names} <= {99, 100, 101}
    assert 390 <= shown["gate"] <= 410


requests = st.dictionaries(
    st.sampled_from(NAMES), st.sets(st.sampled_from(("small", "large")), min_size=1)
)
steps = st.lists(
    st.tuples(
        st.sampled_from(("request", "add", "show", "expire")),
        st.sampled_from(NAMES),
        requests,
        st.floats(0, 3),
    ),
    max_size=60,
)


@given(steps)
def test_whatever_happens_one_frame_of_a_wanted_camera_waits_and_none_is_shown_twice(steps):
    backlog, now = LiveBacklog(TOLERANCE_MS), 100.0
    asked, shown = {}, []
    for number, (what, name, sizes, seconds) in enumerate(steps):
        now += seconds
        if what == "request":
            backlog.request(sizes, now)
            asked |= {(camera, size): now for camera in sizes for size in sizes[camera]}
        elif what == "add" and backlog.is_wanted(name):
            backlog.add(frame(name, now, number))
        elif what == "show" and (found := show(backlog, now)):
            shown.append(found[0].item)
            assert found[1]
        elif what == "expire":
            backlog.expire(now, round(1000 * now))
            for camera in NAMES:
                latest = max(asked.get((camera, size), 0) for size in ("small", "large"))
                assert backlog.is_wanted(camera) == (now - latest <= REMEMBERED_MS / 1000)
        assert len(backlog) <= sum(backlog.is_wanted(camera) for camera in NAMES)
    assert len(shown) == len(set(shown))
