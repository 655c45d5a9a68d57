from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from producers.settings_lookup import NOT_READ_YET, PRUNED, FollowedSettings, Withheld
from pycturestream.domain.cameras.camera import Camera, Zone

MASK = Zone("window", ((0.1, 0.1), (0.4, 0.1), (0.4, 0.3)))
GATE = Camera("gate", source="rtsp://admin:hunter2@gate.local/1")
TOPIC = replace(GATE, source="rtsp://gate.local/1", revision=1)


@dataclass(frozen=True)
class Known:
    cameras: dict = field(default_factory=dict)
    unreadable: dict = field(default_factory=dict)


@dataclass
class Topic:
    """Holds what a test lets it hold of cameras."""

    known: Known = field(default_factory=Known)
    is_complete: bool = True

    def hold(self, *cameras, **unreadable):
        self.known = Known({camera.camera_id: camera for camera in cameras}, unreadable)


@pytest.fixture
def topic():
    return Topic()


@pytest.fixture
def logs():
    with capture_logs() as logs:
        yield logs


# --- a process without a file of its own --------------------------------------------------------


@pytest.fixture
def lookup(topic):
    return FollowedSettings(topic)


def test_each_change_holds_for_the_next_picture(topic, lookup):
    masked = replace(TOPIC, masks=(MASK,))
    topic.hold(masked)
    assert lookup.settings_of("gate") is masked
    assert lookup.settings_of("gate") is masked

    topic.hold(TOPIC)
    assert lookup.settings_of("gate") is TOPIC


def test_nothing_is_published_before_the_settings_of_cameras_are_known(topic, lookup):
    topic.is_complete = False
    topic.hold(TOPIC)
    assert lookup.settings_of("gate") == NOT_READ_YET

    topic.is_complete = True
    assert lookup.settings_of("gate") == TOPIC


def test_settings_that_can_not_be_read_might_hold_a_mask(topic, lookup):
    topic.hold(gate="no JSON")

    assert lookup.settings_of("gate") == Withheld("unmaskable", "unreadable settings: no JSON")


def test_a_camera_that_nobody_named_has_the_defaults(topic, lookup):
    topic.hold(Camera("door", masks=(MASK,)))

    assert lookup.settings_of("gate") == Camera("gate")


@pytest.mark.parametrize("before", [TOPIC, "no JSON"])
def test_a_camera_that_is_forgotten_has_no_defaults_but_may_come_back(topic, lookup, before):
    cameras, unreadable = ([], {"gate": before}) if isinstance(before, str) else ([before], {})
    topic.hold(*cameras, **unreadable)
    lookup.settings_of("gate")
    topic.hold(Camera("door"))
    assert lookup.settings_of("gate") == PRUNED

    topic.hold(replace(TOPIC, revision=2))
    assert lookup.settings_of("gate") == replace(TOPIC, revision=2)


class JustRead:
    """A topic whose reading comes to its end while it is asked what it holds."""

    is_complete = False

    @property
    def known(self):
        before = Known({"gate": replace(TOPIC, masks=(MASK,))}) if self.is_complete else Known()
        self.is_complete = True
        return before


def test_what_was_known_before_all_was_read_does_not_count():
    topic = JustRead()
    lookup = FollowedSettings(topic)
    assert lookup.settings_of("gate") == NOT_READ_YET

    topic.is_complete = True
    assert lookup.settings_of("gate").masks == (MASK,)


def test_other_peoples_new_cameras_are_not_reported_by_a_process_without_a_file(
    topic, lookup, logs
):
    topic.hold(TOPIC)
    lookup.settings_of("gate")
    topic.hold(TOPIC, Camera("door"))
    lookup.settings_of("gate")

    assert logs == []


# --- on top of the process' own file ------------------------------------------------------------


@dataclass
class Stage:
    topic: Topic
    sources: dict = field(default_factory=dict)

    def __post_init__(self):
        self.lookup = FollowedSettings(self.topic, own=[GATE], own_sources=lambda: self.sources)

    def gate(self, *cameras, **unreadable):
        """Return the gate's settings when the topic holds these."""
        self.topic.hold(*cameras, **unreadable)
        return self.lookup.settings_of("gate")


