"""Emails that a mail server does not take as they are, and servers that misbehave afterwards."""

from contextlib import closing

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.notifications.notification import NotificationState, new_test_message
from pycturestream.domain.notifications.recipient import Recipient
from pycturestream.notifications.delivery import HOLDS, Delivery
from pycturestream.notifications.mail import Mail
from pycturestream.notifications.notification_store import NotificationStore
from pycturestream.notifications.sender import DeferredError, UnavailableError
from tests.alerts import WATCH, NotificationDriver, alert
from tests.builders import NOON
from tests.dripping_server import dripping_server
from tests.mail_server import mail_server

pytestmark = pytest.mark.integration

PICTURE = b"\xff\xd8" + b"x" * 100_000 + b"\xff\xd9"
OTHER = Recipient("other", mail="other@example.org")
RECIPIENTS = {recipient.name: recipient for recipient in (WATCH, OTHER)}
[ALERT] = NotificationDriver().at(NOON, alert())


class Clock:
    stopped = False
    time = NOON

    def now(self):
        return self.time


class Outbox:
    """A store with an alert to the first recipient and a test message to the second."""

    def __init__(self, settings, recipients=RECIPIENTS):
        self.store, self.clock = NotificationStore(None), Clock()
        cameras = {"gate": Camera("gate", evidence=True)}
        mail = Mail(settings, lambda: cameras, evidence=lambda _alert: PICTURE)
        self.delivery = Delivery(self.store, "mail", mail, lambda: recipients, self.clock, settings)
        messages = [ALERT, replace(ALERT, id="f" * 32, recipient="other")]
        self.store.keep(NotificationState(), {}, [(one, "mail") for one in messages], NOON)

    def send(self, *, after_ms=0):
        self.clock.time += after_ms
        attempts = 0
        with capture_logs() as events:
            while self.delivery.send_next():
                attempts += 1
        self.events = events
        return attempts

    def close(self):
        self.store.close()


def parts(email):
    return {part.get_content_type() for part in email.walk()}


def has_picture(email):
    return "image/jpeg" in parts(email)


@pytest.fixture
def server(tmp_path):
    with mail_server(tmp_path) as (inbox, settings):
        yield inbox, settings


def test_an_email_above_the_size_that_the_server_names_is_sent_without_its_picture(tmp_path):
    with (
        mail_server(tmp_path, data_size_limit=20_000) as (inbox, settings),
        closing(Outbox(settings)) as outbox,
    ):
        assert outbox.send() == 2

        assert [email["To"] for email in inbox.emails] == [WATCH.mail, OTHER.mail]
        assert not any(map(has_picture, inbox.emails))
        assert all("text/html" in parts(email) for email in inbox.emails)
        assert outbox.store.counts() == {"sent": 2}
        assert "552" in outbox.events[0]["event"]


@pytest.mark.parametrize(
    "answer",
    [
        "552 too much mail data",
        "552 5.3.4 message size exceeds limit",
        "554 5.3.4 message too big for system",
        "550 5.2.3 message larger than the administrative limit",
        "554 Message too large",
        "523 the message is too long",
    ],
)
def test_a_too_large_email_is_sent_with_less_and_less(server, answer):
    inbox, settings = server
    inbox.judge = lambda email: answer if "text/html" in parts(email) else None
    with closing(Outbox(settings)) as outbox:
        assert outbox.send() == 2

        assert [parts(email) for email in inbox.emails] == [{"text/plain"}] * 2
        assert outbox.store.counts() == {"sent": 2}


@pytest.mark.parametrize(("room", "sent"), [(20_000, 2), (100, 0)])
def test_an_email_for_which_there_is_no_room_delays_nobody(server, room, sent):
    inbox, settings = server
    inbox.room = room
    with closing(Outbox(settings)) as outbox:
        assert outbox.send() == 2
        assert len(inbox.emails) == sent

        inbox.room = float("inf")
        outbox.send(after_ms=1_000)
        assert outbox.store.counts() == {"sent": 2}


def test_an_email_that_is_always_too_large_is_given_up_and_delays_nobody(server):
    inbox, settings = server
    inbox.judge = lambda email: "552 too large" if email["To"] == WATCH.mail else None
    with closing(Outbox(settings)) as outbox:
        assert outbox.send() == 2

        assert [email["To"] for email in inbox.emails] == [OTHER.mail]
        [entry] = outbox.store.unsent()
        assert (entry.state, entry.error) == ("undeliverable", "552 too large")


