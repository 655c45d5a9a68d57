from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from producers.follow_settings import Following
from pycturestream.domain.cameras.camera import Camera, Zone

MASK = Zone("window", ((0.1, 0.1), (0.4, 0.1), (0.4, 0.3)))
GATE = Camera("gate", source="rtsp://admin:hunter2@gate.local/1")
TOPIC = replace(GATE, source="rtsp://gate.local/1", revision=1)


@dataclass
class FakeFilmed:
    """Remembers what was done to it."""

    camera: Camera
    done: list = field(default_factory=list)

    def start(self):
        self.done.append("start")

    def stop(self):
        self.done.append("stop")

    def follow(self, camera):
        self.camera = camera
        self.done.append("follow")


@dataclass
class Stage:
    sources: dict = field(default_factory=dict)
    warnings: list = field(default_factory=list)

    def __post_init__(self):
        self.gate = FakeFilmed(GATE)
        self.following = Following([self.gate], lambda: self.sources, self.warnings.append)

    def tell(self, *cameras, **unreadable):
        self.following.take_over({camera.camera_id: camera for camera in cameras}, unreadable)

    @property
    def done(self):
        done, self.gate.done = self.gate.done, []
        return done


@pytest.fixture
def stage():
    stage = Stage()
    stage.tell(TOPIC)
    assert stage.done == ["follow"]  # the revision
    return stage


def test_changed_settings_are_followed_once(stage):
    masked = replace(TOPIC, masks=(MASK,), revision=2)
    stage.tell(masked)
    stage.tell(masked)

    assert stage.done == ["follow"]
    assert stage.gate.camera.masks == (MASK,)
    assert stage.warnings == []


def test_the_secrets_of_the_own_file_stay_where_the_topic_has_the_same_address(stage):
    stage.tell(replace(TOPIC, fps=5, revision=2))

    assert stage.gate.camera.source == GATE.source


def test_a_changed_source_is_taken_with_its_secrets_from_the_own_file(stage):
    stage.sources["gate"] = "rtsp://${USER}:${PASSWORD}@gate.local/2"
    stage.tell(replace(TOPIC, source="rtsp://gate.local/2", revision=2))

    assert stage.gate.camera.source == "rtsp://${USER}:${PASSWORD}@gate.local/2"


def test_a_plain_address_that_the_own_file_does_not_name_is_taken_as_it_is(stage):
    stage.tell(replace(TOPIC, source="rtsp://gate.local/3", revision=2))

    assert stage.gate.camera.source == "rtsp://gate.local/3"


@pytest.mark.parametrize("source", ["rtsp://elsewhere/${PASSWORD}", "/home/me/pictures", "0", ""])
def test_nobody_who_writes_to_the_topic_reaches_this_machines_secrets_or_files(stage, source):
    stage.tell(replace(TOPIC, source=source, masks=(MASK,), revision=2))

    assert stage.gate.camera.source == GATE.source
    assert stage.gate.camera.masks == (MASK,)
    assert "the source stays" in stage.warnings[0]


def test_settings_that_can_not_be_read_stop_the_camera_until_they_can(stage):
    stage.tell(gate="window: must not cross itself")
    stage.tell(gate="window: must not cross itself")
    assert stage.done == ["stop"]
    assert stage.following.has_stopped
    [warning] = stage.warnings
    assert warning.startswith("gate: settings that can't be read (window: must not cross itself)")

    stage.tell(replace(TOPIC, masks=(MASK,), revision=2))
    assert stage.done == ["follow", "start"]
    assert stage.gate.camera.masks == (MASK,)
    assert not stage.following.has_stopped


def test_a_camera_that_is_forgotten_stops_and_one_that_comes_back_goes_on(stage):
    stage.tell()
    stage.tell()
    assert stage.done == ["stop"]
    assert "forgotten" in stage.warnings[0]

    stage.tell(replace(TOPIC, revision=3))
    assert stage.done == ["follow", "start"]


def test_a_camera_that_the_topic_never_knew_goes_on():
    stage = Stage()
    stage.tell(Camera("other"))

    assert stage.done == []
    assert stage.warnings == []


def test_a_new_camera_is_not_started_and_that_is_said_once(stage):
    stage.tell(TOPIC, Camera("door"))
    stage.tell(TOPIC, Camera("door"), Camera("attic"))

    assert stage.done == []
    assert [warning.partition(":")[0] for warning in stage.warnings] == ["door", "attic"]


def test_a_process_whose_only_camera_pauses_has_not_come_to_its_end(stage):
    """Either the camera goes on or it is said to have been stopped, at every moment."""
    seen = []
    stage.gate.stop = lambda: seen.append(stage.following.has_stopped)
    stage.gate.start = lambda: seen.append(stage.following.has_stopped)

    stage.tell(gate="no JSON")
    stage.tell(replace(TOPIC, revision=2))

    assert seen == [True, True]
    assert not stage.following.has_stopped
