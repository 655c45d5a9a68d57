"""The live pages and what their scripts ask, by HTTP."""

import html
import json
import re

import pytest
from starlette.testclient import TestClient

from pycturestream.annotation.colours import OF_OTHERS, OF_PEOPLE, contrast
from pycturestream.api.access import COOKIE
from pycturestream.api.tokens import Tokens
from pycturestream.domain.counting.window_count import WindowCount
from tests.builders import MINUTE, NOON, narration_record
from tests.live_server import LiveServer

HOUR = 60 * MINUTE
PHONE = "eye-00000000000000aa"


@pytest.fixture
def server(tmp_path):
    return LiveServer(Tokens(tmp_path / "tokens.json"))


@pytest.fixture
def client(server):
    """A browser that has signed in with a token for all cameras."""
    client = TestClient(server.application(), headers={"accept": "text/html"})
    client.cookies.set(COOKIE, server.tokens.create("guard", NOON, HOUR)[1])
    return client


def sign_in(client, server, *cameras):
    text = server.tokens.create("porter", NOON, HOUR, cameras=cameras)[1]
    client.cookies.set(COOKIE, text)


def count(label="person", minutes_ago=1, most=2, camera_id="gate"):
    start = NOON - minutes_ago * MINUTE
    return WindowCount(
        camera_id=camera_id,
        site="",
        timezone="UTC",
        label=label,
        window_start=start,
        window_end=start + MINUTE,
        frames=60,
        maximum=most,
        mean=1.0,
        unique=most,
        new=most,
        entered={},
        left={},
        crossed_in={},
        crossed_out={},
        revision=1,
    )


@pytest.mark.parametrize("path", ["/live", "/live/gate"])
def test_without_a_token_a_page_leads_to_the_sign_in_page(client, path):
    client.cookies.clear()
    response = client.get(path, follow_redirects=False)
    assert response.headers["location"] == f"/sign-in?next={path}"


def test_a_page_has_the_colours_of_annotated_pictures_with_texts_that_can_be_read(client):
    [written] = re.findall(r'data-colours="(.*?)"', client.get("/live").text)
    colours = json.loads(html.unescape(written))
    assert set(colours["texts"]) == {each.hexadecimal for each in (OF_PEOPLE, *OF_OTHERS)}
    for colour, text in (*colours["texts"].items(), colours["zones"], colours["threats"]):
        assert contrast(rgb(colour), rgb(text)) >= 4.5


def rgb(hexadecimal):
    """Return a colour in the order in which `colours` has it."""
    return tuple(bytes.fromhex(hexadecimal[1:]))[::-1]


@pytest.mark.parametrize(
    ("path", "status"), [("/live/gate", 200), ("/live/door", 403), ("/live/..%20", 404)]
)
def test_a_token_of_one_camera_opens_one_page(client, server, path, status):
    sign_in(client, server, "gate")
    assert client.get(path).status_code == status


@pytest.mark.parametrize("what", ["counts", "sentences"])
def test_a_token_of_one_camera_asks_about_one(client, server, what):
    sign_in(client, server, "gate")
    assert client.get(f"/api/live/gate/{what}").status_code == 200
    assert client.get(f"/api/live/door/{what}").status_code == 403


@pytest.mark.parametrize(("cameras", "status"), [((), 403), ((PHONE,), 200)])
def test_a_phone_is_only_for_a_token_that_names_it(client, server, cameras, status):
    sign_in(client, server, *cameras)
    for path in (f"/live/{PHONE}", f"/api/live/{PHONE}/counts", f"/api/live/{PHONE}/sentences"):
        assert client.get(path).status_code == status


def test_a_minute_in_which_nothing_was_seen_is_not_zero(client, server):
    server.history.windows = [count(minutes_ago=1, most=0), count(minutes_ago=3, most=2)]
    found = client.get("/api/live/gate/counts").json()
    assert len(found["times"]) == 59
    assert found["times"][-1] == (NOON - MINUTE) // 1000
    [person] = found["series"]
    assert (person["label"], person["colour"]) == ("person", OF_PEOPLE.hexadecimal)
    assert person["most"][-4:] == [None, 2, None, 0]


def test_the_labels_with_the_most_objects_are_shown_and_none_that_was_never_there(client, server):
    most = {"person": 2, "car": 9, "dog": 1, "cat": 0, "bus": 3, "bicycle": 4}
    server.history.windows = [count(label, most=number) for label, number in most.items()]
    found = client.get("/api/live/gate/counts").json()
    assert [each["label"] for each in found["series"]] == ["car", "bicycle", "bus", "person"]


def test_sentences_are_those_of_the_camera(client, server):
    server.history.narrations = [narration_record(), narration_record(camera_id="door")]
    [said] = client.get("/api/live/gate/sentences").json()
    assert said == {
        "text": "A person on the left.",
        "language": "en",
        "captured_at": "2026-11-21T12:00:00.000Z",
    }


def test_while_elasticsearch_is_away_it_says_so(client, server):
    server.history.is_away = True
    response = client.get("/api/live/gate/counts")
    assert response.status_code == 503
    assert "Elasticsearch does not answer" in response.json()["detail"]
