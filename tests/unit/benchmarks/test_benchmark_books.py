from benchmarks.accounts import Book, add_up
from benchmarks.latency import tell_fate


def page(camera, minute, revision=1, event="frames", **frames):
    empty = {"received": 0, "processed": 0, "dropped": {}, "dead_letters": {}}
    return {
        "id": f"{camera}_{minute}:{event}",
        "revision": revision,
        "camera_id": camera,
        "event": event,
        "frames": {**empty, **frames},
    }


def test_a_book_is_the_sum_of_its_pages():
    records = [
        page("a", 0, received=10, processed=6, dropped={"stale": 3}, dead_letters={"not-jpeg": 1}),
        page("a", 1, received=5, processed=2, dropped={"stale": 1, "overload": 2}),
        page("b", 0, received=7, processed=7),
    ]

    assert add_up(records) == {
        "a": Book(15, 8, {"overload": 2, "stale": 4}, {"not-jpeg": 1}),
        "b": Book(7, 7, {}, {}),
    }


def test_of_a_page_that_was_told_twice_the_newest_counts():
    early, late = page("a", 0, 1, received=3), page("a", 0, 2, received=5)

    assert add_up([early, late])["a"].received == 5
    assert add_up([late, early])["a"].received == 5


def test_other_events_are_no_pages():
    online = {"id": "a_0:online", "camera_id": "a", "event": "online"}

    assert add_up([online]) == {}


def test_the_fate_of_a_level_tells_reasons_and_who_had_least():
    fate = tell_fate(
        {"a": Book(10, 4, {"overload": 6}, {}), "b": Book(10, 6, {"overload": 3, "stale": 1}, {})},
        balanced=True,
    )

    assert fate.accounts == Book(20, 10, {"overload": 9, "stale": 1}, {})
    assert (fate.looked_at.fair, fate.looked_at.min, fate.looked_at.max) == (0.5, 0.4, 0.6)
