import base64
import json
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import pytest
from kafka.errors import KafkaError
from structlog.testing import capture_logs

from producers.legacy_bridge import Bridge
from producers.publish_accounting import PublishAccount
from producers.settings_lookup import FollowedSettings
from pycturestream.config.settings import Settings
from pycturestream.domain.cameras.camera import Camera, Zone
from pycturestream.domain.frames.admission import Arrival, Place
from pycturestream.domain.frames.dead_letter import BYTE_LIMIT
from pycturestream.domain.times import rfc3339

AWAY = KafkaError("away")


@dataclass
class FakePublisher:
    """Acknowledges every frame at once, or never."""

    frames: list = field(default_factory=list)
    events: list = field(default_factory=list)
    answers: bool = True
    opened: int = 0

    def open_account(self):
        self.opened += 1
        return PublishAccount(10)

    def emit_event(self, event):
        self.events.append(event)

    def publish(self, frame, account):
        if frame.jpeg == b"poison":
            raise ValueError("poison")
        account.begin(timeout_s=0)
        self.frames.append(frame)
        if self.answers:
            account.deliver(frame.captured_at)


@dataclass
class FakeDeadLetters:
    """Takes letters, after having rejected them `rejections` times."""

    letters: list = field(default_factory=list)
    rejections: int = 0

    def deliver(self, letters):
        if self.rejections:
            self.rejections -= 1
            return False
        self.letters += letters
        return True


@dataclass
class FakeTopic:
    """Returns batches, and raises the errors among them; then the clock stops."""

    until: object
    batches: list
    committed: list = field(default_factory=list)
    taken: int = 0

    def read(self):
        if not self.batches:
            self.until.stopped = True
            return []
        batch = self.batches.pop(0)
        if isinstance(batch, Exception):
            raise batch
        self.taken += len(batch)
        return batch

    def commit(self):
        self.committed.append(self.taken)


@dataclass
class Known:
    cameras: dict = field(default_factory=dict)
    unreadable: dict = field(default_factory=dict)


@dataclass
class FakeFollowed:
    """A topic that holds what a test lets it hold of cameras."""

    known: Known = field(default_factory=Known)
    is_complete: bool = True


@dataclass
class Stage:
    clock: object
    until: object
    logs: list
    publisher: FakePublisher = field(default_factory=FakePublisher)
    dead_letters: FakeDeadLetters = field(default_factory=FakeDeadLetters)
    followed: FakeFollowed = field(default_factory=FakeFollowed)
    offset: int = 0

    def bridge(self, **values):
        return Bridge(
            self.publisher,
            self.dead_letters,
            FollowedSettings(self.followed),
            ZoneInfo("UTC"),
            self.clock,
            Settings(live_delivery_timeout_ms=1, **values),
        )

    @property
    def warnings(self):
        return [entry["event"] for entry in self.logs]

    def run(self, *batches, **values):
        bridge, topic = self.bridge(**values), FakeTopic(self.until, list(batches))
        bridge.run(topic, self.until)
        counts = bridge.counts
        assert counts.consumed == topic.taken
        assert counts.consumed == counts.published + counts.open + sum(
            counts.dropped.values()
        ) + sum(counts.dead_letters.values())
        return counts, topic

    def record(self, camera_id="gate", *, age_ms=100, clock_ms=0, jpeg=b"jpeg", partition=0):
        """Return a record that arrived so long ago, from a client with such a clock."""
        at = self.clock.now() - age_ms
        value = {
            "image": base64.b64encode(jpeg).decode(),
            "timestamp": rfc3339(at + clock_ms),
            "camera_id": camera_id,
        }
        return self.arrival(json.dumps(value).encode(), at, partition)

    def arrival(self, value, at=None, partition=0):
        self.offset += 1
        place = Place("pycturestream", partition, self.offset)
        return Arrival(place, at or self.clock.now(), b"key", value, None, None)


@pytest.fixture
def stage(clock):
    with capture_logs() as logs:
        yield Stage(clock, type(clock)(), logs)


def test_a_record_becomes_a_frame_of_its_camera(stage):
    counts, topic = stage.run([stage.record("gate", jpeg=b"one")], [stage.record("door")])

    first, second = stage.publisher.frames
    assert (first.camera_id, first.jpeg, first.mode) == ("gate", b"one", "live")
    assert first.source == "pycturestream[0]@1"
    assert second.camera_id == "door"
    assert (counts.published, topic.committed) == (2, [1, 2])


SINCE_1970 = 1_795_262_400_000


@pytest.mark.parametrize(
    "clock_ms", [0, 40, -3_600_000, 86_400_000, -SINCE_1970 + 7_000, 80 * 365 * 86_400_000]
)
def test_a_frame_is_as_old_as_it_lay_in_the_topic_whatever_the_clients_clock_says(stage, clock_ms):
    stage.run([stage.record(age_ms=700, clock_ms=clock_ms)])

    [frame] = stage.publisher.frames
    headers = dict(frame.headers(stage.clock.now()))
    assert int(headers["captured_at"]) == stage.clock.now() - 700 + clock_ms
    assert int(headers["sent_at"]) - int(headers["captured_at"]) == 700


