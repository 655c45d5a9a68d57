"""Mails through a real mail server that refuses, stalls, hangs up, and comes back."""

import threading

import pytest

from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.notifications.notification import NotificationState, new_test_message
from pycturestream.domain.notifications.recipient import Recipient
from pycturestream.notifications.delivery import Delivery
from pycturestream.notifications.mail import Mail
from pycturestream.notifications.notification_store import NotificationStore
from pycturestream.notifications.sender import AwayError, DeferredError, RefusedError
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
def server(tmp_path):
    with mail_server(tmp_path) as (inbox, settings):
        yield inbox, settings


class Post:
    """A store and what sends from it, with a clock that a test sets."""

    def __init__(self, settings, *, recipients=(WATCH,), sender=None):
        self.store = NotificationStore(None)
        self.clock, self.said = Clock(), []
        self.delivery = Delivery(
            self.store,
            "mail",
            sender or Mail(settings, dict),
            lambda: {recipient.name: recipient for recipient in recipients},
            self.clock,
            settings,
            self.said.append,
        )

    def put(self, *messages):
        self.store.keep(
            NotificationState(), {}, [(message, "mail") for message in messages], self.clock.now()
        )

    def send(self, *, after_ms=0):
        """Send what is due then; return how many tries that were."""
        self.clock.time += after_ms
        tries = 0
        while self.delivery.send_next():
            tries += 1
        return tries


def test_a_mail_goes_through_tls_and_a_login(server):
    inbox, settings = server

    Mail(settings, dict).send(MESSAGE, WATCH)

    [letter] = inbox.letters
    assert letter["To"] == "watch@example.org"
    assert inbox.logins == [USER]


def test_the_end_of_a_situation_answers_its_mail(server):
    inbox, settings = server
    service, post = NotificationDriver(), Post(settings)

    post.put(*service.at(NOON, alert()))
    post.put(*service.later(1, cleared(alert(), NOON + 60_000)))
    post.send()

    first, last = inbox.letters
    assert last["In-Reply-To"] == first["Message-ID"]
    assert post.store.counts() == {"sent": 2}


@pytest.mark.parametrize(
    ("change", "error", "cause"),
    [
        ({"smtp_password": "wrong"}, AwayError, "535"),
        ({"smtp_password": "pässwort"}, AwayError, "user or password is not ASCII"),
        ({"smtp_ca_file": ""}, AwayError, "certificate verify failed"),
        ({"smtp_user": ""}, AwayError, "530"),
        ({"smtp_port": 9}, AwayError, "127.0.0.1:9: "),
        ({"smtp_host": ""}, AwayError, "PYCTURESTREAM_SMTP_HOST"),
        ({"smtp_security": "none"}, AwayError, "a login needs TLS"),
    ],
)
def test_what_an_operator_has_to_mend_keeps_the_mail_and_no_secret_is_told(
    server, change, error, cause
):
    inbox, settings = server
    changed = type(settings)(**{**settings.model_dump(), **change})

    with pytest.raises(error) as caught:
        Mail(changed, dict).send(MESSAGE, WATCH)

    assert cause in str(caught.value)
    assert PASSWORD not in str(caught.value) + repr(changed)
    assert "\n" not in str(caught.value)
    assert inbox.letters == []


def test_an_address_that_does_not_exist_is_given_up_and_shown(server):
    inbox, settings = server
    inbox.rcpt_answers["watch@example.org"] = "550 no such user"
    post = Post(settings)
    post.put(MESSAGE)

    assert post.send() == 1
    assert post.send(after_ms=100_000) == 0

    [entry] = post.store.unsent()
    assert (entry.state, entry.error) == ("undeliverable", "550 no such user")
    assert "given up" in post.said[-1]
    inbox.rcpt_answers.clear()
    assert post.store.retry(post.clock.now()) == 1
    post.send()
    assert len(inbox.letters) == 1
    assert post.store.unsent() == []


def test_a_full_mailbox_is_tried_again_and_holds_up_nobody_else(server):
    inbox, settings = server
    inbox.rcpt_answers["full@example.org"] = "452 mailbox full"
    full = Recipient("full", mail="full@example.org")
    post = Post(settings, recipients=(full, WATCH))
    post.put(new_test_message("full", NOON), MESSAGE)

    post.send()
    assert [letter["To"] for letter in inbox.letters] == ["watch@example.org"]
    inbox.rcpt_answers.clear()
    post.send(after_ms=1_000)

    assert [letter["To"] for letter in inbox.letters] == ["watch@example.org", "full@example.org"]


