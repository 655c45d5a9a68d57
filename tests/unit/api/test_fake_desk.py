import pytest

from tests.desk_contract import DeskContract
from tests.fake_desk import FakeDesk


class TestFakeDesk(DeskContract):
    @pytest.fixture
    def desk(self):
        return FakeDesk()

    @pytest.fixture
    def put(self, desk):
        return desk.put