def test_of_a_backlog_only_the_newest_of_each_camera_is_published(stage):
    batch = [stage.record(age_ms=900 - n, jpeg=b"%d" % n) for n in range(5)]
    batch += [stage.record("door", age_ms=1500, jpeg=b"door")]

    counts, _ = stage.run(batch)

    assert sorted(frame.jpeg for frame in stage.publisher.frames) == [b"4", b"door"]
    assert counts.dropped == {"superseded": 4}


def test_the_newest_is_the_one_that_arrived_last_in_whichever_partition(stage):
    stage.run(
        [
            stage.record(age_ms=100, clock_ms=-3_600_000, jpeg=b"new", partition=0),
            stage.record(age_ms=900, jpeg=b"old", partition=1),
        ]
    )

    assert [frame.jpeg for frame in stage.publisher.frames] == [b"new"]


def test_what_lay_too_long_in_the_topic_is_stale(stage):
    counts, topic = stage.run([stage.record(age_ms=2_001), stage.record("door", age_ms=2_000)])

    assert [frame.camera_id for frame in stage.publisher.frames] == ["door"]
    assert (counts.dropped, topic.committed) == ({"stale": 1}, [2])


def test_a_broken_record_becomes_a_dead_letter_and_the_others_go_on(stage):
    broken = stage.arrival(b"{")

    counts, topic = stage.run([stage.record(), broken, stage.record("-")])

    first, second = stage.dead_letters.letters
    assert (first.value, first.key, first.rejected.reason) == (b"{", b"key", "bad-record")
    assert first.rejected.place == broken.place
    assert second.rejected.reason == "bad-camera-id"
    assert counts.dead_letters == {"bad-record": 1, "bad-camera-id": 1}
    assert (counts.published, topic.committed) == (1, [3])
    assert len(stage.warnings) == 1


def test_a_picture_that_nobody_expected_becomes_a_dead_letter_too(stage):
    counts, _ = stage.run([stage.record(jpeg=b"poison"), stage.record("door")])

    [letter] = stage.dead_letters.letters
    assert (letter.rejected.reason, letter.rejected.detail) == (
        "not-an-image",
        "ValueError: 'poison'",
    )
    assert counts.published == 1


def test_a_dead_letter_has_the_key_of_its_camera_where_that_is_known(stage):
    value = json.dumps({"image": "A", "timestamp": "2026-11-21T10:00", "camera_id": "gate"})

    stage.run([stage.arrival(value.encode())])

    [letter] = stage.dead_letters.letters
    assert (letter.key, letter.rejected.camera_id) == (b"gate", "gate")


def test_of_a_record_that_is_too_large_the_beginning_is_kept_once(stage):
    large = Arrival(
        Place("pycturestream", 0, 1),
        stage.clock.now(),
        bytes(3_000_000),
        bytes(3_000_000),
        None,
        None,
    )
    counts, topic = stage.run([large], [stage.record()])
    assert (counts.dead_letters, counts.published) == ({"too-large": 1}, 1)
    assert topic.committed[-1] == 2
    [letter] = stage.dead_letters.letters
    assert len(letter.key) + len(letter.value) < BYTE_LIMIT
    assert letter.rejected.size == 3_000_000


def test_nothing_is_committed_before_its_dead_letters_are_delivered(stage):
    stage.dead_letters.rejections = 2

    counts, topic = stage.run([stage.arrival(b"{")], [stage.record()])

    assert topic.committed == [1, 2]
    assert counts.dead_letters == {"bad-record": 1}
    assert len(stage.until.waits) == 2
    assert [line for line in stage.warnings if "no answer" in line] != []


def test_what_is_not_answered_at_the_end_is_open_and_not_committed(stage):
    stage.publisher.answers = False
    stage.until.sleep = lambda _: setattr(stage.until, "stopped", True)

    counts, topic = stage.run([stage.record(), stage.record("door")])

    assert (counts.open, counts.published, topic.committed) == (2, 0, [])


def test_a_broker_that_is_away_is_logged_once_and_waited_for(stage):
    counts, topic = stage.run(AWAY, AWAY, [stage.record()], AWAY, [stage.record()])

    assert (counts.published, topic.committed) == (2, [1, 2])
    assert [line for line in stage.warnings if "away" in line] == stage.warnings
    assert len(stage.warnings) == 2


def test_a_commit_that_fails_is_made_good(stage):
    class Stubborn(FakeTopic):
        failed = False

        def commit(self):
            if not self.failed:
                self.failed = True
                raise AWAY
            super().commit()

    topic = Stubborn(stage.until, [[stage.record()], []])
    stage.bridge().run(topic, stage.until)

    assert topic.committed == [1]


