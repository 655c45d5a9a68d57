"""The HTTP application on services in memory."""

from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from pycturestream.api.application import application
from pycturestream.api.links import Links
from pycturestream.api.tokens import Tokens
from pycturestream.contracts.topics import ALERTS, CAMERAS
from pycturestream.domain.cameras.camera import Camera, Rule
from pycturestream.domain.notifications.recipient import Recipient, Subscription, Webhook
from tests.builders import NOON, alert_record
from tests.fake_alert_service import FakeAlertService
from tests.fake_recipient_service import FakeRecipientService

DAY = 86_400_000


@pytest.fixture
def clock():
    """A clock that a test sets."""
    return SimpleNamespace(now=NOON)


@pytest.fixture
def service():
    return FakeAlertService(
        (CAMERAS, Camera("gate", rules=(Rule("stranger-at-door"),))),
        (CAMERAS, Camera("door")),
        (ALERTS, alert_record()),
        (ALERTS, alert_record(camera_id="door", raised_at=NOON - DAY, state="cleared", revision=2)),
    )


@pytest.fixture
def recipient_service():
    return FakeRecipientService(
        Recipient(
            "watch",
            mail="watch@example.org",
            language="de",
            webhook=Webhook("https://system.example.org/alerts", "a-secret"),
            alerts=(Subscription(("gate",), ("north",), 3), Subscription(level=1)),
        ),
        Recipient("night/shift ?", mail="night@example.org"),
    )


@pytest.fixture
def tokens(tmp_path):
    return Tokens(tmp_path / "tokens.json")


@pytest.fixture
def links():
    return Links("secret", "http://testserver", 7 * DAY)


@pytest.fixture
def client(service, tokens, links, clock, recipient_service):
    return TestClient(
        application(service, tokens, links, lambda: clock.now, recipient_service),
        raise_server_exceptions=False,
    )


@pytest.fixture
def headers(tokens):
    """Return a function that makes a token and returns the headers that carry it."""

    def make(name="guard", now=NOON, life_ms=DAY, **limits):
        _, text = tokens.create(name, now, life_ms, **limits)
        return {"Authorization": f"Bearer {text}"}

    return make
