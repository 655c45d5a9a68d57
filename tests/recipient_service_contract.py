"""What every recipient service must do, the fake one included.

Subclass it and give it a `recipient_service` that knows `watch`, by mail and webhook, and
`refuse`, which makes a channel refuse from then on.
"""

import pytest

from pycturestream.domain.notifications.notification import new_test_message
from tests.builders import NOON


class RecipientServiceContract:
    def test_knows_recipients_by_their_names(self, recipient_service):
        known = recipient_service.recipients()
        assert {name: recipient.name for name, recipient in known.items()} == {"watch": "watch"}

    @pytest.mark.parametrize("refusing", [(), ("mail",), ("webhook",), ("mail", "webhook")])
    def test_tells_of_each_channel_what_came_of_it(self, recipient_service, refuse, refusing):
        for channel in refusing:
            refuse(channel)

        tried = recipient_service.try_out(
            new_test_message("watch", NOON), recipient_service.recipients()["watch"]
        )

        assert [one.channel for one in tried] == ["mail", "webhook"]
        assert [one.channel for one in tried if one.rejection] == list(refusing)