@pytest.mark.parametrize("answer", ["554 5.6.0 broken picture", "550 content rejected"])
def test_a_picture_that_the_server_rejects_is_left_out(server, answer):
    inbox, settings = server
    inbox.judge = lambda email: answer if has_picture(email) else None
    with closing(Outbox(settings)) as outbox:
        outbox.send()

        assert [email["To"] for email in inbox.emails] == [WATCH.mail, OTHER.mail]
        assert outbox.store.counts() == {"sent": 2}


@pytest.mark.parametrize("failing", ["picture", "links", "html"])
def test_a_part_that_can_not_be_made_is_left_out(server, monkeypatch, failing):
    inbox, settings = server
    cameras = {"gate": Camera("gate", evidence=True)}

    def fail(*_arguments):
        raise ValueError("broken")

    mail = Mail(
        settings,
        lambda: cameras,
        links=fail if failing == "links" else lambda *_: (),
        evidence=fail if failing == "picture" else lambda _: PICTURE,
    )
    if failing == "html":
        monkeypatch.setattr("email.message.EmailMessage.add_alternative", fail)

    mail.send(ALERT, WATCH)

    assert len(inbox.emails) == 1


@pytest.mark.parametrize("answer", ["500 no", "hang up", "stall", "421 closing"])
def test_an_accepted_email_is_sent_whatever_follows(server, monkeypatch, answer):
    inbox, settings = server
    monkeypatch.setattr("pycturestream.notifications.mail._QUIT_S", 0.2)
    inbox.quit_answer = answer
    with closing(Outbox(settings)) as outbox:
        assert outbox.send() == 2
        assert outbox.send(after_ms=100_000) == 0

        assert len(inbox.emails) == 2
        assert outbox.store.counts() == {"sent": 2}


def test_any_positive_reply_to_the_data_is_acceptance(server):
    inbox, settings = server
    inbox.judge = lambda _email: "251 will forward"
    with closing(Outbox(settings)) as outbox:
        outbox.send()

        assert outbox.store.counts() == {"sent": 2}


def test_an_address_that_the_server_can_not_write_concerns_nobody_else(server):
    inbox, settings = server
    strange = {**RECIPIENTS, "watch": Recipient("watch", mail="wätch@example.org")}
    with closing(Outbox(settings, strange)) as outbox:
        outbox.send()

        assert [email["To"] for email in inbox.emails] == [OTHER.mail]
        assert outbox.store.counts() == {"sent": 1, "undeliverable": 1}


def test_a_server_that_hangs_up_on_a_picture_gets_none_in_the_end(server):
    inbox, settings = server
    inbox.judge = lambda email: "hang up" if has_picture(email) else None
    with closing(Outbox(settings)) as outbox:
        for _ in range(4):
            outbox.send(after_ms=5_000)

        assert outbox.store.counts() == {"sent": 2}
        assert not has_picture(inbox.emails[-1])


def test_an_email_at_which_the_server_always_hangs_up_does_not_hold_up_the_next_ones(server):
    inbox, settings = server
    inbox.judge = lambda email: "hang up" if email["Message-ID"].startswith(f"<{ALERT.id}") else ""
    with closing(Outbox(settings)) as outbox:
        test = new_test_message("watch", NOON)
        outbox.store.keep(NotificationState(), {}, [(test, "mail")], NOON)
        for _ in range(HOLDS + 2):
            outbox.send(after_ms=5_000)

        assert [entry.message for entry in outbox.store.unsent()] == [ALERT]
        assert outbox.store.counts() == {"sent": 2, "waiting": 1}


def test_an_email_that_is_never_answered_is_not_sent_for_a_whole_day(server):
    inbox, settings = server
    inbox.judge = lambda email: "hang up" if email["To"] == WATCH.mail else None
    with closing(Outbox(settings)) as outbox:
        for _ in range(20):
            outbox.send(after_ms=5_000)

        assert sum(email["To"] == WATCH.mail for email in inbox.emails) == 8
        [entry] = outbox.store.unsent()
        assert entry.state == "undeliverable"
        assert "may have arrived" in entry.error


@pytest.mark.parametrize(("answer", "for_all"), [("530 log in first", True), ("451 later", False)])
def test_what_a_recipients_reply_means(server, answer, for_all):
    inbox, settings = server
    inbox.rcpt_answers[WATCH.mail] = answer

    with pytest.raises(UnavailableError if for_all else DeferredError):
        Mail(settings, dict).send(ALERT, WATCH)


@pytest.mark.parametrize("greeting", [b"220-wait\r\n", b"2"])
def test_a_server_that_never_ends_its_reply_is_left(server, greeting):
    _, settings = server
    with dripping_server(greeting) as port:
        slow = settings.model_copy(update={"smtp_port": port, "smtp_exchange_ms": 300})

        with pytest.raises(UnavailableError, match=r"timed out after 0\.3 s in all"):
            Mail(slow, dict).send(ALERT, WATCH)
