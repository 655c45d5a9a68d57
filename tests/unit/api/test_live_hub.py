"""The socket of the live pages: who gets what, how much of it, and for how long."""

from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from pycturestream.api.live_connection import UNDER_WAY, UNDER_WAY_OF_CAMERA
from pycturestream.api.tokens import Tokens
from pycturestream.contracts.topics import ALERTS, NARRATIONS
from pycturestream.domain.cameras.camera import Camera
from tests.builders import MINUTE, NOON, alert_record, event_record, narration_record
from tests.jpegs import encoded
from tests.live_server import LiveServer
from tests.unit.api.live_page import open_page
from tests.waiting import eventually

HOUR = 60 * MINUTE
PHONE = "eye-00000000000000aa"
JPEG = encoded(480, 270)


@pytest.fixture
def server(tmp_path):
    server = LiveServer(Tokens(tmp_path / "tokens.json"))
    for name in ("gate", "door"):
        server.cameras[name] = Camera(name, "north", revision=1)
    with server.running():
        yield server


@pytest.fixture
def page(server):
    """A page of somebody who may see all cameras, which has what there was at first."""
    with open_page(server, token_of(server)) as page:
        page.news(lambda news: news["is_complete"])
        yield page


def token_of(server, *cameras, name="guard"):
    return server.tokens.create(name, NOON, HOUR, cameras=cameras)[1]


def camera_ids(news):
    return [each["camera_id"] for each in news["cameras"]]


class TestWhoMayOpenIt:
    def test_a_page_of_another_site_may_not(self, server):
        token = token_of(server)
        for origin in ("https://evil.example", ""):
            with (
                pytest.raises(InvalidStatus, match="403"),
                open_page(server, token, origin=origin),
            ):
                pass

    @pytest.mark.parametrize("token", ["", "pyc_00000000_0"])
    def test_nobody_may_without_a_valid_token(self, server, token):
        with open_page(server, token) as page:
            assert page.close_code() == 4401

    def test_one_whose_token_is_revoked_is_ended(self, server, page):
        server.tokens.revoke("guard")
        assert page.close_code() == 4401

    def test_one_whose_token_expires_is_ended(self, server, page):
        server.clock.at = NOON + HOUR
        assert page.close_code() == 4401

    def test_junk_ends_it(self, page):
        page.send_raw('{"type": "watch", "cameras": {"../etc": "small"}}')
        assert page.close_code() == 4400

    def test_a_flood_ends_it(self, page):
        with suppress(ConnectionClosed):  # it may be ended before all have been sent
            for _ in range(300):
                page.watch()
        assert page.close_code() == 4429


class TestScope:
    def test_a_token_of_one_camera_sees_one_camera(self, server):
        server.results.hold("gate", alerts=[alert_record()])
        server.results.hold("door", alerts=[alert_record(camera_id="door")])
        with open_page(server, token_of(server, "door")) as page:
            news = page.news(lambda news: news["is_complete"])
            assert news["order"] == ["door"]
            page.watch(gate="small", door="small")
            server.results.see("gate", NOON + 1)
            seen = server.results.see("door", NOON + 1)
            assert page.news(lambda news: news["frames"])["frames"][0]["frame_id"] == seen
            assert eventually(lambda: server.pictures.wanted == {"door": ("small",)})
            server.pictures.show(JPEG, "gate")
            server.pictures.show(JPEG, "door")
            assert page.picture().header.camera_id == "door"

    def test_a_phone_is_shown_to_nobody_else(self, server):
        server.results.hold(PHONE)
        with open_page(server, token_of(server)) as page:
            news = page.news(lambda news: news["is_complete"])
            assert news["order"] == ["door", "gate"]
            server.results.see(PHONE, NOON)
            seen = server.results.see("gate", NOON)
            page.watch(**{PHONE: "small", "gate": "small"})
            page.frame(seen)
            assert eventually(lambda: server.pictures.wanted == {"gate": ("small",)})

    def test_whose_token_names_it_sees_it_without_pictures(self, server):
        server.results.hold(PHONE)
        with open_page(server, token_of(server, PHONE)) as page:
            page.watch(**{PHONE: "large", "gate": "small"})
            assert not page.camera(PHONE)["has_pictures"]
            page.frame(server.results.see(PHONE, NOON))
            assert server.pictures.wanted == {}


