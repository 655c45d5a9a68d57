from dataclasses import dataclass, field

import msgspec
import pytest

from pycturestream.stores.record import decode_result
from tests.fake_store import FakeStore
from tests.store_contract import StoreContract


@dataclass
class FakeBench:
    store: FakeStore = field(default_factory=FakeStore)

    def kept(self, record):
        return self.store.kept[record.id].fields

    def poison(self, record):
        return decode_result(record.topic, msgspec.json.encode({**record.fields, "max": "many"}))

    def unreachable(self):
        store = FakeStore()
        store.away_for = 1
        return store


class TestFakeStore(StoreContract):
    @pytest.fixture
    def bench(self):
        return FakeBench()
