import pytest

from pycturestream.domain.notifications.recipient import Recipient, Webhook
from tests.fake_recipient_service import FakeRecipientService
from tests.recipient_service_contract import RecipientServiceContract


class TestFakeRecipientService(RecipientServiceContract):
    @pytest.fixture
    def recipient_service(self):
        return FakeRecipientService(
            Recipient("watch", mail="a@b.org", webhook=Webhook("http://x", ""))
        )

    @pytest.fixture
    def reject(self, recipient_service):
        return lambda channel: recipient_service.rejections.update({channel: "not now"})
