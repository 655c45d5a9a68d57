"""What every post room must do, the fake one included.

Subclass it and give it a `post_room` that knows `watch`, by mail and webhook, and `refuse`, which
makes a channel refuse from then on.
"""

import pytest

from pycturestream.domain.notifications.notification import trial
from tests.builders import NOON


class PostRoomContract:
    def test_knows_recipients_by_their_names(self, post_room):
        known = post_room.recipients()
        assert {name: recipient.name for name, recipient in known.items()} == {"watch": "watch"}

    @pytest.mark.parametrize("refusing", [(), ("mail",), ("webhook",), ("mail", "webhook")])
    def test_tells_of_each_channel_what_came_of_it(self, post_room, refuse, refusing):
        for channel in refusing:
            refuse(channel)

        tried = post_room.try_out(trial("watch", NOON), post_room.recipients()["watch"])

        assert [one.channel for one in tried] == ["mail", "webhook"]
        assert [one.channel for one in tried if one.refusal] == list(refusing)
