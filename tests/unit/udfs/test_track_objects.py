"""The operator `track`: what becomes of every outcome of detection."""

import json
from hashlib import sha256

import pytest
from msgspec.structs import replace

from pycturestream.contracts.codec import SHARED_KEY, encode_outcome
from pycturestream.contracts.messages import NO_EVENT, judged_events
from pycturestream.contracts.states import track_states
from pycturestream.domain.cameras.camera import Camera, Zone
from pycturestream.domain.frames.admission import NO_CAMERA, Place, Rejected
from pycturestream.domain.frames.dead_letter import BYTE_LIMIT, DeadLetter
from pycturestream.domain.pipeline.events import PresenceChange, TrackedFrame
from pycturestream.domain.pipeline.track import STRANGERS_KEPT
from tests.scenes import LEFT_HALF, LIVE, NINE, frame, person
from tests.unit.domain.pipeline.test_senders import sent_by
from tests.unit.domain.pipeline.test_step import dropped, rejected
from tests.unit.udfs.operators import GUARDED, Operator, Settings, messages_of, records_of, walk_in
from udfs.keyed_step import IN_FLIGHT_MS
from udfs.track_objects import TrackObjects


@pytest.fixture
def track(clock):  # noqa: ARG001 - it stands still
    return Operator(TrackObjects)


def take(operator, outcome):
    return messages_of(operator.process(encode_outcome(outcome)))


def event_of(message):
    return judged_events.decode(message.event)


def test_a_frame_is_passed_on_with_its_record_which_has_no_threats_yet(track):
    (message,) = take(track, frame([person()]))
    assert isinstance(event_of(message), TrackedFrame)
    assert (message.camera_id, message.received_at, message.captured_at) == (
        "gate",
        NINE + 20,
        NINE,
    )
    record = json.loads(message.frame.value)
    assert (record["frame_id"], record["threats"]) == ("gate_20261121T090000000Z", [])
    assert [item["label"] for item in record["objects"]] == ["person"]
    assert track.counted["frames_processed"] == 1


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("camera_id", "counted"), [("gate", 1), ("eye-0123456789abcdef", 0)], ids=["camera", "phone"]
)
def test_phones_of_the_seeing_aid_are_not_counted_as_cameras_that_come_and_go(camera_id, counted):
    track = Operator(TrackObjects, Settings(Camera(camera_id)))

    for at in (NINE, NINE + 60_000):
        take(track, frame(at=at, camera_id=camera_id))

    assert track.counted["frames_processed"] == 2
    assert track.counted.get("event=offline:camera_events", 0) == counted


def test_what_ended_before_a_frame_and_what_it_led_to_are_on_both_sides_of_it(track):
    take(track, frame(at=NINE))
    gone, back = take(track, frame(at=NINE + 60_000))
    names = [
        [json.loads(record.value)["event"] for record in records]
        for records in (gone.before, gone.after, back.before, back.after)
    ]
    assert event_of(gone) == PresenceChange(NINE + 60_000, online=False, at=NINE)
    assert names == [["offline"], [], [], ["online"]]
    assert (gone.frame, gone.captured_at) == (None, 0)
    assert event_of(back).at == NINE + 60_000


@pytest.mark.parametrize("reason", ["stale", "superseded", "overload", "paused"])
def test_a_drop_is_counted_by_reason_and_leaves_no_message_where_nothing_follows(track, reason):
    take(track, frame(at=NINE))
    assert take(track, dropped(reason, at=NINE + 500)) == []
    assert track.counted[f"reason={reason}:frames_dropped"] == 1
    assert track.counted["frames_processed"] == 1


@pytest.mark.parametrize(
    ("again", "reason"),
    [(frame([person()]), "duplicate"), (frame(at=NINE - 500), "out-of-order")],
)
def test_a_frame_that_is_dropped_here_is_counted_as_dropped(track, again, reason):
    take(track, frame([person()]))
    assert take(track, again) == []
    assert track.counted[f"reason={reason}:frames_dropped"] == 1
    assert track.counted["frames_processed"] == 1


def test_a_camera_that_comes_with_a_dropped_frame_is_passed_on_as_online(track):
    (message,) = take(track, dropped())
    assert event_of(message) == PresenceChange(NINE, online=True, at=NINE)
    assert [json.loads(record.value)["event"] for record in message.after] == ["online"]
    assert message.frame is None


