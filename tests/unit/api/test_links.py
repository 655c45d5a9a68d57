"""Signed links: what they do, and which are rejected."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from msgspec.structs import replace as replace_fields

from pycturestream.api.links import (
    LinkedAction,
    LinkError,
    LinkExpiredError,
    Links,
    alert_links,
    links_of,
    perform,
)
from pycturestream.config.settings import Settings
from pycturestream.contracts.alerts import decode_alert
from tests.alerts import WATCH
from tests.builders import NOON, alert_facts, alert_record
from tests.fake_alert_service import FakeAlertService

HOUR = 3_600_000
ACTION = LinkedAction("silence", "gate", "gate:rule:1", "rule", "guard@example.org", HOUR)
MINE = "mine"
LINKS = Links("secret", "https://alerts.example.org", 2 * HOUR)


def token(links=LINKS, action=ACTION):
    return links.url(action, NOON).rpartition("/")[2]


def test_a_link_holds_its_action_until_it_expires():
    assert LINKS.url(ACTION, NOON).startswith("https://alerts.example.org/link/")
    assert LINKS.read(token(), NOON + 2 * HOUR - 1) == ACTION
    with pytest.raises(LinkExpiredError):
        LINKS.read(token(), NOON + 2 * HOUR)


@pytest.mark.parametrize(
    "change",
    [
        lambda good: good[:-1] + ("A" if good[-1] != "A" else "B"),
        lambda good: "A" + good[1:],
        lambda good: good.partition(".")[0],
        lambda _: token(Links("another secret", "", HOUR)),
        lambda _: "",
        lambda _: "\udcff",
    ],
)
def test_a_changed_or_forged_link_is_rejected(change):
    with pytest.raises(LinkError) as caught:
        LINKS.read(change(token()), NOON)
    assert not isinstance(caught.value, LinkExpiredError)


def test_the_signature_of_one_action_does_not_fit_another():
    other = token(action=replace(ACTION, alert_id="gate:rule:2"))
    mixed = f"{other.rpartition('.')[0]}.{token().rpartition('.')[2]}"
    with pytest.raises(LinkError):
        LINKS.read(mixed, NOON)


def test_the_command_of_a_link_names_who_received_it():
    service = FakeAlertService()
    silence = perform(ACTION, service, NOON + 5, "")
    assert (silence.by, silence.until) == ("guard@example.org, by link", NOON + 5 + HOUR)
    assert silence.key == "silence:gate:rule"
    wrong = perform(replace(ACTION, command="wrong"), service, NOON, "a cone")
    assert (wrong.key, wrong.reason, wrong.until) == ("wrong:gate:rule:1", "a cone", None)
    assert list(service.published.values()) == [silence, wrong]


def test_a_mail_offers_all_three(tmp_path):
    settings = Settings(data_folder=tmp_path, web_address="https://alerts.example.org/")
    links, alert = links_of(settings), decode_alert(json.dumps(alert_record()).encode())
    offered = alert_links(settings, links, alert, WATCH, NOON)
    actions = [links.read(url.rpartition("/")[2], NOON) for _, url in offered]
    assert [action.command for action in actions] == ["acknowledge", "wrong", "silence"]
    assert {(action.alert_id, action.raised_at) for action in actions} == {(alert.id, NOON)}
    marked = perform(actions[1], FakeAlertService(), NOON + 5, "")
    assert marked.raised_at == NOON
    assert {(action.language, action.timezone) for action in actions} == {("en", "UTC")}
    assert all(url.startswith("https://alerts.example.org/link/") for _, url in offered)


@pytest.mark.parametrize(
    ("timezone", "told"), [("", "Europe/Vienna"), ("Asia/Tokyo", "Asia/Tokyo")]
)
def test_links_have_the_language_and_the_clock_of_their_recipient(tmp_path, timezone, told):
    settings = Settings(data_folder=tmp_path, web_address="https://alerts.example.org/")
    links = links_of(settings)
    alert = decode_alert(json.dumps(alert_record(facts=alert_facts())).encode())
    recipient = replace_fields(WATCH, language="fr", timezone=timezone)
    offered = alert_links(settings, links, alert, recipient, NOON)
    assert [label for label, _ in offered] == [
        "Je m'en occupe",
        "Fausse alerte",
        "Mettre cette règle en sourdine",
    ]
    actions = [links.read(url.rpartition("/")[2], NOON) for _, url in offered]
    assert {(action.language, action.timezone) for action in actions} == {("fr", told)}


def test_the_secret_is_made_once_and_private(tmp_path):
    settings = Settings(data_folder=tmp_path)
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda _: token(links_of(settings)), range(8)))
    assert len(set(tokens)) == 1
    (secret,) = (tmp_path / "web").iterdir()
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert len(secret.read_text()) == 64


def test_a_secret_of_the_settings_is_used(tmp_path):
    mine = links_of(Settings(data_folder=tmp_path, link_secret=MINE))
    assert mine.read(token(Links(MINE, "", HOUR)), NOON) == ACTION
    assert list(tmp_path.iterdir()) == []
