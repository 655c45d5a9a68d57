"""What every store must do, including the fake one. Subclass it and give it a `bench`."""

import time
import uuid
from collections.abc import Mapping
from typing import Any, Protocol

import msgspec
import pytest

from pycturestream.contracts.topics import COUNTS
from pycturestream.stores.batch_writer import Done, Store, StoreUnavailable, Unwritable
from pycturestream.stores.record import Record, decode_result
from tests.builders import MINUTE, count_record, message


class Bench(Protocol):
    """A store, and what a test sees inside it."""

    store: Store

    def kept(self, record: Record) -> Mapping[str, Any] | None:
        """Return what the store holds for the record."""

    def poison(self, record: Record) -> Record:
        """Return the record in a form that this store always rejects."""

    def unreachable(self) -> Store:
        """Return a store of this kind at an address where nothing answers."""


def now() -> int:
    return time.time_ns() // 1_000_000


def window(camera_id: str, revision: int, **fields: Any) -> Record:
    start = now() // MINUTE * MINUTE - MINUTE
    record = count_record(
        camera_id=camera_id, window_start=start, revision=revision, most=revision, **fields
    )
    return decode_result(*message(COUNTS, record))


class StoreContract:
    @pytest.fixture
    def camera_id(self):
        return f"camera-{uuid.uuid4().hex[:8]}"

    def test_answers_for_each_record_in_order(self, bench, camera_id):
        records = [window(camera_id, 1, label=label) for label in ("person", "car", "dog")]

        answers = bench.store.write(records)

        assert answers == [Done.WRITTEN] * 3
        assert [bench.kept(record) for record in records] == [record.fields for record in records]

    def test_writing_again_does_no_harm(self, bench, camera_id):
        record = window(camera_id, 1)

        bench.store.write([record])
        again = bench.store.write([record])

        assert again == [Done.WRITTEN]
        assert bench.kept(record) == record.fields

    def test_an_older_record_does_not_replace_a_newer_one(self, bench, camera_id):
        old, new = window(camera_id, 1), window(camera_id, 2)

        bench.store.write([new])
        answers = bench.store.write([old])

        assert answers == [Done.OLDER]
        assert bench.kept(old) == new.fields

    def test_in_one_request_the_newest_wins(self, bench, camera_id):
        records = [window(camera_id, revision) for revision in (2, 3, 1)]

        answers = bench.store.write(records)

        assert answers == [Done.WRITTEN, Done.WRITTEN, Done.OLDER]
        assert bench.kept(records[0]) == records[1].fields

    def test_a_record_that_spans_several_lines_is_kept_whole(self, bench, camera_id):
        record = window(camera_id, 1)
        spread = decode_result(COUNTS, msgspec.json.format(record.value, indent=2))

        answers = bench.store.write([spread, window(camera_id, 1, label="dog")])

        assert answers == [Done.WRITTEN] * 2
        assert bench.kept(spread) == record.fields

    def test_a_poisonous_record_is_rejected_alone(self, bench, camera_id):
        before = window(camera_id, 1, label="person")
        poison = bench.poison(window(f"{camera_id}-bad", 1, label="car"))
        after = window(camera_id, 1, label="dog")

        first, second, third = bench.store.write([before, poison, after])

        assert (first, third) == (Done.WRITTEN, Done.WRITTEN)
        assert isinstance(second, Unwritable)
        assert second.reason
        assert bench.kept(after) == after.fields

    def test_a_store_that_does_not_answer_is_unavailable(self, bench, camera_id):
        store = bench.unreachable()

        with pytest.raises(StoreUnavailable):
            store.write([window(camera_id, 1)])
        store.close()
