"""Mails through a real mail server that rejects, stalls, hangs up, and recovers."""

import threading

import pytest
from structlog.testing import capture_logs

from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.notifications.notification import NotificationState, new_test_message
from pycturestream.domain.notifications.recipient import Recipient
from pycturestream.notifications.delivery import Delivery
from pycturestream.notifications.mail import Mail
from pycturestream.notifications.notification_store import NotificationStore
from pycturestream.notifications.sender import DeferredError, RejectedError, UnavailableError
from tests.alerts import WATCH, NotificationDriver, alert, cleared
from tests.builders import NOON
from tests.mail_server import PASSWORD, USER, mail_server

pytestmark = pytest.mark.integration

MESSAGE = new_test_message("watch", NOON)


class Clock:
    stopped = False

    def __init__(self):
        self.time = NOON

    def now(self):
        return self.time


@pytest.fixture
def events():
    """What is logged."""
    with capture_logs() as entries:
        yield entries


@pytest.fixture
def server(tmp_path):
    with mail_server(tmp_path) as (inbox, settings):
        yield inbox, settings


class Outbox:
    """A store and its delivery, with a clock that a test sets."""

    def __init__(self, settings, *, recipients=(WATCH,), sender=None):
        self.store = NotificationStore(None)
        self.clock = Clock()
        self.delivery = Delivery(
            self.store,
            "mail",
            sender or Mail(settings, dict),
            lambda: {recipient.name: recipient for recipient in recipients},
            self.clock,
            settings,
        )

    def put(self, *messages):
        self.store.keep(
            NotificationState(), {}, [(message, "mail") for message in messages], self.clock.now()
        )

    def send(self, *, after_ms=0):
        """Send what is due then; return the number of attempts."""
        self.clock.time += after_ms
        attempts = 0
        while self.delivery.send_next():
            attempts += 1
        return attempts


def test_a_mail_goes_through_tls_and_a_login(server):
    inbox, settings = server

    Mail(settings, dict).send(MESSAGE, WATCH)

    [email] = inbox.emails
    assert email["To"] == "watch@example.org"
    assert inbox.logins == [USER]


def test_the_end_of_a_situation_is_a_reply_to_its_mail(server):
    inbox, settings = server
    service, outbox = NotificationDriver(), Outbox(settings)

    outbox.put(*service.at(NOON, alert()))
    outbox.put(*service.later(1, cleared(alert(), NOON + 60_000)))
    outbox.send()

    first, last = inbox.emails
    assert last["In-Reply-To"] == first["Message-ID"]
    assert outbox.store.counts() == {"sent": 2}


@pytest.mark.parametrize(
    ("change", "error", "cause"),
    [
        ({"smtp_password": "wrong"}, UnavailableError, "535"),
        ({"smtp_password": "pässwort"}, UnavailableError, "user or password is not ASCII"),
        ({"smtp_ca_file": ""}, UnavailableError, "certificate verify failed"),
        ({"smtp_user": ""}, UnavailableError, "530"),
        ({"smtp_port": 9}, UnavailableError, "127.0.0.1:9: "),
        ({"smtp_host": ""}, UnavailableError, "PYCTURESTREAM_SMTP_HOST"),
        ({"smtp_security": "none"}, UnavailableError, "a login needs TLS"),
    ],
)
def test_what_an_operator_has_to_fix_keeps_the_mail_and_shows_no_secret(
    server, change, error, cause
):
    inbox, settings = server
    changed = type(settings)(**{**settings.model_dump(), **change})

    with pytest.raises(error) as caught:
        Mail(changed, dict).send(MESSAGE, WATCH)

    assert cause in str(caught.value)
    assert PASSWORD not in str(caught.value) + repr(changed)
    assert "\n" not in str(caught.value)
    assert inbox.emails == []


def test_an_address_that_does_not_exist_is_given_up_and_shown(server, events):
    inbox, settings = server
    inbox.rcpt_answers["watch@example.org"] = "550 no such user"
    outbox = Outbox(settings)
    outbox.put(MESSAGE)

    assert outbox.send() == 1
    assert outbox.send(after_ms=100_000) == 0

    [entry] = outbox.store.unsent()
    assert (entry.state, entry.error) == ("undeliverable", "550 no such user")
    assert "given up" in events[-1]["event"]
    inbox.rcpt_answers.clear()
    assert outbox.store.retry(outbox.clock.now()) == 1
    outbox.send()
    assert len(inbox.emails) == 1
    assert outbox.store.unsent() == []


def test_a_full_mailbox_is_tried_again_and_delays_nobody_else(server):
    inbox, settings = server
    inbox.rcpt_answers["full@example.org"] = "452 mailbox full"
    full = Recipient("full", mail="full@example.org")
    outbox = Outbox(settings, recipients=(full, WATCH))
    outbox.put(new_test_message("full", NOON), MESSAGE)

    outbox.send()
    assert [email["To"] for email in inbox.emails] == ["watch@example.org"]
    inbox.rcpt_answers.clear()
    outbox.send(after_ms=1_000)

    assert [email["To"] for email in inbox.emails] == ["watch@example.org", "full@example.org"]