class TestWhatIsTold:
    def test_what_there_was_before_comes_at_once(self, server):
        server.results.hold(
            "gate",
            alerts=[alert_record(), alert_record(rule="car", level=1)],
            narration=narration_record(),
        )
        with open_page(server, token_of(server)) as page:
            camera = page.camera(check=lambda camera: camera["alerts"])
        assert camera["site"] == "north"
        assert [alert["level"] for alert in camera["alerts"]] == [3, 1]
        assert camera["sentence"]["text"] == "A person on the left."

    def test_a_camera_that_was_never_seen_is_there_too(self, server, page):
        server.cameras = server.cameras | {"new": Camera("new", revision=2)}
        assert page.camera("new")["health"]["state"] == "waiting"

    def test_detections_have_boxes_colours_and_words(self, server, page):
        page.watch(gate="small")
        frame = page.frame(server.results.see("gate", NOON + 1, ("person", "person", "car")))
        assert frame["in_view"] == "2 people, 1 car"
        assert frame["objects"][0]["box"] == [0.1, 0.2, 0.3, 0.9]
        assert frame["objects"][0]["colour"] == "#e69f00"
        assert frame["objects"][0]["track_id"]

    def test_an_alert_comes_is_acknowledged_and_goes(self, server, page):
        alert = alert_record(revision=1)
        server.results.push(ALERTS, alert)
        assert not page.camera(check=lambda camera: camera["alerts"])["alerts"][0][
            "acknowledged_by"
        ]
        server.service.put((ALERTS, alert))
        server.service.acknowledge(alert["id"], "anna", "", NOON)
        named = page.camera(check=lambda camera: camera["alerts"][0]["acknowledged_by"])
        assert named["alerts"][0]["acknowledged_by"] == "anna"
        server.results.push(ALERTS, alert | {"state": "cleared", "revision": 2})
        page.camera(check=lambda camera: not camera["alerts"])

    def test_a_sentence_is_told_and_forgotten(self, server, page):
        server.results.push(NARRATIONS, narration_record(captured_at=NOON))
        page.camera(check=lambda camera: camera["sentence"])
        server.clock.at = NOON + 2 * MINUTE
        page.camera(check=lambda camera: camera["sentence"] is None)

    def test_an_offline_camera_says_since_when(self, server, page):
        server.results.see("gate", NOON)
        page.camera(check=lambda camera: camera["health"]["state"] == "ok")
        server.events.happen(event_record(at=NOON + 15_000))
        server.clock.at = NOON + 20_000
        health = page.camera(check=lambda camera: camera["health"]["state"] != "ok")["health"]
        assert health["state"] == "offline"
        assert health["since"] == "2026-11-21T12:00:00.000Z"

    def test_while_redis_is_away_no_camera_is_called_offline(self, server, page):
        server.results.see("gate", NOON)
        page.camera(check=lambda camera: camera["health"]["state"] == "ok")
        server.results.is_connected = False
        server.clock.at = NOON + 60_000
        page.news(lambda news: not news["is_connected"])
        server.results.see("door", NOON + 60_000)
        assert page.camera("door")["camera_id"] == "door"

    def test_what_is_no_record_is_left_out(self, server, page):
        server.results.push("detections", {"camera_id": "gate"})
        page.watch(gate="small")
        page.frame(server.results.see("gate", NOON + 1))

    def test_of_several_frames_the_newest_is_told(self, server, page):
        page.watch(gate="small")
        for number in range(1, 200):
            newest = server.results.see("gate", NOON + number)
        told = []
        while newest not in told:
            told += [each["frame_id"] for each in page.news()["frames"]]
        assert len(told) < 50

    def test_a_page_that_nobody_looks_at_hears_only_that_the_line_is_there(self, server, page):
        page.watch(paused=True, gate="small")
        assert eventually(lambda: not server.pictures.wanted)
        server.results.see("gate", NOON + 1)
        server.results.push(ALERTS, alert_record())
        news = [page.news() for _ in range(2)]
        assert not any(each["cameras"] or each["frames"] for each in news)
        page.watch(gate="small")
        assert page.news(lambda news: news["cameras"])["cameras"][0]["alerts"]

    def test_a_camera_that_is_erased_is_empty_again(self, server, page):
        server.results.hold("gate", narration=narration_record())
        server.results.read_again()
        page.camera(check=lambda camera: camera["sentence"])
        server.results.views.clear()
        server.results.read_again()
        page.camera(check=lambda camera: camera["sentence"] is None)