def test_cameras_have_the_settings_that_hold_when_their_picture_comes(stage, make_jpeg):
    bridge = stage.bridge()
    bridge.process([stage.record(jpeg=make_jpeg())])
    everything = Zone("all", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
    stage.followed.known.cameras = {"gate": Camera("gate", masks=(everything,), revision=1)}
    bridge.process([stage.record(jpeg=make_jpeg())])

    plain, masked = stage.publisher.frames
    assert plain.jpeg == make_jpeg()
    assert masked.jpeg != make_jpeg()


def test_settings_that_stay_are_not_taken_over_again(stage):
    large = b"no picture, and larger than a message"

    stage.run(
        *([stage.record(jpeg=large)] for _ in range(3)), message_byte_limit=10, frame_byte_budget=5
    )

    assert len(stage.warnings) == 1  # it is logged once for the same settings


def test_nothing_is_read_before_the_settings_of_all_cameras_are_known(stage):
    stage.followed.is_complete = False
    stage.until.sleep = lambda _: setattr(stage.followed, "is_complete", True)

    counts, topic = stage.run([stage.record()])

    assert (counts.published, topic.committed) == (1, [1])
    assert len(stage.warnings) == 1


def test_a_camera_whose_settings_can_not_be_read_is_not_shown(stage):
    stage.followed.known.unreadable = {"gate": "masks: must have an area"}

    counts, _ = stage.run([stage.record(), stage.record("door")], [stage.record()])

    assert [frame.camera_id for frame in stage.publisher.frames] == ["door"]
    assert counts.dropped == {"unmaskable": 2}
    [warning] = stage.warnings
    assert warning == (
        "gate: dropped pycturestream[0]@1: unreadable settings: masks: must have an area "
        "(further ones are counted)"
    )


@pytest.mark.parametrize(("cameras", "accounts"), [("abcdae", 6), ("abacad", 4), ("abcabc", 6)])
def test_cameras_without_pictures_for_longest_make_room_and_stay_counted(stage, cameras, accounts):
    counts, _ = stage.run(*([stage.record(name)] for name in cameras), bridge_cameras=2)

    assert counts.published == 6
    assert stage.publisher.opened == accounts


def test_a_batch_of_more_cameras_than_there_is_room_for_is_published_whole(stage):
    counts, _ = stage.run([stage.record(name) for name in "abcdef"], bridge_cameras=2)

    assert [frame.camera_id for frame in stage.publisher.frames] == list("abcdef")
    assert counts.published == 6


def test_a_camera_whose_settings_were_withdrawn_is_not_shown_without_its_masks(stage, make_jpeg):
    everything = Zone("all", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
    bridge = stage.bridge()
    stage.followed.known.cameras = {"gate": Camera("gate", masks=(everything,), revision=1)}
    bridge.process([stage.record(jpeg=make_jpeg())])
    stage.followed.known.cameras = {}
    bridge.process([stage.record(jpeg=make_jpeg()), stage.record("door")])
    bridge.process([stage.record(jpeg=make_jpeg())])

    assert [frame.camera_id for frame in stage.publisher.frames] == ["gate", "door"]
    assert len(stage.warnings) == 1


@pytest.mark.parametrize("where", ["cameras", "unreadable"])
def test_what_a_camera_masks_does_not_lie_in_its_dead_letters(stage, where):
    corner = Zone("corner", ((0.0, 0.0), (0.1, 0.0), (0.1, 0.1)))
    held = {"cameras": Camera("gate", masks=(corner,)), "unreadable": "no JSON"}
    setattr(stage.followed.known, where, {"gate": held[where]})
    broken = json.dumps({"image": "/9j/", "timestamp": "yesterday", "camera_id": "gate"}).encode()
    other = broken.replace(b"gate", b"door")

    stage.run([stage.arrival(broken), stage.arrival(other)])

    assert [letter.value for letter in stage.dead_letters.letters] == [None, other]
    assert stage.dead_letters.letters[0].rejected.size == len(broken)


def test_a_record_without_a_name_may_show_what_a_camera_masks(stage):
    corner = Zone("corner", ((0.0, 0.0), (0.1, 0.0), (0.1, 0.1)))
    stage.followed.known.cameras = {"gate": Camera("gate", masks=(corner,))}
    unreadable = json.dumps({"image": "/9j/", "camera_id": "gate"}).encode()

    stage.run([stage.arrival(unreadable)])

    [letter] = stage.dead_letters.letters
    assert (letter.value, letter.rejected.size) == (None, len(unreadable))
    assert letter.rejected.left_out


@pytest.mark.parametrize("own", [{"source": "rtsp://gate"}, {"sender_key": "0" * 64}])
def test_a_camera_with_a_producer_of_its_own_is_refused_and_reported_once(stage, own):
    stage.followed.known.cameras = {"gate": Camera("gate", revision=1, **own)}
    records = [stage.record("gate"), stage.record("gate", age_ms=50)]
    counts, _ = stage.run(records, [stage.record("gate")], [stage.record("door")])
    assert [frame.camera_id for frame in stage.publisher.frames] == ["door"]
    assert counts.dropped == {"own-source": 3}
    (event,) = stage.publisher.events
    assert (event.camera_id, event.event) == ("gate", "second_sender")
    (warning,) = stage.warnings
    assert "gate: pictures of legacy clients are refused" in warning


def test_a_camera_with_settings_and_no_source_is_published(stage):
    stage.followed.known.cameras = {"gate": Camera("gate", revision=1)}
    counts, _ = stage.run([stage.record("gate")])
    assert counts.published == 1
