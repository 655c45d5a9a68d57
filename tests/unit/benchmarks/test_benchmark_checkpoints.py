from benchmarks.checkpoints import Checkpoints, summarize


def entry(at, took, status="COMPLETED"):
    return {"trigger_timestamp": at, "end_to_end_duration": took, "status": status}


def test_the_last_and_the_longest_of_a_time_are_reported():
    newest_first = [entry(400, 9), entry(300, 20), entry(200, 80), entry(100, 999)]

    assert summarize(newest_first, 200, 400) == Checkpoints(2, 0, last_ms=20, max_ms=80)


def test_what_failed_counts_and_has_no_duration():
    history = [entry(300, 5), entry(200, 70_000, "FAILED"), entry(100, 0, "IN_PROGRESS")]

    assert summarize(history, 0, 1000) == Checkpoints(1, 1, last_ms=5, max_ms=5)


def test_a_time_without_checkpoints_has_no_durations():
    assert summarize([entry(500, 5)], 0, 100) == Checkpoints(0, 0, None, None)
