from tests.unit.udfs.operators import Counters
from udfs.operator_metrics import OperatorMetrics


def test_each_metric_is_made_once_when_it_is_first_needed():
    group, made = Counters(), []
    counter = group.counter
    group.counter = lambda name: made.append(name) or counter(name)
    metrics = OperatorMetrics(group)
    assert made == []
    metrics.count("frames_processed")
    metrics.count("frames_processed")
    assert made == ["frames_processed"]
    assert group.counted == {"frames_processed": 2}


def test_counters_of_one_name_are_kept_apart_by_their_labels():
    group = Counters()
    metrics = OperatorMetrics(group)
    for reason in ("stale", "overload", "stale"):
        metrics.count("frames_dropped", reason=reason)
    assert group.counted == {"reason=stale:frames_dropped": 2, "reason=overload:frames_dropped": 1}


def test_a_latency_is_a_distribution_and_a_histogram():
    group = Counters()
    metrics = OperatorMetrics(group)
    for value in (7, 300, 9_000):
        metrics.latency("capture_to_result_ms", value)
    counted = group.counted
    assert counted["capture_to_result_ms"] == [7, 300, 9_000]
    assert counted["capture_to_result_ms_sum"] == 9_307
    assert counted["capture_to_result_ms_count"] == 3
    # A bucket holds what is not above its bound, and all that the ones before it hold.
    buckets = {
        bound: f"le={bound}:capture_to_result_ms_bucket" for bound in (100, 300, 5000, "+Inf")
    }
    assert {bound: counted[name] for bound, name in buckets.items()} == {
        100: 1,
        300: 2,
        5000: 2,
        "+Inf": 3,
    }
