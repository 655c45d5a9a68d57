"""One follower in a process, which ends with the last object that uses it."""

import gc

import pytest

from pycturestream.config.settings import Settings
from pycturestream.domain.cameras.camera import Camera
from pycturestream.log import shared_cameras as module
from pycturestream.log.shared_cameras import shared_cameras

GATE = Camera("gate", site="north")
SETTINGS = Settings(port_offset=7)


class Operator:
    """What uses camera settings; Flink lets go of it without telling it."""

    def __init__(self, settings: Settings = SETTINGS) -> None:
        self.cameras = shared_cameras(settings, self)


class Followed:
    """A follower that has read what a test wrote."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.cameras = {"gate": GATE}
        self.is_open = True

    def wait(self, timeout_s: float) -> bool:
        return timeout_s > 0

    def close(self) -> None:
        self.is_open = False


@pytest.fixture
def followers(monkeypatch: pytest.MonkeyPatch) -> list[Followed]:
    """Return all followers that a test makes, in their order."""
    made: list[Followed] = []

    def follow(settings: Settings) -> Followed:
        made.append(Followed(settings))
        return made[-1]

    monkeypatch.setattr(module, "FollowedCameras", follow)
    monkeypatch.setattr(module, "_shared", {})
    return made


def test_all_users_of_a_process_share_one_follower(followers: list[Followed]):
    track, count = Operator(), Operator()

    assert track.cameras.of("gate") is count.cameras.of("gate") is GATE
    assert len(followers) == 1


def test_it_follows_until_the_last_user_is_gone(followers: list[Followed]):
    track, count = Operator(), Operator()

    del track
    assert followers[0].is_open
    del count
    assert not followers[0].is_open


def test_the_next_user_gets_a_follower_that_is_open(followers: list[Followed]):
    Operator()
    track = Operator()

    assert [each.is_open for each in followers] == [False, True]
    assert track.cameras.of("gate") is GATE


def test_a_user_that_refers_to_itself_is_gone_once_it_was_collected(followers: list[Followed]):
    track = Operator()
    track.itself = track

    del track
    gc.collect()
    assert not followers[0].is_open


def test_other_settings_are_followed_apart(followers: list[Followed]):
    here, there = Operator(), Operator(Settings(port_offset=8))

    assert [each.settings.port_offset for each in followers] == [7, 8]
    del there
    assert [each.is_open for each in followers] == [True, False]
    assert here.cameras.wait(1)


def test_a_camera_without_settings_has_the_defaults(followers: list[Followed]):
    track = Operator()

    assert track.cameras.of("door") == Camera("door")
    assert track.cameras.of("door") is track.cameras.of("door")
    followers[0].cameras = {"door": Camera("door", site="south")}
    assert track.cameras.of("door").site == "south"
    assert track.cameras.of("gate") == Camera("gate")


def test_defaults_of_more_cameras_than_are_remembered_are_right_too(
    followers: list[Followed], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "_REMEMBERED_DEFAULTS", 2)
    track = Operator()

    names = ["a", "b", "c", "d", "a"]
    assert [track.cameras.of(name) for name in names] == [Camera(name) for name in names]
    assert len(followers) == 1