class TestPictures:
    def test_it_comes_right_after_what_is_in_its_frame(self, server, page):
        page.watch(gate="small")
        assert eventually(lambda: server.pictures.wanted)
        first = server.results.see("gate", NOON + 1)
        newest = server.results.see("gate", NOON + 2)
        page.frame(newest)
        server.pictures.show(JPEG, "gate", NOON + 1)
        before = page.until(lambda message: message["type"] == "frame")
        assert before["frame"]["frame_id"] == first
        picture = page.receive()
        assert (picture.header.frame_id, picture.jpeg) == (first, JPEG)

    def test_of_what_waits_only_the_newest_is_sent(self, server, page):
        page.watch(gate="small")
        assert eventually(lambda: server.pictures.wanted)
        for number in range(UNDER_WAY_OF_CAMERA):
            server.pictures.show(JPEG, "gate", NOON + number)
            page.picture()
        for number in range(10):
            server.pictures.show(JPEG, "gate", NOON + MINUTE + number)
        page.news()  # by now all ten have been taken
        page.draw("gate")
        assert page.picture().header.captured_at == "2026-11-21T12:01:00.009Z"

    def test_no_more_are_under_way_than_the_page_draws(self, server, page):
        names = [f"camera-{number}" for number in range(2 * UNDER_WAY)]
        server.cameras = {name: Camera(name, revision=1) for name in names}
        page.watch(**dict.fromkeys(names, "small"))
        assert eventually(lambda: len(server.pictures.wanted) == len(names))
        for name in names:
            server.pictures.show(JPEG, name)
        first = [page.picture().header.camera_id for _ in range(UNDER_WAY)]
        assert first == names[:UNDER_WAY]  # each has its turn
        while (message := page.receive()) and not isinstance(message, dict):
            raise AssertionError(message.header)
        page.draw(*first)
        assert [page.picture().header.camera_id for _ in range(UNDER_WAY)] == names[UNDER_WAY:]

    def test_a_camera_out_of_view_is_not_asked_for(self, server, page):
        page.watch(gate="small", door="large")
        assert eventually(
            lambda: server.pictures.wanted == {"gate": ("small",), "door": ("large",)}
        )
        page.watch(gate="large")
        assert eventually(lambda: server.pictures.wanted == {"gate": ("large",)})
        server.pictures.show(JPEG, "door", size="large")
        server.pictures.show(JPEG, "gate", size="small")
        server.pictures.show(JPEG, "gate", size="large")
        assert page.picture().header.size == "large"

    def test_a_camera_that_nobody_knows_is_not_asked_for_until_it_is_known(self, server, page):
        page.watch(gate="small", new="small")
        assert eventually(lambda: server.pictures.wanted == {"gate": ("small",)})
        server.results.see("new", NOON)
        assert eventually(lambda: server.pictures.wanted.keys() == {"gate", "new"})

    def test_pages_share_what_they_ask_for(self, server, page):
        page.watch(gate="small")
        with open_page(server, token_of(server, name="boss")) as other:
            other.watch(gate="large")
            assert eventually(lambda: server.pictures.wanted == {"gate": ("large", "small")})
        assert eventually(lambda: server.pictures.wanted == {"gate": ("small",)})

    def test_few_cameras_are_large_at_once(self, server, page):
        names = [f"camera-{number}" for number in range(6)]
        server.cameras = {name: Camera(name, revision=1) for name in names}
        page.watch(**dict.fromkeys(names, "large"))
        assert eventually(
            lambda: (
                list(server.pictures.wanted.values()).count(("large",)) == 4
                and list(server.pictures.wanted.values()).count(("small",)) == 2
            )
        )


def test_when_all_pages_have_gone_nothing_is_followed_any_more(server, monkeypatch):
    monkeypatch.setattr("pycturestream.api.live_hub.LINGER_S", 0.0)
    with open_page(server, token_of(server)) as page:
        page.watch(gate="small")
        assert eventually(lambda: server.pictures.wanted)
    assert eventually(lambda: not server.results.is_started)
    assert server.pictures.wanted == {}
    with open_page(server, token_of(server, name="again")) as page:
        page.news(lambda news: news["is_complete"])


def test_a_page_that_could_not_be_begun_does_not_count(server, monkeypatch):
    def start(_handle):
        raise RuntimeError("can't start new thread")

    token = token_of(server)
    with monkeypatch.context() as broken:
        broken.setattr(server.events, "start", start)
        with pytest.raises(ConnectionClosed), open_page(server, token) as page:
            page.news()
    assert eventually(lambda: server.hub.page_count == 0)
    with open_page(server, token) as page:
        page.news(lambda news: news["is_complete"])
