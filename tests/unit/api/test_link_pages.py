"""The pages behind the links in emails, as a person or a mail scanner opens them."""

import re
from dataclasses import replace

import kafka.errors
import pytest

from pycturestream.api.links import LinkedAction, Links
from pycturestream.contracts.topics import ALERTS
from tests.builders import MINUTE, NOON, alert_record

ALERT = alert_record()
HOUR = 3_600_000
ACTION = LinkedAction(
    "acknowledge", "gate", ALERT["id"], ALERT["rule"], "guard@example.org", 2 * HOUR
)


@pytest.fixture
def url(links):
    def url(command="acknowledge", **changes):
        return links.url(replace(ACTION, command=command, **changes), NOON)

    return url


@pytest.mark.parametrize("command", ["acknowledge", "wrong", "silence"])
def test_opening_a_link_shows_what_will_happen_and_does_nothing(client, service, url, command):
    for method in ("GET", "GET", "HEAD", "OPTIONS"):
        client.request(method, url(command))
    page = client.get(url(command))
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "A person stands at the door." in page.text
    assert "2026-11-21 12:00 UTC" in page.text
    assert page.text.count("<button>") == 1
    assert service.published == {}


@pytest.mark.parametrize("command", ["acknowledge", "wrong", "silence"])
def test_the_button_does_it_and_may_be_pressed_twice(client, service, url, clock, command):
    assert client.post(url(command)).status_code == 200
    clock.now = NOON + MINUTE
    assert client.post(url(command)).status_code == 200
    (given,) = service.published.values()
    assert (given.command, given.by) == (command, "guard@example.org, by link")
    if command == "silence":
        assert (given.rule, given.until) == (ALERT["rule"], NOON + MINUTE + 2 * HOUR)
    else:
        assert given.alert_id == ALERT["id"]


def test_a_reason_is_stored_as_one_line(client, service, url):
    client.post(url("wrong"), data={"reason": " a\r\ncone " + "x" * 600})
    reason = service.commands().wrong(ALERT["id"]).reason
    assert reason.startswith("a cone xxx")
    assert len(reason) == 500


def test_the_second_person_sees_who_was_first(client, url):
    assert "already did this" not in client.get(url()).text
    client.post(url())
    page = client.get(url(recipient="boss@example.org")).text
    assert "guard@example.org, by link already did this on 2026-11-21 12:00 UTC." in page
    client.post(url("silence"))
    assert "until 2026-11-21 14:00 UTC" in client.get(url("silence")).text


def test_the_link_of_an_alert_that_is_no_longer_kept_still_works(client, service, url):
    service.search.records.clear()
    page = client.get(url())
    assert page.status_code == 200
    assert "stranger-at-door" in page.text
    assert client.post(url()).status_code == 200
    assert list(service.published) == [f"acknowledge:{ALERT['id']}"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_expired_and_forged_links_do_nothing(client, service, clock, url, method):
    forged = Links("guessed", "", HOUR).url(ACTION, NOON)
    for address in (forged, url()[:-1], "/link/x"):
        answer = client.request(method, address)
        assert answer.status_code == 404
        assert "This link is not valid" in answer.text
    clock.now = NOON + 8 * 24 * HOUR
    answer = client.request(method, url())
    assert answer.status_code == 410
    assert "This link has expired" in answer.text
    assert service.published == {}


def test_text_from_outside_is_escaped(client, service, url):
    evil = "<script>alert(1)</script>"
    service.search.records = [(ALERTS, ALERT | {"reason": evil})]
    client.post(url(recipient=evil))
    for page in (
        client.get(url(rule=evil)),
        client.get(url()),
        client.post(url("silence", rule=evil)),
        client.get("/link/" + evil),
    ):
        assert "<script" not in page.text


def test_without_kafka_the_page_says_that_nothing_was_changed(client, service, url, monkeypatch):
    def away(_command):
        raise kafka.errors.KafkaTimeoutError

    monkeypatch.setattr(service.log, "publish", away)
    answer = client.post(url())
    assert answer.status_code == 503
    assert "Nothing was changed" in answer.text
    assert "Kafka does not answer" in answer.text


@pytest.mark.parametrize("command", ["acknowledge", "wrong", "silence"])
def test_a_page_loads_nothing_and_can_be_read_aloud(client, url, command):
    page = client.get(url(command)).text
    assert not re.search(r"<script|<img|<link|src=|href=|url\(|@import|\son[a-z]+=", page)
    assert '<html lang="en">' in page
    assert 'name="viewport"' in page
    assert page.count("<h1>") == 1
    inputs = re.findall(r'<input id="(\w+)"', page)
    assert [f'<label for="{name}">' in page for name in inputs] == [True] * len(inputs)
    assert len(inputs) == (command == "wrong")


def test_the_address_of_a_page_is_sent_to_no_other_site(client, url):
    headers = client.get(url()).headers
    assert headers["referrer-policy"] == "no-referrer"
    assert "form-action 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
