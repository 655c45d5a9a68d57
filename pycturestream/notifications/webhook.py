"""Posts messages to receivers, signed as specified by standardwebhooks.com."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import requests
from standardwebhooks.webhooks import Webhook as Signature

from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.config.source_address import without_secrets
from pycturestream.domain.alerts.alert_record import AlertRecord
from pycturestream.domain.notifications.notification import Message
from pycturestream.domain.notifications.recipient import Recipient
from pycturestream.domain.times import rfc3339
from pycturestream.notifications.sender import DeferredError, RejectedError, UnavailableError

_LATER = {408, 409, 425, 429}
"""Statuses below 500 that are worth another attempt."""


class Webhooks:
    """Sends messages as JSON. The same message has the same `webhook-id` each time."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def send(self, message: Message, recipient: Recipient) -> None:
        """Return when the receiver has accepted it. Raises SendError."""
        if recipient.webhook is None:
            raise RejectedError(f"{recipient.name} has no webhook")
        body = msgspec.json.encode(as_record(message)).decode()
        at = datetime.fromtimestamp(self._clock.now() // 1000, UTC)
        headers = {
            "content-type": "application/json",
            "user-agent": "PyctureStream",
            "webhook-id": message.id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Signature(recipient.webhook.secret).sign(message.id, at, body),
        }
        place = without_secrets(recipient.webhook.url)
        try:
            answer = requests.post(
                recipient.webhook.url,
                data=body.encode(),
                headers=headers,
                timeout=self._settings.webhook_timeout_ms / 1000,
                # A redirect could take a signed alert anywhere.
                allow_redirects=False,
                # The body is not read: it may never end.
                stream=True,
            )
        except requests.RequestException as error:
            raise UnavailableError(type(error).__name__, for_all=False, place=place) from error
        status = answer.status_code
        answer.close()
        if 200 <= status < 300:
            return
        if status >= 500:
            raise UnavailableError(f"answered {status}", for_all=False, place=place)
        if status in _LATER:
            raise DeferredError(f"answered {status}", place=place)
        redirected = ", a redirect, which is not followed" if 300 <= status < 400 else ""
        raise RejectedError(f"answered {status}{redirected}", place=place)


def as_record(message: Message) -> dict[str, Any]:
    """Return what is posted."""
    return {
        "type": "test" if message.kind == "test" else f"alert.{message.kind}",
        "timestamp": rfc3339(message.at),
        "data": {
            "recipient": message.recipient,
            "thread": message.thread or message.id,
            "alerts": [_alert(alert) for alert in message.alerts],
        },
    }


def _alert(alert: AlertRecord) -> dict[str, Any]:
    record: dict[str, Any] = msgspec.to_builtins(alert)
    times = {
        name: at if at is None else rfc3339(at)
        for name, at in record.items()
        if name.endswith("_at")
    }
    return record | times
