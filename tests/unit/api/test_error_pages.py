"""Errors, as a person in a browser gets them and as a program does."""

import pytest
from elastic_transport import ConnectionError as ElasticsearchAway
from fastapi import APIRouter, HTTPException, Request
from starlette.testclient import TestClient

from pycturestream.api.access import COOKIE
from pycturestream.api.application import application
from pycturestream.api.headers import PAGE_HEADERS, SECURITY_HEADERS
from pycturestream.api.pages.shell import page_caller
from pycturestream.application.alerts import AlertNotFoundError
from tests.builders import NOON

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
SCRIPT = {"accept": "*/*"}
DAY = 86_400_000


def failing_pages():
    router = APIRouter()
    failures = {
        "nobody": HTTPException(404, "there is no camera nobody"),
        "old": AlertNotFoundError("<b>old</b>"),
        "away": ElasticsearchAway("http://10.0.0.7:9200"),
        "broken": ZeroDivisionError(),
    }

    @router.get("/live/{camera_id}")
    def live(request: Request, camera_id: str, since: int = 0):  # noqa: ARG001 - is checked
        page_caller(request).check_camera(camera_id)
        raise failures[camera_id]

    return router


@pytest.fixture
def client(service, tokens, links):
    app = application(service, tokens, links, lambda: NOON, pages=[failing_pages()])
    return TestClient(app, raise_server_exceptions=False, follow_redirects=False)


@pytest.fixture
def sign_in(client, tokens):
    def sign_in(**limits):
        client.cookies.set(COOKIE, tokens.create("guard", NOON, DAY, **limits)[1])

    return sign_in


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/live/nobody", 404, "There is no camera nobody."),
        ("/live/away", 503, "Elasticsearch does not answer: try again in a minute."),
        ("/live/broken", 500, "Internal error: see the log of `pycturestream serve`."),
        ("/live/broken?since=soon", 422, "Since: "),
        ("/nowhere", 404, "No page has this address."),
        ("/live/nobody/further", 404, "No page has this address."),
        ("/assets2", 404, "No page has this address."),
    ],
)
def test_a_browser_gets_a_page_in_the_frame_of_all_pages(client, sign_in, path, status, sentence):
    sign_in()
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-security-policy"] == PAGE_HEADERS["Content-Security-Policy"]
    assert sentence in answer.text
    assert '<nav aria-label="Pages">' in answer.text
    assert ("Try again" in answer.text) == (status >= 500)
    assert "10.0.0.7" not in answer.text


def test_a_store_that_is_away_says_when_to_come_back(client, sign_in):
    sign_in()
    assert client.get("/live/away", headers=BROWSER).headers["retry-after"] == "60"


def test_a_camera_of_others_is_not_shown_and_the_page_says_whose_token_it_is(client, sign_in):
    sign_in(cameras=["gate"])
    answer = client.get("/live/nobody", headers=BROWSER)
    assert answer.status_code == 403
    assert "The token guard is not for camera nobody." in answer.text
    assert "Sign out to use another one." in answer.text


def test_what_an_address_says_is_text(client, sign_in):
    sign_in()
    text = client.get("/live/old", headers=BROWSER).text
    assert "<b>" not in text
    assert "&lt;b&gt;" in text


def test_who_has_not_signed_in_learns_nothing_of_pages(client):
    answer = client.get("/nowhere", headers=BROWSER)
    assert answer.status_code == 404
    assert "<nav" not in answer.text
    assert client.get("/live/nobody", headers=BROWSER).status_code == 303


@pytest.mark.parametrize("path", ["/live/nobody", "/nowhere", "/live/away"])
def test_a_script_gets_a_problem(client, sign_in, path):
    sign_in()
    answer = client.get(path, headers=SCRIPT)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/api/nowhere", "/link/a/b/c/d", "/assets/none.js", "/health/x"])
def test_what_is_no_page_has_no_error_page(client, sign_in, path):
    sign_in()
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == 404
    assert "<nav" not in answer.text


@pytest.mark.parametrize("path", ["/api/alerts", "/link/secret", "/health", "/openapi.json"])
def test_data_and_links_stay_as_closed_as_they_were(client, path):
    policy = client.get(path, headers=BROWSER).headers["content-security-policy"]
    assert policy == SECURITY_HEADERS["Content-Security-Policy"]
