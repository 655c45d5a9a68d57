"""Posts messages to receivers, signed as specified by standardwebhooks.com."""

import socket
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import requests
import urllib3
from requests.adapters import HTTPAdapter
from standardwebhooks.webhooks import Webhook as Signature

from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.domain.alerts.alert_record import AlertRecord
from pycturestream.domain.notifications.notification import Message
from pycturestream.domain.notifications.recipient import Recipient
from pycturestream.domain.times import rfc3339
from pycturestream.notifications.deadline import Deadline
from pycturestream.notifications.message_wording import Cameras, body, subject
from pycturestream.notifications.sender import DeferredError, RejectedError, UnavailableError
from pycturestream.public_address import without_secrets

_LATER = {408, 409, 425, 429}
"""Statuses below 500 that are worth another attempt."""


class Webhooks:
    """Sends messages as JSON. The same message has the same `webhook-id` each time."""

    def __init__(self, settings: Settings, clock: Clock, cameras: Callable[[], Cameras]) -> None:
        self._settings = settings
        self._clock = clock
        self._cameras = cameras

    def send(self, message: Message, recipient: Recipient) -> None:
        """Return when the receiver has accepted it. Raises SendError."""
        if recipient.webhook is None:
            raise RejectedError(f"{recipient.name} has no webhook")
        body = msgspec.json.encode(as_record(message, recipient, self._cameras())).decode()
        at = datetime.fromtimestamp(self._clock.now() // 1000, UTC)
        headers = {
            "content-type": "application/json",
            "user-agent": "PyctureStream",
            "webhook-id": message.id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Signature(recipient.webhook.secret).sign(message.id, at, body),
        }
        place = without_secrets(recipient.webhook.url)
        deadline = Deadline(self._settings.webhook_timeout_ms / 1000)
        connection = _Connection()
        try:
            with deadline.of(lambda: connection.socket), requests.Session() as session:
                session.mount("https://", connection)
                session.mount("http://", connection)
                answer = session.post(
                    recipient.webhook.url,
                    data=body.encode(),
                    headers=headers,
                    timeout=deadline.seconds,
                    # A redirect could take a signed alert anywhere.
                    allow_redirects=False,
                    # The body is not read: it may never end.
                    stream=True,
                )
                answer.close()
        except requests.RequestException as error:
            cause = type(error).__name__
            if deadline.expired or isinstance(error, requests.Timeout):
                cause = f"ReadTimeout: no answer within {deadline.seconds:g} s"
            raise UnavailableError(cause, for_all=False, place=place) from error
        status = answer.status_code
        if 200 <= status < 300:
            return
        if status >= 500:
            raise UnavailableError(f"answered {status}", for_all=False, place=place)
        if status in _LATER:
            raise DeferredError(f"answered {status}", place=place)
        redirected = ", a redirect, which is not followed" if 300 <= status < 400 else ""
        raise RejectedError(f"answered {status}{redirected}", place=place)


class _Connection(HTTPAdapter):
    """What connects, and shows its socket, so that a deadline can shut it down."""

    def __init__(self) -> None:
        self.socket: socket.socket | None = None
        super().__init__(max_retries=0)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self._watch(self.poolmanager)

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*arguments, **options)
        self._watch(manager)
        return manager

    def _watch(self, manager: urllib3.PoolManager) -> None:
        def connected(found: socket.socket) -> None:
            self.socket = found

        class Http(urllib3.connection.HTTPConnection):
            def connect(self) -> None:
                super().connect()
                connected(self.sock)

        class Https(urllib3.connection.HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                connected(self.sock)

        class HttpPool(urllib3.HTTPConnectionPool):
            ConnectionCls = Http

        class HttpsPool(urllib3.HTTPSConnectionPool):
            ConnectionCls = Https

        manager.pool_classes_by_scheme = {"http": HttpPool, "https": HttpsPool}


def as_record(message: Message, recipient: Recipient, cameras: Cameras) -> dict[str, Any]:
    """Return what is posted: a title and a text for people, and the alerts for programs."""
    return {
        "type": "test" if message.kind == "test" else f"alert.{message.kind}",
        "timestamp": rfc3339(message.at),
        "data": {
            "recipient": message.recipient,
            "thread": message.thread or message.id,
            "language": message.language,
            "title": subject(message),
            "text": body(message, recipient, cameras),
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
