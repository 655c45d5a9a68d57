"""Scripts and styles of the pages: asked for at once, and kept until they change."""

import re

import pytest
from starlette.testclient import TestClient

from pycturestream.api.application import application
from pycturestream.api.pages.asset_files import ASSETS, module, versioned_path
from tests.builders import NOON

IMPORTED = re.compile(r'from "\./(?:live/)?([^"]+)"')
SCRIPTS = ["live_wall.js", "live_camera.js", "search.js", "report.js", "zones.js"]


@pytest.fixture
def client(service, tokens, links):
    return TestClient(application(service, tokens, links, lambda: NOON))


def test_what_has_a_version_is_kept_and_the_same_by_its_name_is_asked_for_again(client):
    versioned = client.get(f"{versioned_path()}/base.css")
    named = client.get("/assets/base.css")

    assert versioned.content == named.content == (ASSETS / "base.css").read_bytes()
    assert "immutable" in versioned.headers["cache-control"]
    assert named.headers["cache-control"] == "no-cache"


def test_what_has_not_changed_since_is_kept_on(client):
    path = f"{versioned_path()}/base.css"
    known = {"If-None-Match": client.get(path).headers["etag"]}

    response = client.get(path, headers=known)

    assert response.status_code == 304
    assert "immutable" in response.headers["cache-control"]


@pytest.mark.parametrize("path", [f"{versioned_path()}/none.js", "/assets/v-000000000000/base.css"])
def test_what_is_missing_is_not_kept_as_missing(client, path):
    response = client.get(path)

    assert response.status_code == 404
    assert response.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_page_asks_for_all_that_its_script_imports_at_once(client, name):
    addresses = re.findall(r'(?:href|src)="([^"]+)"', module(name))
    answers = [client.get(address) for address in addresses]

    assert {answer.status_code for answer in answers} == {200}
    assert addresses[-1].endswith(f"/{name}")
    loaded = {address.rpartition("/")[2] for address in addresses}
    imported = {found for answer in answers for found in IMPORTED.findall(answer.text)}
    assert "base.js" in imported
    assert imported <= loaded
