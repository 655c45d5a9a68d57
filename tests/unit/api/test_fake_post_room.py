import pytest

from pycturestream.domain.notifications.recipient import Recipient, Webhook
from tests.fake_post_room import FakePostRoom
from tests.post_room_contract import PostRoomContract


class TestFakePostRoom(PostRoomContract):
    @pytest.fixture
    def post_room(self):
        return FakePostRoom(Recipient("watch", mail="a@b.org", webhook=Webhook("http://x", "")))

    @pytest.fixture
    def refuse(self, post_room):
        return lambda channel: post_room.refusals.update({channel: "not now"})
