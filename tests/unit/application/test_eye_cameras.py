"""The cameras of the seeing aid in the topic `cameras`, in step with its tokens."""

import pytest

from pycturestream.application.eye_cameras import EyeCameras
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.cameras.eye import eye_camera, eye_camera_id
from pycturestream.log.cameras import SettingsPublishError
from tests.fake_eye import FakeCameraTopic

OURS, THEIRS = "ab" * 32, "cd" * 32
ANNA, BEN = (eye_camera_id(digit * 16) for digit in "ab")


@pytest.fixture
def topic():
    return FakeCameraTopic(cameras={"gate": Camera("gate", revision=1)})


@pytest.fixture
def cameras(topic):
    cameras = EyeCameras(topic, OURS)
    cameras.close()  # the tests themselves ask for each update
    return cameras


def test_each_token_has_a_camera_and_other_cameras_stay(cameras, topic):
    cameras.want(frozenset({ANNA, BEN}), {})
    cameras.update()
    assert topic.cameras.keys() == {"gate", ANNA, BEN}
    assert cameras.is_known(ANNA)


def test_a_camera_without_a_token_is_removed(cameras, topic):
    cameras.want(frozenset({ANNA, BEN}), {})
    cameras.update()
    cameras.want(frozenset({BEN}), {})
    cameras.update()
    assert topic.cameras.keys() == {"gate", BEN}
    assert not cameras.is_known(ANNA)


def test_the_cameras_of_another_gateway_stay_and_are_not_ours(cameras, topic):
    topic.cameras[BEN] = eye_camera(BEN, THEIRS)
    cameras.want(frozenset({ANNA}), {})
    cameras.update()
    assert topic.cameras.keys() == {"gate", ANNA, BEN}
    assert not cameras.is_known(BEN)


def test_what_is_in_step_is_not_written_again(cameras, topic):
    for verbosities in ({}, {}, {ANNA: "normal"}):
        cameras.want(frozenset({ANNA}), verbosities)
        cameras.update()
    assert topic.writes == 1


def test_a_choice_is_part_of_the_settings_and_outlives_the_connection(cameras, topic):
    cameras.want(frozenset({ANNA}), {ANNA: "full"})
    cameras.update()
    cameras.want(frozenset({ANNA}), {})
    cameras.update()
    assert topic.cameras[ANNA].verbosity == "full"
    assert topic.writes == 1


def test_what_somebody_else_changed_is_put_right(cameras, topic):
    cameras.want(frozenset({ANNA}), {})
    cameras.update()
    topic.cameras = topic.cameras | {ANNA: Camera(ANNA, evidence=True, revision=9)}
    cameras.update()
    assert topic.cameras[ANNA].evidence is False


def test_nothing_is_written_before_the_topic_was_read(cameras, topic):
    topic.is_complete = False
    cameras.want(frozenset({ANNA}), {})
    cameras.update()
    assert not topic.writes


def test_without_a_broker_it_is_tried_again(cameras, topic):
    topic.is_away = True
    cameras.want(frozenset({ANNA}), {})
    with pytest.raises(SettingsPublishError):
        cameras.update()
    topic.is_away = False
    cameras.update()
    assert ANNA in topic.cameras
