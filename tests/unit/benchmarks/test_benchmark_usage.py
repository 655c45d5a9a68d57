import os

import pytest

from benchmarks import BenchmarkError
from benchmarks.usage import BENCHMARK, OTHERS, STOLEN, Recorder, Sample, cores, window

DETECTOR, KAFKA = (10, 1.0), (11, 1.0)
ROLES = {DETECTOR: "detector", KAFKA: "kafka"}


def sample(at, busy=0.0, stolen=0.0, **used):
    identities = {"detector": DETECTOR, "kafka": KAFKA}
    return Sample(at, {identities[name]: s for name, s in used.items()}, busy, stolen)


def test_cores_are_processor_seconds_a_second():
    samples = [
        sample(0, busy=100, stolen=1, detector=50, kafka=5),
        sample(10, busy=118, stolen=2, detector=65, kafka=6),
    ]

    found = cores(samples, ROLES)

    assert found == {"detector": 1.5, "kafka": 0.1, OTHERS: 0.2, STOLEN: 0.1}


def test_a_process_that_began_in_between_counts_from_zero():
    assert cores([sample(0), sample(5), sample(10, detector=4)], ROLES)["detector"] == 0.4


def test_a_process_that_ended_counts_up_to_its_last_sample():
    samples = [sample(0, detector=1), sample(5, detector=4), sample(10)]

    assert cores(samples, ROLES)["detector"] == 0.3


def test_a_window_reaches_over_what_it_is_asked_for():
    samples = [sample(at) for at in range(0, 20, 2)]

    assert [each.at for each in window(samples, 5, 9)] == [4, 6, 8, 10]
    assert [each.at for each in window(samples, 15, 99)] == [14, 16, 18]


def test_a_window_without_two_samples_is_an_error():
    with pytest.raises(BenchmarkError, match="too few samples"):
        window([sample(0)], 0, 10)


def test_this_process_is_seen_at_work(own_settings):
    with Recorder(own_settings) as recorder:
        memory = recorder.memory()

    assert memory[BENCHMARK].resident > 0
    assert os.getpid() in {pid for pid, _ in recorder._samples[0].used}
