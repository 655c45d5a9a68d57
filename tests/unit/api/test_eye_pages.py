"""The paths of the seeing aid beside its socket: the page, its files, and the words to choose."""

import pytest
from starlette.testclient import TestClient

from pycturestream.api import eye_pages
from pycturestream.api.access import is_same_origin
from pycturestream.api.application import application
from pycturestream.api.eye_gateway import EyeGateway
from pycturestream.api.headers import PAGE_HEADERS, SECURITY_HEADERS
from pycturestream.application.eye_cameras import EyeCameras
from pycturestream.config.settings import Settings
from tests.builders import NOON
from tests.fake_eye import FakeCameraTopic, FakePictures, FakePushes
from tests.unit.api.eye_server import SENDER_KEY, SetClock

FILES = {
    "index.html": ("<!doctype html>", "text/html; charset=utf-8"),
    "app.js": ("export {}", "text/javascript; charset=utf-8"),
    "service-worker.js": ("// offline", "text/javascript; charset=utf-8"),
    "style.css": ("body {}", "text/css; charset=utf-8"),
    "manifest.webmanifest": ("{}", "application/manifest+json"),
    "icons/eye.png": ("png", "image/png"),
    "icons/eye.svg": ("<svg/>", "image/svg+xml"),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    folder = tmp_path / "eye"
    for name, (text, _) in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (tmp_path / "secret.txt").write_text("not part of the page")
    monkeypatch.setattr(eye_pages, "FOLDER", folder)
    return folder


@pytest.fixture
def client(folder, service, tokens, links):  # noqa: ARG001 - the files must be there
    cameras = EyeCameras(FakeCameraTopic(), SENDER_KEY)
    eye = EyeGateway(tokens, FakePictures(), FakePushes(), cameras, SetClock(), Settings())
    yield TestClient(application(service, tokens, links, lambda: NOON, eye=eye))
    cameras.close()


@pytest.mark.parametrize("name", FILES)
def test_files_of_the_page_come_with_their_type_and_are_asked_for_again(client, name):
    text, kind = FILES[name]
    found = client.get(f"/eye/{name}")
    assert (found.status_code, found.text, found.headers["content-type"]) == (200, text, kind)
    assert found.headers["cache-control"] == "no-cache"
    unchanged = client.get(f"/eye/{name}", headers={"If-None-Match": found.headers["etag"]})
    assert unchanged.status_code == 304


def test_the_page_may_use_the_camera_and_nothing_from_elsewhere(client):
    page = client.get("/eye")
    assert page.text == "<!doctype html>"
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "connect-src 'self'" in policy
    assert "unsafe" not in policy
    assert page.headers["permissions-policy"].startswith("camera=(self)")
    assert page.headers["referrer-policy"] == "no-referrer"


def test_the_service_worker_may_serve_the_page_itself(client):
    assert client.get("/eye/service-worker.js").headers["service-worker-allowed"] == "/eye"


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/eyes", PAGE_HEADERS), ("/health", SECURITY_HEADERS), ("/api/alerts", SECURITY_HEADERS)],
)
def test_other_paths_keep_their_headers(client, path, expected):
    headers = client.get(path).headers
    assert {name: headers[name] for name in expected} == expected


@pytest.mark.parametrize("path", ["../secret.txt", "..%2fsecret.txt", "%2e%2e/secret.txt", "x.js"])
def test_nothing_but_the_files_of_the_page_is_there(client, path):
    assert client.get(f"/eye/{path}").status_code == 404


def test_without_its_page_an_installation_says_so(client, folder):
    (folder / "index.html").unlink()
    assert "no page" in client.get("/eye").json()["detail"]


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_what_can_be_found_has_a_word_in_each_language(client, language):
    found = client.get(f"/eye/labels/{language}").json()
    assert len(found) == 80
    assert len({each["word"] for each in found}) == 80
    articles = ("a ", "an ", "ein ", "eine ", "un ", "une ", "una ", "unas ", "des ")
    assert not [each for each in found if each["word"].startswith(articles)]


def test_words_are_in_the_order_of_a_dictionary(client):
    words = {each["label"]: each["word"] for each in client.get("/eye/labels/de").json()}
    assert words["chair"] == "Stuhl"
    order = list(words.values())
    assert order.index("Apfel") < order.index("Auto") < order.index("Bär") < order.index("Bus")


def test_the_scissors_of_english_are_a_pair(client):
    words = {each["label"]: each["word"] for each in client.get("/eye/labels/en").json()}
    assert words["scissors"] == "pair of scissors"


def test_of_an_unknown_language_the_known_ones_are_named(client):
    assert "en, de, fr, es" in client.get("/eye/labels/tlh").json()["detail"]


@pytest.mark.parametrize(
    ("origin", "host", "web_address", "is_same"),
    [
        ("https://eye.example", "eye.example", "", True),
        ("http://127.0.0.1:8090", "127.0.0.1:8090", "", True),
        ("https://eye.example", "inside:8090", "https://eye.example/", True),
        ("https://eye.example:8443", "eye.example", "", False),
        ("https://eye.example.evil", "eye.example", "", False),
        ("https://evil.example", "eye.example", "https://eye.example", False),
        ("null", "eye.example", "", False),
        ("", "", "", False),
        ("https://[", "eye.example", "", False),
    ],
)
def test_only_the_own_page_opens_the_socket(origin, host, web_address, is_same):
    assert is_same_origin(origin, host, web_address) is is_same
