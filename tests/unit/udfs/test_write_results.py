"""The operator that writes results, with a store that a test looks into."""

from types import SimpleNamespace

import pandas as pd
import pytest

from pycturestream.contracts.topics import DETECTIONS
from tests.builders import MINUTE, NOON, detection_record, message
from tests.erasures import FakeErasures, erasure
from tests.fake_store import FakeStore
from tests.unit.udfs.operators import Counters
from udfs.write_results import WriteResults


def opened(store, erasures):
    function, metrics = WriteResults(lambda: store, lambda: erasures), Counters()
    function.open(SimpleNamespace(get_metric_group=lambda: metrics))
    return function, metrics


def write(function, *times):
    records = [message(DETECTIONS, detection_record(captured_at=at)) for at in times]
    topics, values = zip(*records, strict=True)
    return list(function.eval(pd.Series(topics), pd.Series(values)))


def test_an_erasure_from_before_the_start_holds_from_the_first_record_on():
    store = FakeStore()
    function, metrics = opened(store, FakeErasures(erasure("gate", NOON, NOON + MINUTE)))

    assert write(function, NOON, NOON + MINUTE) == ["", ""]
    assert (metrics.counted["erased"], metrics.counted["written"]) == (1, 1)
    assert len(store.kept) == 1


def test_one_that_comes_later_holds_from_the_next_bundle_on():
    store, erasures = FakeStore(), FakeErasures()
    function, metrics = opened(store, erasures)
    write(function, NOON)
    erasures.erase(erasure("gate", NOON, NOON + MINUTE))
    write(function, NOON + 1)

    assert len(store.kept) == 1
    assert metrics.counted["erased"] == 1
    function.close()
    assert erasures.closed


def test_nothing_is_written_before_it_is_known_what_is_erased():
    erasures = FakeErasures()
    erasures.is_complete = False

    with pytest.raises(TimeoutError, match="erasures"):
        opened(FakeStore(), erasures)
