from dataclasses import dataclass, field, replace

import pytest

from tests.fake_store import FakeStore
from tests.store_contract import StoreContract


@dataclass
class FakeBench:
    store: FakeStore = field(default_factory=FakeStore)

    def kept(self, record):
        return self.store.kept[record.id].fields

    def poison(self, record):
        return replace(record, fields={**record.fields, "max": "many"})

    def unreachable(self):
        store = FakeStore()
        store.away_for = 1
        return store


class TestFakeStore(StoreContract):
    @pytest.fixture
    def bench(self):
        return FakeBench()