@pytest.mark.parametrize(
    ("key", "value"), [(b"gate", b"bytes"), (b"\xff\xfe", b"\xff\xd8"), (None, None), (b"", b"")]
)
def test_a_dead_letter_keeps_its_bytes_and_its_reason(clock, key, value):  # noqa: ARG001
    track = Operator(TrackObjects, last=True)
    letter, *events = track.process(encode_outcome(DeadLetter(rejected(), key, value)))
    assert (letter[0], letter[1], letter[2]) == ("frames.dead-letter", key, value)
    assert letter[3]["reason"] == b"truncated"
    assert (letter[3]["partition"], letter[3]["offset"]) == (b"2", b"9")
    assert [one["event"] for one in records_of(events, "camera-events")] == [
        "online",
        "dead_letter",
    ]
    assert track.counted["frames_refused"] == 1
    assert "frames_processed" not in track.counted


def test_of_a_dead_letter_that_fits_no_broker_the_beginning_is_kept(clock):  # noqa: ARG001
    track = Operator(TrackObjects, last=True)
    huge = DeadLetter(rejected(), b"k" * 3_000_000, b"v" * 3_000_000)
    letter, *_ = track.process(encode_outcome(huge))
    assert len(letter[1]) + len(letter[2]) + sum(map(len, letter[3].values())) < BYTE_LIMIT - 4096
    assert letter[2] == b"v" * int(letter[3]["kept"])
    assert letter[3]["key_size"] == b"3000000"
    assert letter[3]["key_sha256"] == sha256(b"k" * 3_000_000).hexdigest().encode()


def test_a_record_that_fits_into_no_topic_is_left_out_and_counted(clock):  # noqa: ARG001
    zones = tuple(Zone(f"{n}{'z' * 600_000}", LEFT_HALF.polygon) for n in range(2))
    settings = Settings(replace(GUARDED, zones=zones))
    track = Operator(TrackObjects, settings, last=True)
    rows = track.process(encode_outcome(frame([person()])))
    assert [row[0] for row in rows] == ["camera-events"]
    assert track.counted["topic=detections:records_too_large"] == 1


def test_a_record_without_a_camera_is_passed_on_under_the_key_that_it_has(clock):  # noqa: ARG001
    track = Operator(TrackObjects, key=NO_CAMERA)
    outcome = Rejected(NO_CAMERA, Place("frames", 0, 1), NINE, "bad-camera-id", "x", 1, "y")
    rows = track.process(encode_outcome(DeadLetter(outcome, b"../gate", b"bytes")))
    assert {row[0] for row in rows} == {NO_CAMERA}
    letter, event = messages_of(rows)
    assert (letter.before[0].key, letter.event) == (b"../gate", NO_EVENT)
    assert [json.loads(record.value)["event"] for record in event.before] == ["dead_letter"]


def test_records_of_cameras_that_are_not_accepted_share_one_key(clock):  # noqa: ARG001
    track = Operator(TrackObjects, key=NO_CAMERA, last=True)
    for number in range(3 * STRANGERS_KEPT):
        place = Place("frames", 0, number)
        outcome = Rejected(f"x-{number}", place, NINE, "unknown-camera", "x", 1, "y")
        encoded = encode_outcome(DeadLetter(outcome, b"x-%d" % number, b"bytes"))
        assert encoded.startswith(SHARED_KEY)
        rows = track.process(encoded)
        assert len(rows) == (2 if number < STRANGERS_KEPT else 0)
    assert track.counted["frames_refused"] == 3 * STRANGERS_KEPT
    state, _ = track_states.decode(track.flink.state)
    assert state.accounts[0].dead_letters == {"unknown-camera": 3 * STRANGERS_KEPT}
    assert len(track.flink.state) < 200


def test_a_second_sender_is_counted_by_its_reason(track):
    take(track, sent_by("kitchen:1", NINE))
    (message,) = take(track, sent_by("garage:1", NINE + 4_900, received_at=NINE + 30))
    assert [json.loads(one.value)["event"] for one in message.before] == ["second_sender"]
    assert track.counted["reason=other-sender:frames_dropped"] == 1


def test_results_are_counted_by_topic(track, clock):
    walk_in(track, clock)
    assert track.counted["topic=camera-events:records_emitted"] == 1


def test_a_camera_that_goes_offline_is_passed_on_by_the_timer(track, clock):
    walk_in(track, clock)
    offline_at = NINE + 1_500 + LIVE.offline_after_ms
    passed_on = []
    while not passed_on:
        clock.now = track.flink.timers[0]
        passed_on = messages_of(track.fire())
    (message,) = passed_on
    assert event_of(message) == PresenceChange(offline_at, online=False, at=NINE + 1_500)
    assert message.received_at == clock.now == offline_at + IN_FLIGHT_MS
