from benchmarks.accounts import FrameTotals, add_up
from benchmarks.latency import level_totals


def window(camera, minute, revision=1, event="frames", **frames):
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
        window(
            "a", 0, received=10, processed=6, dropped={"stale": 3}, dead_letters={"not-jpeg": 1}
        ),
        window("a", 1, received=5, processed=2, dropped={"stale": 1, "overload": 2}),
        window("b", 0, received=7, processed=7),
    ]

    assert add_up(records) == {
        "a": FrameTotals(15, 8, {"overload": 2, "stale": 4}, {"not-jpeg": 1}),
        "b": FrameTotals(7, 7, {}, {}),
    }


def test_the_newest_revision_of_a_window_counts():
    early, late = window("a", 0, 1, received=3), window("a", 0, 2, received=5)

    assert add_up([early, late])["a"].received == 5
    assert add_up([late, early])["a"].received == 5


def test_other_events_are_not_counted():
    online = {"id": "a_0:online", "camera_id": "a", "event": "online"}

    assert add_up([online]) == {}


def test_a_level_has_totals_by_reason_and_the_least_share():
    totals = level_totals(
        {
            "a": FrameTotals(10, 4, {"overload": 6}, {}),
            "b": FrameTotals(10, 6, {"overload": 3, "stale": 1}, {}),
        },
        balanced=True,
    )

    assert totals.accounts == FrameTotals(20, 10, {"overload": 9, "stale": 1}, {})
    assert (
        totals.processed_share.fair,
        totals.processed_share.min,
        totals.processed_share.max,
    ) == (
        0.5,
        0.4,
        0.6,
    )
