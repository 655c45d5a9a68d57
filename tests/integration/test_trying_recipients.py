"""Test messages by HTTP and by command, through a real mail server and to a real receiver."""

import json
import threading
from types import SimpleNamespace

import pytest
from standardwebhooks.webhooks import Webhook as Signature
from starlette.testclient import TestClient

from pycturestream.api.application import application
from pycturestream.api.links import Links
from pycturestream.api.tokens import Tokens
from pycturestream.application.recipients import RecipientService
from pycturestream.clock import SystemClock
from pycturestream.config.settings import settings as chosen
from pycturestream.domain.notifications.notification import new_test_message
from pycturestream.domain.notifications.recipient import Recipient
from pycturestream.notifications.recipient_book import RecipientBook
from pycturestream.notifications.send_test_message import send_test_message
from tests.builders import NOON
from tests.command_line import command_line
from tests.fake_alert_service import FakeAlertService
from tests.mail_server import PASSWORD, mail_server
from tests.recipient_service_contract import RecipientServiceContract
from tests.waiting import eventually
from tests.webhook_receiver import webhook_receiver

pytestmark = pytest.mark.integration

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - it opens nothing
FILE = """
recipients:
  - name: watch
    mail: watch@example.org
    webhook: {{url: "{url}/alerts/hidden?token=x", secret: "${{WATCH_SECRET}}"}}
"""


@pytest.fixture
def context(tmp_path, monkeypatch):
    """Servers that run, a file that leads to them, and a client with a token."""
    monkeypatch.setenv("WATCH_SECRET", SECRET)
    with mail_server(tmp_path) as (inbox, settings), webhook_receiver() as receiver:
        file = tmp_path / "recipients.yaml"
        file.write_text(FILE.format(url=receiver.url))

        def client(**changes):
            book = RecipientBook(file)
            service = RecipientService(book, settings.model_copy(update=changes), SystemClock())
            tokens, links = Tokens(tmp_path / "tokens.json"), Links("secret", "http://x", 1_000)
            _, text = tokens.create(f"guard-{len(tokens.all())}", NOON, 1_000)
            app = application(FakeAlertService(), tokens, links, lambda: NOON, service)
            return TestClient(app, headers={"Authorization": f"Bearer {text}"})

        yield SimpleNamespace(
            inbox=inbox, receiver=receiver, settings=settings, file=file, client=client
        )


class TestRecipientService(RecipientServiceContract):
    @pytest.fixture
    def recipient_service(self, context):
        return RecipientService(RecipientBook(context.file), context.settings, SystemClock())

    @pytest.fixture
    def reject(self, context):
        def reject(channel):
            if channel == "mail":
                context.inbox.rcpt_answers["watch@example.org"] = "550 no such user"
            else:
                context.receiver.answers = [410]

        return reject


def test_a_test_message_arrives_by_mail_and_webhook(context):
    answer = context.client().post("/api/recipients/watch/test")

    assert answer.status_code == 200
    shown = answer.json()
    assert shown["taken"] == ["mail", "webhook"]
    [email] = context.inbox.emails
    assert email["To"] == "watch@example.org"
    assert email["Subject"] == "Test message: alerts will arrive here"
    assert email["Message-ID"] == f"<{shown['id']}@example.org>"
    [(_, headers, body)] = context.receiver.requests
    assert headers["webhook-id"] == shown["id"]
    assert Signature(SECRET).verify(body, headers)["type"] == "test"


