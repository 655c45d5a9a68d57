"""Writes bundles of result records to a store, and returns the outcome of each."""

import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pandas as pd
from pyflink.table import DataTypes, FunctionContext, ScalarFunction
from pyflink.table.udf import udf

from pycturestream.contracts.topics import DETECTIONS, RECORD_BYTE_LIMIT
from pycturestream.domain.times import Millis
from pycturestream.stores.batch_writer import BatchWriter, Done, Store, Unwritable
from pycturestream.stores.record import Record
from udfs.erasure_source import ERASURES_S, ErasureSource
from udfs.histogram import BATCH_SIZES, LATENCY_MS, Histogram

REASON_LIMIT = 1_000
"""Characters; a store may quote the record."""


class WriteResults(ScalarFunction):  # type: ignore[misc] # pyflink ships no types
    """A vectorised function: Flink passes a bundle at once, which becomes one request.

    It takes (topic, record) and returns why the store rejected the record, or an empty string.
    """

    def __init__(
        self, open_store: Callable[[], Store], open_erasures: Callable[[], ErasureSource]
    ) -> None:
        self._open_store = open_store
        self._open_erasures = open_erasures

    def open(self, context: FunctionContext) -> None:
        erasures = self._erasures = self._open_erasures()
        erasures.require(ERASURES_S)
        self._writer = BatchWriter(
            self._open_store(), lambda: erasures.known, on_written=self._measure
        )
        metrics = context.get_metric_group()
        self._retries = metrics.counter("retries")
        self._batch_sizes = Histogram(metrics, "batch_size", BATCH_SIZES)
        self._latency = Histogram(metrics, "capture_to_store_ms", LATENCY_MS)
        self._rejected = metrics.counter("rejected")
        self._done = {done: metrics.counter(done.value) for done in Done}

    def is_deterministic(self) -> bool:
        """Return False: it has side effects, so the planner must call it once per record."""
        return False

    def eval(self, topic: pd.Series, record: pd.Series) -> pd.Series:
        retries_before = self._writer.retries
        outcomes = self._writer.write(zip(topic, record, strict=True))
        self._retries.inc(self._writer.retries - retries_before)
        self._batch_sizes.update(len(outcomes))
        for counter in (self._rejected, *self._done.values()):
            counter.inc(0)  # what has not been counted yet is exported as 0, or panels show nothing
        for outcome in outcomes:
            counter = self._rejected if isinstance(outcome, Unwritable) else self._done[outcome]
            counter.inc()
        return pd.Series(
            [
                _reason(outcome, value) if isinstance(outcome, Unwritable) else ""
                for outcome, value in zip(outcomes, record, strict=True)
            ]
        )

    def close(self) -> None:
        self._writer.close()
        self._erasures.close()

    def _measure(self, record: Record) -> None:
        """Note how old a picture was when its result was in the store."""
        if record.topic == DETECTIONS and record.live:
            self._latency.update(max(0, _now() - record.changed_at))


def _now() -> Millis:
    return time.time_ns() // 1_000_000


def _reason(rejected: Unwritable, value: bytes | None) -> str:
    """Return why a record was rejected; of one that will be cut, also its size and digest."""
    reason = rejected.reason[:REASON_LIMIT] or "rejected"
    if value is None or len(value) <= RECORD_BYTE_LIMIT:
        return reason
    return f"{reason}; {len(value)} bytes, sha256 {sha256(value).hexdigest()}"


def write_results(
    open_store: Callable[[], Store], open_erasures: Callable[[], ErasureSource]
) -> Any:
    """Return the function for Flink's tables."""
    return udf(
        WriteResults(open_store, open_erasures),
        result_type=DataTypes.STRING(),
        func_type="pandas",
        deterministic=False,
        name="write_results",
    )
