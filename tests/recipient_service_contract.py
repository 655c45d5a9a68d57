"""What every recipient service must do, the fake one included.

Subclass it and give it a `recipient_service` that knows `watch`, by email and webhook, and
`reject`, which makes a channel reject messages from then on.
"""

import pytest

from pycturestream.domain.notifications.notification import new_test_message
from tests.builders import NOON


class RecipientServiceContract:
    def test_knows_recipients_by_their_names(self, recipient_service):
        known = recipient_service.recipients()
        assert {name: recipient.name for name, recipient in known.items()} == {"watch": "watch"}

    @pytest.mark.parametrize("rejecting", [(), ("mail",), ("webhook",), ("mail", "webhook")])
    def test_returns_the_result_of_each_channel(self, recipient_service, reject, rejecting):
        for channel in rejecting:
            reject(channel)

        attempts = recipient_service.send_test(
            new_test_message("watch", NOON), recipient_service.recipients()["watch"]
        )

        assert [one.channel for one in attempts] == ["mail", "webhook"]
        assert [one.channel for one in attempts if one.rejection] == list(rejecting)
