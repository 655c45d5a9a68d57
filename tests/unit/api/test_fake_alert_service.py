import pytest

from tests.alert_service_contract import AlertServiceContract
from tests.fake_alert_service import FakeAlertService


class TestFakeAlertService(AlertServiceContract):
    @pytest.fixture
    def service(self):
        return FakeAlertService()

    @pytest.fixture
    def put(self, service):
        return service.put
