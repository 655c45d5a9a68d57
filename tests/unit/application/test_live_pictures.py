"""Asking for live pictures, without a Redis."""

import pytest

from pycturestream.application import live_pictures
from pycturestream.application.live_pictures import LivePictureRequests, RedisLivePictures
from pycturestream.application.supervisor import LOOKED_S, Looks
from pycturestream.config.settings import Settings
from pycturestream.contracts.live_pictures import LivePictureHeader, encode_live_picture
from tests.waiting import eventually

NOWHERE = Settings(redis_address="redis://127.0.0.1:1/0")
PHONE = "eye-0123456789abcdef"


def start_pages(pages):
    pages.start(lambda: {"gate": ["small"]}, lambda _: None)


def start_requests(requests):
    requests.start(lambda _: None)


@pytest.mark.parametrize(
    ("make", "start"), [(RedisLivePictures, start_pages), (LivePictureRequests, start_requests)]
)
def test_without_redis_it_is_tried_again_and_said_once(capfd, make, start):
    thread = make(NOWHERE)
    start(thread)
    assert eventually(lambda: "waits for Redis" in "".join(capfd.readouterr()))
    thread.close()
    assert "waits for Redis" not in "".join(capfd.readouterr())


class Channels:
    """A Redis in memory: keeps what is asked for, and gives what a test pushes."""

    def __init__(self):
        self.requests = []
        self.channels = []
        self.messages = []

    def __call__(self, _settings):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def subscription(self):
        return self

    def set_channels(self, channels):
        self.channels.append(set(channels))

    def request(self, cameras):
        self.requests.append(dict(cameras))

    def read(self, _wait_s):
        return self.messages.pop(0) if self.messages else None

    def close(self):
        pass


def picture(camera_id):
    header = LivePictureHeader(
        camera_id=camera_id, frame_id="f", captured_at="t", size="small", width=1, height=1
    )
    return encode_live_picture(header, b"\xff\xd8")


def test_what_pages_show_is_asked_for_and_what_comes_is_handed_on(monkeypatch):
    channels, shown, wanted = Channels(), [], {"gate": ["small"], PHONE: ["large"]}
    monkeypatch.setattr(live_pictures, "LivePictureChannels", channels)
    channels.messages = [picture("gate"), b"junk", picture("gate")]
    pages = RedisLivePictures(Settings())
    pages.start(lambda: dict(wanted), lambda one: shown.append(one.header.camera_id))
    assert eventually(lambda: len(shown) == 2)
    assert pages.is_connected

    wanted["yard"] = ["small", "large"]
    assert eventually(lambda: len(channels.requests) > 1)
    wanted.clear()
    assert eventually(lambda: channels.channels[-1] == set())
    pages.close()

    assert channels.requests[0] == {"gate": ["small"]}
    assert {"gate": ["small"], "yard": ["small", "large"]} in channels.requests
    assert channels.requests[-1] == {}
    assert channels.channels[:2] == [
        {"live-pictures:gate:small"},
        {"live-pictures:gate:small", "live-pictures:yard:small", "live-pictures:yard:large"},
    ]


class Clock:
    at = 0.0

    def seconds(self):
        return self.at


def test_the_picture_service_is_wanted_for_a_while_after_somebody_looked():
    clock = Clock()
    looks = Looks(clock, Settings())
    assert not looks.are_recent

    looks.request({"gate": ("small",)})
    clock.at = LOOKED_S - 1
    looks.request({})
    assert looks.are_recent
    clock.at = LOOKED_S
    assert not looks.are_recent


def test_it_is_not_wanted_for_a_look_where_no_live_pictures_are_made():
    looks = Looks(Clock(), Settings(live_picture_share=0))
    looks.request({"gate": ("small",)})
    assert not looks.are_recent
