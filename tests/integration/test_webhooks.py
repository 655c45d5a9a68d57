"""Webhooks to a real receiver that rejects, stalls, hangs up, and recovers."""

import json
import threading
from contextlib import contextmanager

import pytest
from msgspec.structs import replace
from standardwebhooks.webhooks import Webhook as Signature
from standardwebhooks.webhooks import WebhookVerificationError

from pycturestream.clock import SystemClock
from pycturestream.config.settings import Settings
from pycturestream.domain.notifications.recipient import Recipient, Webhook
from pycturestream.notifications.sender import DeferredError, RejectedError, UnavailableError
from pycturestream.notifications.webhook import Webhooks
from tests.alerts import NotificationDriver, alert, cleared
from tests.builders import NOON
from tests.dripping_server import dripping_server
from tests.webhook_receiver import webhook_receiver

pytestmark = pytest.mark.integration

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - it opens nothing


@pytest.fixture
def receiver():
    with webhook_receiver() as receiver:
        yield receiver


@pytest.fixture
def send(receiver):
    def send(message, **changes):
        recipient = Recipient("system", webhook=Webhook(f"{receiver.url}/alerts?token=x", SECRET))
        webhooks = Webhooks(Settings(**changes), SystemClock(), dict)
        webhooks.send(message, replace(recipient, name=message.recipient))

    return send


@pytest.fixture
def message():
    [message] = NotificationDriver().at(NOON, alert())
    return message


def test_what_is_posted_is_signed_so_that_others_libraries_verify_it(receiver, send, message):
    send(message)

    [(path, headers, body)] = receiver.requests
    assert path == "/alerts?token=x"
    assert headers["webhook-id"] == message.id
    posted = Signature(SECRET).verify(body, headers)
    assert posted["type"] == "alert.raised"
    [shown] = posted["data"]["alerts"]
    assert shown["id"] == "gate:a"
    assert shown["raised_at"] == "2026-11-21T12:00:00.000Z"
    with pytest.raises(WebhookVerificationError):
        Signature(SECRET).verify(body.replace(b"gate", b"door"), headers)


def test_the_same_message_has_the_same_id_and_its_replies_name_the_thread(receiver, send):
    service = NotificationDriver()
    [first] = service.at(NOON, alert())
    [last] = service.later(1, cleared(alert(), NOON + 1))
    for one in (first, first, last):
        send(one)

    ids = [headers["webhook-id"] for _, headers, _ in receiver.requests]
    threads = [json.loads(body)["data"]["thread"] for _, _, body in receiver.requests]
    assert ids == [first.id, first.id, last.id]
    assert threads == [first.id] * 3


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (500, UnavailableError),
        (503, UnavailableError),
        (429, DeferredError),
        (404, RejectedError),
        (410, RejectedError),
        ("hang up", UnavailableError),
    ],
)
def test_what_a_status_means(receiver, send, message, answer, error):
    receiver.answers = [answer]

    with pytest.raises(error) as caught:
        send(message)

    assert "token" not in str(caught.value)


@pytest.mark.parametrize("answer", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(receiver, send, message, answer):
    receiver.answers = [answer]

    with pytest.raises(RejectedError, match="a redirect, which is not followed"):
        send(message)

    assert len(receiver.requests) == 1


def test_a_receiver_that_does_not_reply_is_unavailable(receiver, send, message):
    receiver.stall = threading.Event()

    with pytest.raises(UnavailableError, match="ReadTimeout"):
        send(message, webhook_timeout_ms=200)


@contextmanager
def dripping_receiver(chunk, *, reads=True):
    """Yield the address of a receiver that answers so, again and again, as long as it can."""
    with dripping_server(chunk, reads=reads) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("chunk", [b"", b"H", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_a_receiver_that_drips_has_as_long_as_one_that_is_silent(receiver, send, message, chunk):
    with (
        dripping_receiver(chunk) as receiver.url,
        pytest.raises(UnavailableError, match=r"no answer within 0\.3 s") as caught,
    ):
        send(message, webhook_timeout_ms=300)

    assert not caught.value.for_all
    assert "token" not in str(caught.value)


def test_the_body_of_an_answer_is_not_waited_for(receiver, send, message):
    answer = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n"
    with dripping_receiver(answer) as receiver.url:
        send(message, webhook_timeout_ms=20_000)


def test_a_slow_receiver_can_be_reached_through_a_proxy(receiver, send, message, monkeypatch):
    with dripping_receiver(b"H") as proxy:
        monkeypatch.setenv("http_proxy", proxy)
        receiver.url = "http://receiver.invalid"

        with pytest.raises(UnavailableError, match="no answer within"):
            send(message, webhook_timeout_ms=300)


def test_a_receiver_that_is_not_there_is_unavailable(send, receiver, message):
    receiver.url = "http://127.0.0.1:9"

    with pytest.raises(UnavailableError, match="ConnectionError") as caught:
        send(message)

    assert not caught.value.for_all