@pytest.fixture
def stage(topic):
    stage = Stage(topic)
    assert stage.gate(TOPIC) == replace(GATE, revision=1)
    return stage


def test_the_own_file_holds_until_the_topic_was_read(topic):
    lookup = FollowedSettings(own=[GATE])
    assert lookup.settings_of("gate") == GATE
    assert not lookup.is_complete

    topic.is_complete = False
    assert FollowedSettings(topic, own=[GATE]).settings_of("gate") == GATE


def test_settings_that_stay_are_the_same_object(stage, logs):
    masked = replace(TOPIC, masks=(MASK,), revision=2)
    camera = stage.gate(masked)

    assert camera.masks == (MASK,)
    assert stage.gate(masked) is camera
    assert logs == []


def test_the_secrets_of_the_own_file_stay_where_the_topic_has_the_same_address(stage):
    assert stage.gate(replace(TOPIC, fps=5, revision=2)).source == GATE.source


def test_a_changed_source_is_taken_with_its_secrets_from_the_own_file(stage):
    stage.sources["gate"] = "rtsp://${USER}:${PASSWORD}@gate.local/2"

    camera = stage.gate(replace(TOPIC, source="rtsp://gate.local/2", revision=2))

    assert camera.source == "rtsp://${USER}:${PASSWORD}@gate.local/2"


def test_another_path_of_the_same_host_is_taken_from_the_own_file(stage):
    told = replace(TOPIC, source="rtsp://gate.local", source_digest="1" * 32, revision=2)
    stage.sources["gate"] = "rtsp://gate.local/user=me&password=${PASSWORD}"

    assert stage.gate(told).source == "rtsp://gate.local/user=me&password=${PASSWORD}"
    stage.sources["gate"] = "rtsp://gate.local/not-applied-yet"
    assert stage.gate(replace(told, fps=5, revision=3)).source.endswith("password=${PASSWORD}")


def test_of_an_address_that_is_told_in_part_nothing_is_opened(stage, logs):
    told = replace(TOPIC, source="rtsp://elsewhere", source_digest="1" * 32, revision=2)

    assert stage.gate(told).source == GATE.source
    [entry] = logs
    assert "no complete address; the source stays" in entry["event"]


def test_a_plain_address_that_the_own_file_does_not_name_is_taken_as_it_is(stage):
    camera = stage.gate(replace(TOPIC, source="rtsp://gate.local/3", revision=2))

    assert camera.source == "rtsp://gate.local/3"


@pytest.mark.parametrize("source", ["rtsp://elsewhere/${PASSWORD}", "/home/me/pictures", "0", ""])
def test_nobody_who_writes_to_the_topic_reaches_this_machines_secrets_or_files(stage, logs, source):
    changed = replace(TOPIC, source=source, masks=(MASK,), revision=2)
    camera = stage.gate(changed)
    stage.gate(changed)

    assert camera.source == GATE.source
    assert camera.masks == (MASK,)
    [entry] = logs
    assert "the source stays" in entry["event"]
    assert entry["camera_id"] == "gate"


def test_own_settings_that_can_not_be_read_withhold_the_camera_until_they_can(stage):
    why = "window: must not cross itself"
    assert stage.gate(gate=why) == Withheld("unmaskable", f"unreadable settings: {why}")

    camera = stage.gate(replace(TOPIC, masks=(MASK,), revision=2))
    assert camera.masks == (MASK,)
    assert camera.source == GATE.source


def test_an_own_camera_that_is_forgotten_is_withheld_until_it_comes_back(stage):
    assert stage.gate() == PRUNED
    assert stage.gate(Camera("door")) == PRUNED

    assert stage.gate(replace(TOPIC, revision=3)) == replace(GATE, revision=3)


def test_an_own_camera_that_the_topic_never_held_goes_by_the_file(topic, logs):
    assert Stage(topic).gate(Camera("other")) == GATE
    assert logs == []


def test_a_new_camera_is_reported_once(stage, logs):
    for _ in range(2):
        stage.gate(TOPIC, Camera("door"))
    stage.gate(TOPIC, Camera("door"), Camera("attic"))

    assert [entry["event"].partition(":")[0] for entry in logs] == ["door", "attic"]
    assert [entry["camera_id"] for entry in logs] == ["door", "attic"]
