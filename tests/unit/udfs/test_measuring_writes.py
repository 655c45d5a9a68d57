"""What the serving jobs measure; the tests of BatchWriter and of the stores see what they write."""

import time
from types import SimpleNamespace

import pandas as pd
import pytest

from pycturestream.contracts.topics import COUNTS, DETECTIONS
from tests.builders import count_record, detection_record, message
from tests.erasures import FakeErasures
from tests.fake_store import FakeStore
from tests.unit.udfs.operators import Counters
from udfs.write_results import WriteResults


@pytest.fixture
def metrics():
    return Counters()


@pytest.fixture
def write(metrics):
    operator = WriteResults(FakeStore, FakeErasures)
    operator.open(SimpleNamespace(get_metric_group=lambda: metrics))

    def write(*messages):
        topics, records = zip(*messages, strict=True)
        return list(operator.eval(pd.Series(topics), pd.Series(records)))

    yield write
    operator.close()


def picture(age_ms, **fields):
    captured_at = time.time_ns() // 1_000_000 - age_ms
    return message(DETECTIONS, detection_record(captured_at=captured_at, **fields))


def test_the_age_of_each_live_picture_is_measured_when_its_result_is_in_the_store(write, metrics):
    assert write(picture(60_000), message(COUNTS, count_record())) == ["", ""]

    (age,) = metrics.counted["capture_to_store_ms"]
    assert age >= 60_000
    assert metrics.counted["written"] == 2
    assert metrics.counted["le=+Inf:capture_to_store_ms_bucket"] == 1
    assert "le=5000:capture_to_store_ms_bucket" not in metrics.counted


def test_pictures_of_a_replay_have_no_latency(write, metrics):
    write(picture(60_000, run="try"))

    assert metrics.counted["written"] == 1
    assert "capture_to_store_ms" not in metrics.counted


def test_what_is_not_written_has_no_latency(write, metrics):
    assert write((DETECTIONS, b"{}")) != [""]

    assert metrics.counted["rejected"] == 1
    assert "capture_to_store_ms" not in metrics.counted