def test_a_connection_that_ends_after_the_data_is_a_mail_again_with_the_same_id(server):
    inbox, settings = server
    inbox.data_answers = ["hang up"]
    outbox = Outbox(settings)
    outbox.put(MESSAGE)

    outbox.send()
    assert [entry.state for entry in outbox.store.unsent()] == ["waiting"]
    outbox.send(after_ms=1_000)

    first, second = inbox.emails
    assert first["Message-ID"] == second["Message-ID"]
    assert outbox.store.unsent() == []


def test_data_is_rejected_permanently_or_for_a_time_as_the_server_replies(server):
    inbox, settings = server
    inbox.data_answers = ["451 later", "554 not this one"]

    with pytest.raises(DeferredError, match="451 later"):
        Mail(settings, dict).send(MESSAGE, WATCH)
    with pytest.raises(RejectedError, match="554 not this one"):
        Mail(settings, dict).send(MESSAGE, WATCH)


def test_a_server_that_does_not_reply_is_unavailable(server):
    inbox, settings = server
    inbox.stall = threading.Event()
    impatient = settings.model_copy(update={"smtp_timeout_ms": 300})

    with pytest.raises(UnavailableError, match="timed out"):
        Mail(impatient, dict).send(MESSAGE, WATCH)


def test_while_the_server_is_unavailable_one_mail_is_tried_and_all_are_sent_afterwards(
    server, events
):
    inbox, settings = server
    away = settings.model_copy(update={"smtp_port": 9})
    mails = {"now": Mail(away, dict)}

    class Changing:
        def send(self, message, recipient):
            mails["now"].send(message, recipient)

    outbox = Outbox(settings, sender=Changing())
    outbox.put(*(new_test_message("watch", NOON + number) for number in range(5)))
    assert [outbox.send(after_ms=wait) for wait in (0, 500, 500, 1_000, 1_000)] == [1, 0, 1, 0, 1]
    assert len(events) == 1
    mails["now"] = Mail(settings, dict)
    outbox.send(after_ms=4_000)

    assert len(inbox.emails) == 5
    assert outbox.store.counts() == {"sent": 5}


def test_what_could_not_be_sent_for_a_day_is_kept_and_shown(server):
    _, settings = server
    outbox = Outbox(settings.model_copy(update={"smtp_port": 9}))
    outbox.put(MESSAGE)
    outbox.send()

    outbox.send(after_ms=settings.send_patience_ms + 1)

    assert [entry.state for entry in outbox.store.unsent()] == ["undeliverable"]


def test_a_message_that_can_not_be_made_is_kept_and_shown_and_the_next_one_is_sent(server):
    inbox, settings = server
    mail = Mail(settings, dict)

    class Failing:
        def send(self, message, recipient):
            if message.at == NOON:
                raise ValueError("no such object\nat all")
            mail.send(message, recipient)

    outbox = Outbox(settings, sender=Failing())
    outbox.put(MESSAGE, new_test_message("watch", NOON + 1))

    outbox.send()

    assert [entry.error for entry in outbox.store.unsent()] == ["ValueError: no such object"]
    assert len(inbox.emails) == 1


def test_a_message_to_a_removed_recipient_is_kept_and_shown(server):
    _, settings = server
    outbox = Outbox(settings, recipients=())
    outbox.put(MESSAGE)

    outbox.send()

    [entry] = outbox.store.unsent()
    assert entry.error == "watch no longer has a mail address"


@pytest.mark.parametrize("opted_in", [True, False])
def test_the_evidence_is_shown_only_of_a_camera_that_is_opted_in(server, opted_in):
    inbox, settings = server
    cameras = {"gate": Camera("gate", evidence=opted_in)}
    mail = Mail(settings, lambda: cameras, evidence=lambda _alert: b"\xff\xd8\xff\xd9")
    [message] = NotificationDriver().at(NOON, alert())

    mail.send(message, WATCH)

    kinds = [part.get_content_type() for part in inbox.emails[0].walk()]
    assert ("image/jpeg" in kinds) is opted_in


def test_300_alerts_in_a_minute_are_a_handful_of_mails(server):
    inbox, settings = server
    service, outbox = NotificationDriver(), Outbox(settings)

    for number in range(300):
        at = NOON + number * 200
        outbox.put(*service.at(at, alert(str(number), at=at, camera_id=f"c{number % 40}")))
    for minute in range(1, 30):
        outbox.put(*service.at(NOON + minute * 60_000))
    outbox.send()

    assert len(inbox.emails) <= 8
    assert "still open" in inbox.emails[-1]["Subject"]
