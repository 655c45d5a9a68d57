"""The pages behind the links in emails, as a person or a mail scanner opens them."""

import re
from dataclasses import asdict, replace

import kafka.errors
import pytest

from pycturestream.api.links import LinkedAction, Links
from pycturestream.contracts.topics import ALERTS
from pycturestream.languages.catalog import LANGUAGES
from tests.builders import MINUTE, NOON, alert_facts, alert_record

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
    assert "21 November 2026, 12:00 (UTC)" in page.text
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
    assert "guard@example.org already did this on 21 November 2026, 12:00 (UTC)." in page
    client.post(url("silence"))
    assert "until 21 November 2026, 14:00 (UTC)" in client.get(url("silence")).text


def test_the_link_of_an_alert_that_is_no_longer_kept_still_works(client, service, url):
    service.search.records.clear()
    page = client.get(url())
    assert page.status_code == 200
    assert "stranger-at-door" in page.text
    assert client.post(url()).status_code == 200
    assert list(service.published) == [f"acknowledge:{ALERT['id']}"]


QUESTIONS = {
    "en": ("Acknowledge this alert?", "You are handling this alert", "This link has expired"),
    "de": (
        "Kümmern Sie sich um diesen Alarm?",
        "Sie kümmern sich um diesen Alarm",
        "Dieser Link ist abgelaufen",
    ),
    "fr": (
        "Vous occupez-vous de cette alerte\N{NO-BREAK SPACE}?",
        "Vous vous occupez de cette alerte",
        "Ce lien a expiré",
    ),
    "es": (
        "¿Se encarga usted de esta alerta?",
        "Usted se encarga de esta alerta",
        "Este enlace ha caducado",
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_in_the_language_of_whoever_received_the_link(client, clock, url, language):
    asked, done, expired = QUESTIONS[language]
    address = url(language=language)
    for answer, title in ((client.get(address), asked), (client.post(address), done)):
        assert f'<html lang="{language}">' in answer.text
        assert answer.headers["content-language"] == language
        assert f"<h1>{title}</h1>" in answer.text
    clock.now = NOON + 8 * 24 * HOUR
    assert f"<h1>{expired}</h1>" in client.get(address).text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("command", ["acknowledge", "wrong", "silence"])
def test_every_page_is_complete_in_every_language(client, url, language, command):
    address = url(command, language=language, timezone="Europe/Vienna")
    for answer in (client.get(address), client.post(address), client.get(address)):
        assert answer.status_code == 200
        assert "{" not in answer.text.partition("</style>")[2]
        assert "(UTC)" not in answer.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_shows_names_as_they_are(client, url, language):
    page = client.get(url("silence", language=language, rule="<script>x</script>")).text
    assert "<script>" not in page
    assert page.count("&lt;script&gt;x&lt;/script&gt;") == 2


def test_a_reason_is_worded_in_the_language_and_by_the_clock_of_the_link(client, service, url):
    record = alert_record(revision=1, facts=alert_facts(seen_until="", crossed=[]))
    service.search.records[:] = [(ALERTS, record)]
    page = client.get(url(language="de", timezone="Europe/London")).text
    assert (
        "Zwei Personen und ein Auto im Bereich „door“ zwischen 22:00 und 06:00 Uhr am Mo, So "
        "(Europe/Vienna), dort seit 11 s, halten sich seit 65 s hier auf, auf 4 Bildern seit "
        "12:00:00 Uhr, höchster Wert 0,81."
    ) in page


def test_a_link_of_an_older_program_is_answered_in_english(client, links):
    fields = {
        name: value
        for name, value in asdict(ACTION).items()
        if name not in ("language", "timezone")
    }
    token = links._signer.dumps([NOON + HOUR, fields])
    page = client.get(f"/link/{token}")
    assert page.status_code == 200
    assert "<h1>Acknowledge this alert?</h1>" in page.text


def test_a_page_takes_its_language_from_the_signed_link_alone(client, url):
    for address in (f"{url()}?language=de", url()):
        page = client.get(address, headers={"accept-language": "de"})
        assert "<h1>Acknowledge this alert?</h1>" in page.text
    assert client.get(url(language="nl")).status_code == 404


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
