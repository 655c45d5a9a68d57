"""Signing in on the page, and who needs no token."""

import pytest
from starlette.testclient import TestClient

from pycturestream.api.access import COOKIE
from pycturestream.api.application import application
from pycturestream.api.headers import PAGE_HEADERS
from pycturestream.api.links import Links
from pycturestream.api.tokens import Tokens
from pycturestream.domain.times import DAY_MS, HOUR_MS
from tests.builders import NOON
from tests.fake_alert_service import FakeAlertService

ADDRESS = "http://127.0.0.1:8090"
OWN = {"origin": ADDRESS}


@pytest.fixture
def tokens(tmp_path):
    return Tokens(tmp_path / "tokens.json")


@pytest.fixture
def text(tokens):
    return tokens.create("guard", NOON, DAY_MS, cameras=["gate"])[1]


def browser(tokens, *, is_open=False, peer="127.0.0.1", address=ADDRESS, web_address=""):
    links = Links("secret", "", HOUR_MS)
    app = application(
        FakeAlertService(), tokens, links, lambda: NOON, is_open=is_open, web_address=web_address
    )
    return TestClient(app, base_url=address, client=(peer, 50_000), follow_redirects=False)


def sign_in(client, text, goal="/report?camera=gate", headers=OWN):
    return client.post("/sign-in", data={"token": text, "next": goal}, headers=headers)


def test_a_token_becomes_a_cookie_that_no_script_and_no_other_site_has(tokens, text):
    client = browser(tokens)
    response = sign_in(client, f" {text}\n")
    assert (response.status_code, response.headers["location"]) == (303, "/report?camera=gate")
    cookie = response.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert f"max-age={DAY_MS // 1000}" in cookie
    assert "secure" not in cookie
    assert client.get("/api/alerts").status_code == 200


def test_with_tls_it_is_sent_by_tls_only(tokens, text):
    address = "https://cameras.example.org"
    client = browser(tokens, address=address)
    assert "Secure" in sign_in(client, text, headers={"origin": address}).headers["set-cookie"]


def test_behind_a_proxy_that_takes_the_tls_off_too(tokens, text):
    address = "https://cameras.example.org"
    client = browser(tokens, address="http://inside:8090", web_address=address)
    assert "Secure" in sign_in(client, text, headers={"origin": address}).headers["set-cookie"]
    client = browser(tokens, address="http://cameras.example.org")
    assert "Secure" in sign_in(client, text, headers={"origin": address}).headers["set-cookie"]


def test_the_cookie_allows_what_the_token_does(tokens, text):
    client = browser(tokens)
    sign_in(client, text)
    assert client.get("/api/alerts?camera=door").status_code == 403


def test_no_other_site_makes_the_browser_change_anything(tokens, text):
    client = browser(tokens)
    sign_in(client, text)
    path, body = "/api/silences", {"camera_id": "gate", "for": "2h"}
    for headers in ({}, {"origin": "https://evil.example"}, {"origin": "null"}):
        assert client.post(path, json=body, headers=headers).status_code == 403
    assert client.post(path, json=body, headers=OWN).status_code != 403
    assert sign_in(client, text, headers={}).status_code == 403


def test_a_wrong_token_is_refused_on_the_page(tokens):
    response = sign_in(browser(tokens), "pyc_00000000_0")
    assert response.status_code == 401
    assert 'role="alert"' in response.text
    assert "set-cookie" not in response.headers
    assert response.headers["content-security-policy"] == PAGE_HEADERS["Content-Security-Policy"]


def test_a_revoked_token_opens_nothing_any_more(tokens, text):
    client = browser(tokens)
    sign_in(client, text)
    tokens.revoke("guard")
    assert client.get("/api/alerts").status_code == 401


def test_signing_out_removes_the_cookie(tokens, text):
    client = browser(tokens)
    sign_in(client, text)
    assert client.post("/sign-out").status_code == 403
    assert client.post("/sign-out", headers=OWN).headers["location"] == "/sign-in"
    assert COOKIE not in client.cookies


@pytest.mark.parametrize(
    "goal", ["https://evil.example", "//evil.example", "/\\evil.example", "live", "/a\nb", ""]
)
def test_it_leads_to_pages_of_its_own_only(tokens, text, goal):
    assert sign_in(browser(tokens), text, goal).headers["location"] == "/live"


def test_who_has_signed_in_needs_no_form(tokens, text):
    client = browser(tokens)
    assert client.get("/sign-in?next=/report").status_code == 200
    sign_in(client, text)
    assert client.get("/sign-in?next=/report").headers["location"] == "/report"


class TestOpen:
    def test_this_machine_needs_no_token(self, tokens):
        client = browser(tokens, is_open=True)
        assert client.get("/api/alerts").status_code == 200
        client = browser(tokens, is_open=True, address="http://localhost:8090")
        assert client.get("/api/alerts").status_code == 200

    def test_it_does_where_the_application_is_not_open(self, tokens):
        assert browser(tokens).get("/api/alerts").status_code == 401

    @pytest.mark.parametrize(
        ("peer", "address", "headers"),
        [
            ("192.168.1.7", ADDRESS, {}),
            ("127.0.0.1", "http://evil.example:8090", {}),
            ("127.0.0.1", ADDRESS, {"x-forwarded-for": "192.168.1.7"}),
            ("127.0.0.1", ADDRESS, {"forwarded": "for=192.168.1.7"}),
            ("127.0.0.1", ADDRESS, {"X-Forwarded-Proto": "https"}),
            ("127.0.0.1", ADDRESS, {"X-Real-IP": "192.168.1.7"}),
            ("127.0.0.1", ADDRESS, {"Via": "1.1 proxy"}),
        ],
    )
    def test_others_do(self, tokens, peer, address, headers):
        client = browser(tokens, is_open=True, peer=peer, address=address)
        assert client.get("/api/alerts", headers=headers).status_code == 401

    def test_changes_must_come_from_its_own_pages(self, tokens):
        client = browser(tokens, is_open=True)
        body = {"camera_id": "gate", "for": "2h"}
        headers = {"origin": "https://evil.example"}
        assert client.post("/api/silences", json=body, headers=headers).status_code == 403

    def test_a_cookie_that_opens_nothing_any_more_does_not_lock_this_machine_out(self, tokens):
        client = browser(tokens, is_open=True)
        client.cookies.set(COOKIE, "pyc_0_0")
        assert client.get("/api/alerts").status_code == 200

    def test_a_cookie_that_opens_nothing_opens_nothing_for_others(self, tokens):
        client = browser(tokens, is_open=True, peer="192.168.1.7")
        client.cookies.set(COOKIE, "pyc_0_0")
        assert client.get("/api/alerts").status_code == 401

    def test_a_wrong_token_of_a_program_is_wrong(self, tokens):
        client = browser(tokens, is_open=True)
        headers = {"authorization": "Bearer pyc_0_0"}
        assert client.get("/api/alerts", headers=headers).status_code == 401

    def test_who_has_signed_in_has_what_the_token_allows(self, tokens, text):
        client = browser(tokens, is_open=True)
        client.cookies.set(COOKIE, text)
        assert client.get("/api/alerts?camera=door").status_code == 403

    def test_no_form_is_shown_where_none_is_needed(self, tokens):
        client = browser(tokens, is_open=True)
        assert client.get("/sign-in?next=/report").headers["location"] == "/report"