def test_a_rejection_by_a_server_is_shown_without_addresses(context):
    # Servers repeat addresses as they like to write them.
    context.inbox.rcpt_answers["watch@example.org"] = "550 <Watch@Example.org>: no such user"

    answer = context.client().post("/api/recipients/watch/test")

    assert answer.status_code == 502
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["taken"] == ["webhook"]
    assert body["refused"] == {"mail": "550 <…>: no such user"}
    assert body["detail"] == "mail: 550 <…>: no such user"
    assert "example.org" not in answer.text
    assert len(context.receiver.requests) == 1


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (500, "answered 500"),
        (410, "answered 410"),
        (302, "answered 302, a redirect, which is not followed"),
        ("hang up", "ConnectionError"),
    ],
)
def test_a_rejection_by_a_receiver_does_not_stop_the_mail(context, answer, cause):
    context.receiver.answers = [answer]

    response = context.client().post("/api/recipients/watch/test")

    assert response.status_code == 502
    assert response.json()["refused"] == {"webhook": cause}
    assert response.json()["taken"] == ["mail"]
    assert "127.0.0.1" not in response.text
    assert "hidden" not in response.text


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"smtp_host": ""}, "PYCTURESTREAM_SMTP_HOST names no mail server"),
        ({"smtp_port": 9}, "Connection refused"),
        ({"smtp_ca_file": ""}, "certificate verify failed"),
        ({"smtp_user": ""}, "530"),
    ],
)
def test_what_an_operator_has_to_fix_is_shown_without_address_and_secret(context, change, cause):
    answer = context.client(**change).post("/api/recipients/watch/test")

    assert answer.status_code == 502
    assert cause in answer.json()["refused"]["mail"]
    assert PASSWORD not in answer.text
    assert "127.0.0.1:" not in answer.text


def test_while_a_mail_server_hangs_the_rest_answers_and_the_next_test_waits(context):
    context.inbox.stall = threading.Event()
    answers = []
    with context.client() as client:

        def ask():
            answers.append(client.post("/api/recipients/watch/test").status_code)

        first, second = (threading.Thread(target=ask) for _ in range(2))
        first.start()
        second.start()
        try:
            assert eventually(lambda: context.inbox.emails)
            assert client.get("/api/recipients").status_code == 200
            assert (len(context.inbox.emails), answers) == (1, [])
        finally:
            context.inbox.stall.set()
            first.join()
            second.join()
    assert answers == [200, 200]
    assert len(context.inbox.emails) == 2


def test_a_recipient_removed_from_the_file_gets_no_more(context):
    client = context.client()
    assert [one["name"] for one in client.get("/api/recipients").json()] == ["watch"]

    context.file.write_text("recipients: [{name: somebody-else, mail: else@example.org}]")

    assert [one["name"] for one in client.get("/api/recipients").json()] == ["somebody-else"]
    assert client.post("/api/recipients/watch/test").status_code == 404
    assert context.inbox.emails == []


def test_a_name_with_line_ends_reaches_nobody_else(context):
    name = "watch\r\nBcc: evil@example.org"
    whom = Recipient(name, mail="watch@example.org")

    [tried] = send_test_message(new_test_message(name, NOON), whom, context.settings, SystemClock())

    assert tried.rejection is None
    [email] = context.inbox.emails
    assert email["Bcc"] is None
    assert email["To"] == "watch@example.org"


@pytest.fixture
def run(context, monkeypatch, capsys):
    """Return a function that runs the command line with these settings."""
    for name in ("host", "port", "user", "sender", "ca_file"):
        value = getattr(context.settings, f"smtp_{name}")
        monkeypatch.setenv(f"PYCTURESTREAM_SMTP_{name.upper()}", str(value))
    monkeypatch.setenv("PYCTURESTREAM_SMTP_PASSWORD", PASSWORD)
    chosen.cache_clear()
    yield command_line(monkeypatch, capsys)
    chosen.cache_clear()


def test_the_command_lists_each_channel_that_accepted_it(context, run):
    ended = run("notify", "test", context.file, "watch", "--json")

    assert ended.status == 0
    assert [record["channel"] for record in ended.records] == ["mail", "webhook"]
    [(_, headers, body)] = context.receiver.requests
    assert {record["id"] for record in ended.records} == {headers["webhook-id"]}
    assert json.loads(body)["data"]["recipient"] == "watch"


def test_the_command_continues_after_a_rejection_and_says_where_it_was(context, run):
    context.inbox.rcpt_answers["watch@example.org"] = "550 no such user"

    ended = run("notify", "test", context.file, "watch")

    assert (ended.status, ended.output) == (1, "webhook to watch: accepted\n")
    assert "mail to watch: 550 no such user" in ended.errors
    context.inbox.rcpt_answers.clear()
    context.receiver.answers = [503]
    ended = run("notify", "test", context.file, "watch")
    assert ended.output == "mail to watch: accepted\n"
    assert f"webhook to watch: {context.receiver.url}: answered 503" in ended.errors