def test_a_connection_that_ends_after_the_data_is_a_mail_again_with_the_same_id(server):
    inbox, settings = server
    inbox.data_answers = ["hang up"]
    post = Post(settings)
    post.put(MESSAGE)

    post.send()
    assert [entry.state for entry in post.store.unsent()] == ["waiting"]
    post.send(after_ms=1_000)

    first, second = inbox.letters
    assert first["Message-ID"] == second["Message-ID"]
    assert post.store.unsent() == []


def test_refused_data_is_for_good_or_for_a_time_as_the_server_says(server):
    inbox, settings = server
    inbox.data_answers = ["451 later", "554 not this one"]

    with pytest.raises(DeferredError, match="451 later"):
        Mail(settings, dict).send(MESSAGE, WATCH)
    with pytest.raises(RefusedError, match="554 not this one"):
        Mail(settings, dict).send(MESSAGE, WATCH)


def test_a_server_that_says_nothing_is_away(server):
    inbox, settings = server
    inbox.stall = threading.Event()
    impatient = settings.model_copy(update={"smtp_timeout_ms": 300})

    with pytest.raises(AwayError, match="timed out"):
        Mail(impatient, dict).send(MESSAGE, WATCH)


def test_while_the_server_is_away_one_mail_is_tried_and_all_go_when_it_is_back(server):
    inbox, settings = server
    away = settings.model_copy(update={"smtp_port": 9})
    mails = {"now": Mail(away, dict)}

    class Changing:
        def send(self, message, recipient):
            mails["now"].send(message, recipient)

    post = Post(settings, sender=Changing())
    post.put(*(new_test_message("watch", NOON + number) for number in range(5)))
    assert [post.send(after_ms=wait) for wait in (0, 500, 500, 1_000, 1_000)] == [1, 0, 1, 0, 1]
    assert len(post.said) == 1
    mails["now"] = Mail(settings, dict)
    post.send(after_ms=4_000)

    assert len(inbox.letters) == 5
    assert post.store.counts() == {"sent": 5}


def test_what_could_not_be_sent_for_a_day_is_kept_and_shown(server):
    _, settings = server
    post = Post(settings.model_copy(update={"smtp_port": 9}))
    post.put(MESSAGE)
    post.send()

    post.send(after_ms=settings.send_patience_ms + 1)

    assert [entry.state for entry in post.store.unsent()] == ["undeliverable"]


def test_a_message_that_can_not_be_made_is_kept_and_shown_and_the_next_one_goes(server):
    inbox, settings = server
    mail = Mail(settings, dict)

    class Failing:
        def send(self, message, recipient):
            if message.at == NOON:
                raise ValueError("no such thing\nat all")
            mail.send(message, recipient)

    post = Post(settings, sender=Failing())
    post.put(MESSAGE, new_test_message("watch", NOON + 1))

    post.send()

    assert [entry.error for entry in post.store.unsent()] == ["ValueError: no such thing"]
    assert len(inbox.letters) == 1


def test_a_message_to_somebody_who_is_gone_is_kept_and_shown(server):
    _, settings = server
    post = Post(settings, recipients=())
    post.put(MESSAGE)

    post.send()

    [entry] = post.store.unsent()
    assert entry.error == "watch has no mail any more"


@pytest.mark.parametrize("opted_in", [True, False])
def test_the_evidence_is_shown_only_of_a_camera_that_is_opted_in(server, opted_in):
    inbox, settings = server
    cameras = {"gate": Camera("gate", evidence=opted_in)}
    mail = Mail(settings, lambda: cameras, evidence=lambda _alert: b"\xff\xd8\xff\xd9")
    [message] = NotificationDriver().at(NOON, alert())

    mail.send(message, WATCH)

    kinds = [part.get_content_type() for part in inbox.letters[0].walk()]
    assert ("image/jpeg" in kinds) is opted_in


def test_300_alerts_in_a_minute_are_a_handful_of_mails(server):
    inbox, settings = server
    service, post = NotificationDriver(), Post(settings)

    for number in range(300):
        at = NOON + number * 200
        post.put(*service.at(at, alert(str(number), at=at, camera_id=f"c{number % 40}")))
    for minute in range(1, 30):
        post.put(*service.at(NOON + minute * 60_000))
    post.send()

    assert len(inbox.letters) <= 8
    assert "still open" in inbox.letters[-1]["Subject"]
