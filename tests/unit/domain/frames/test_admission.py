import cv2
import numpy as np
import pytest
from msgspec.structs import replace

from pycturestream.domain.cameras.camera import Camera, Resolution
from pycturestream.domain.frames.admission import (
    NO_CAMERA,
    AdmissionContext,
    AdmissionLimits,
    Admitted,
    Arrival,
    Dropped,
    Place,
    Rejected,
    accounted_under,
    admit,
    choose_frames,
    separate,
)
from pycturestream.domain.frames.rejection import Rejection
from pycturestream.domain.frames.sender import SenderState
from tests import jpegs
from tests.scenes import NINE

LIVE = AdmissionLimits(
    mode="live",
    stale_after_ms=2_000,
    clock_tolerance_ms=5_000,
    byte_limit=100_000,
    pixel_limit=1_000_000,
    side_minimum=32,
)
REPLAY = replace(LIVE, mode="replay")


def jpeg(width: int = 64, height: int = 48) -> bytes:
    return cv2.imencode(".jpg", np.zeros((height, width, 3), np.uint8))[1].tobytes()


def arrival(
    *,
    key: bytes | None = b"gate",
    value: bytes | None = None,
    captured_at: bytes | int | None = NINE,
    sent_at: bytes | int | None = None,
    received_at: int = NINE + 30,
    offset: int = 7,
    sender: bytes | None = None,
) -> Arrival:
    def header(at: bytes | int | None) -> bytes | None:
        return str(at).encode() if isinstance(at, int) else at

    return Arrival(
        place=Place("frames", 3, offset),
        received_at=received_at,
        key=key,
        value=jpeg() if value is None else value,
        captured_at=header(captured_at),
        sent_at=header(sent_at),
        sender=sender,
    )


def admit_one(limits: AdmissionLimits, now: int = NINE + 50, **fields):
    (outcome,) = admit([arrival(**fields)], limits, now)
    return outcome


def test_a_good_frame_is_admitted_with_the_values_of_its_record():
    assert admit_one(LIVE) == Admitted(
        "gate",
        Place("frames", 3, 7),
        NINE + 30,
        NINE,
        NINE,
        clock_corrected=False,
        width=64,
        height=48,
    )


@pytest.mark.parametrize(
    ("fields", "camera_id", "reason"),
    [
        ({"key": None}, NO_CAMERA, "bad-camera-id"),
        ({"key": b"-gate"}, NO_CAMERA, "bad-camera-id"),
        ({"key": b"g\xffte"}, NO_CAMERA, "bad-camera-id"),
        ({"key": b"g" * 65}, NO_CAMERA, "bad-camera-id"),
        ({"key": NO_CAMERA.encode()}, NO_CAMERA, "bad-camera-id"),
        ({"value": b""}, "gate", "not-an-image"),
        ({"value": jpeg() + bytes(100_001)}, "gate", "too-large"),
        ({"value": jpeg(2_000, 501)}, "gate", "too-many-pixels"),
        ({"value": jpeg(31, 400)}, "gate", "too-small"),
        ({"value": jpeg(400, 31)}, "gate", "too-small"),
        ({"captured_at": None}, "gate", "bad-timestamp"),
        ({"captured_at": b"yesterday"}, "gate", "bad-timestamp"),
        ({"captured_at": b""}, "gate", "bad-timestamp"),
        ({"captured_at": "١٢٣".encode()}, "gate", "bad-timestamp"),
        ({"captured_at": b"9" * 40}, "gate", "bad-timestamp"),
        ({"captured_at": b"--5"}, "gate", "bad-timestamp"),
        ({"captured_at": b"5" * 900_000}, "gate", "bad-timestamp"),
        ({"captured_at": b"9999999999999999"}, "gate", "bad-timestamp"),
        ({"captured_at": b"-9999999999999999"}, "gate", "bad-timestamp"),
        ({"sent_at": b"soon"}, "gate", "bad-timestamp"),
        ({"sent_at": b"9999999999999999"}, "gate", "bad-timestamp"),
        ({"captured_at": 0, "sent_at": NINE * 100}, "gate", "bad-timestamp"),
    ],
)
def test_a_bad_record_is_rejected_with_its_reason(fields, camera_id, reason):
    outcome = admit_one(LIVE, **fields)
    assert isinstance(outcome, Rejected)
    assert (outcome.camera_id, outcome.reason) == (camera_id, reason)
    assert outcome.size == len(arrival(**fields).value)


def test_a_tombstone_is_rejected_like_an_empty_picture():
    (outcome,) = admit([replace(arrival(), value=None)], LIVE, NINE)
    assert outcome.reason == "not-an-image"


class TestCamerasThatNobodyNamed:
    REJECT_UNKNOWN = replace(LIVE, unknown_cameras="refuse")

    def test_they_are_accepted_by_default(self):
        assert isinstance(admit_one(LIVE), Admitted)

    def test_they_are_rejected_before_the_picture_is_read(self):
        outcome = admit_one(self.REJECT_UNKNOWN, value=b"anything", captured_at=b"whenever")
        assert (outcome.camera_id, outcome.reason) == ("gate", "unknown-camera")

    def test_those_that_are_named_are_admitted(self):
        context = AdmissionContext(cameras={"gate": Camera("gate")})
        outcomes = admit([arrival(), arrival(key=b"door")], self.REJECT_UNKNOWN, NINE + 50, context)
        assert [getattr(outcome, "reason", None) for outcome in outcomes] == [
            None,
            "unknown-camera",
        ]

    def test_of_those_that_are_accepted_there_are_only_so_many(self):
        context = AdmissionContext(cameras={"gate": Camera("gate")}, unknown={"door"})
        arrivals = [arrival(), arrival(key=b"door"), arrival(key=b"yard")]
        *accepted, refused = admit(arrivals, LIVE, NINE + 50, context)
        assert [type(outcome) for outcome in accepted] == [Admitted, Admitted]
        assert (refused.camera_id, refused.reason) == ("yard", "unknown-camera")
        assert "500 others without settings came first" in refused.detail

    def test_those_that_are_not_accepted_are_counted_under_one_id(self):
        refused = [
            admit_one(self.REJECT_UNKNOWN, key=key) for key in (b"gate", b"door", b"", b"-", None)
        ]
        assert {accounted_under(outcome) for outcome in refused} == {NO_CAMERA}
        assert accounted_under(admit_one(LIVE, value=b"junk")) == "gate"


HELD = AdmissionContext(senders={"gate": SenderState("kitchen:1", NINE)})


class TestSenders:
    def test_of_two_senders_none_replaces_the_frames_of_the_other(self):
        arrivals = [
            arrival(sender=b"kitchen:1", offset=1),
            arrival(sender=b"garage:1", captured_at=NINE + 4_900, offset=2),
            arrival(sender=b"garage:1", captured_at=NINE + 4_950, offset=3),
            arrival(captured_at=NINE + 4_920, offset=4),
            arrival(sender=b"kitchen:1", captured_at=NINE + 20, offset=5),
        ]
        outcomes = admit(arrivals, LIVE, NINE + 50, HELD)
        assert [getattr(outcome, "reason", outcome.sender) for outcome in outcomes] == [
            "superseded",
            "superseded",
            "garage:1",
            "superseded",
            "kitchen:1",
        ]

    def test_among_senders_without_a_past_the_first_one_in_the_batch_counts(self):
        arrivals = [
            arrival(sender=b"kitchen:1", offset=1),
            arrival(sender=b"garage:1", captured_at=NINE + 9, offset=2),
        ]
        admitted = admit(arrivals, LIVE, NINE + 50)
        assert [type(outcome) for outcome in admitted] == [Admitted, Admitted]
        others, senders = separate(admitted, {}, LIVE)
        assert others == {Place("frames", 3, 2)}
        assert senders == {"gate": SenderState("kitchen:1", NINE + 30)}

    def test_frames_without_names_are_one_camera_as_ever(self):
        arrivals = [arrival(offset=1), arrival(captured_at=NINE + 9, offset=2)]
        older, newer = admit(arrivals, LIVE, NINE + 50)
        assert (older.reason, type(newer)) == ("superseded", Admitted)
        assert separate([older, newer], {}, LIVE) == (frozenset(), {})

    @pytest.mark.parametrize("limits", [replace(LIVE, second_sender="accept"), REPLAY])
    def test_history_and_a_setting_know_no_senders(self, limits):
        assert admit_one(limits, sender=b"garage:1").sender == ""

    def test_a_rejected_record_names_its_sender_too(self):
        assert admit_one(LIVE, sender=b"garage:1", value=b"junk").sender == "garage:1"


class TestResolution:
    CONTEXT = AdmissionContext(cameras={"gate": Camera("gate", resolution=Resolution(64, 48))})

    @pytest.mark.parametrize(("width", "height"), [(64, 48), (48, 64)])
    def test_a_picture_of_the_set_size_is_admitted_also_on_its_side(self, width, height):
        (outcome,) = admit([arrival(value=jpeg(width, height))], LIVE, NINE + 50, self.CONTEXT)
        assert isinstance(outcome, Admitted)

    @pytest.mark.parametrize(("width", "height"), [(64, 64), (48, 48), (64, 49), (640, 480)])
    def test_a_picture_of_another_size_is_rejected(self, width, height):
        (outcome,) = admit([arrival(value=jpeg(width, height))], LIVE, NINE + 50, self.CONTEXT)
        assert (outcome.reason, outcome.detail) == (
            "wrong-resolution",
            f"{width}x{height}, set is 64x48",
        )

    def test_other_cameras_may_send_what_they_like(self):
        outcomes = admit([arrival(key=b"door", value=jpeg(80, 60))], LIVE, NINE + 50, self.CONTEXT)
        assert isinstance(outcomes[0], Admitted)


class TestReference:
    BY_REFERENCE = replace(arrival(), value=b"", reference=b"gate/large.jpg")

    @staticmethod
    def read(reference):
        if reference == b"gate/large.jpg":
            return jpeg(600, 400) + bytes(200_000)  # more than a record may have
        raise Rejection("bad-reference", "nothing there")

    def admit(self, arrival, limits=LIVE, read=read):
        (outcome,) = admit([arrival], limits, NINE + 50, read_reference=read)
        return outcome

    @pytest.mark.parametrize("value", [b"", None])
    def test_the_picture_that_it_names_is_examined(self, value):
        outcome = self.admit(replace(self.BY_REFERENCE, value=value))
        assert (outcome.width, outcome.height) == (600, 400)
        assert outcome.reference == "gate/large.jpg"

    def test_the_picture_keeps_to_the_same_limits(self):
        outcome = self.admit(self.BY_REFERENCE, replace(LIVE, pixel_limit=200_000))
        assert outcome.reason == "too-many-pixels"

    def test_a_reference_to_no_file_is_rejected(self):
        outcome = self.admit(replace(self.BY_REFERENCE, reference=b"gate/other.jpg"))
        assert (outcome.reason, outcome.size) == ("bad-reference", 0)

    def test_without_a_folder_every_reference_is_rejected(self):
        (outcome,) = admit([self.BY_REFERENCE], LIVE, NINE + 50)
        assert outcome.reason == "bad-reference"

    def test_a_record_with_a_picture_of_its_own_needs_none(self):
        outcome = self.admit(replace(arrival(), reference=b"gate/large.jpg"))
        assert (outcome.width, outcome.reference) == (64, None)


def test_a_stale_frame_is_dropped_in_live_mode_and_kept_in_a_replay():
    now = NINE + 30 + 2_001
    assert admit_one(LIVE, now) == Dropped("gate", Place("frames", 3, 7), NINE + 30, "stale", NINE)
    assert isinstance(admit_one(REPLAY, now), Admitted)


class TestWrongClock:
    def test_a_shifted_clock_is_replaced_by_the_brokers(self):
        outcome = admit_one(LIVE, captured_at=NINE - 3_600_000, sent_at=NINE - 3_599_900)
        assert (outcome.captured_at, outcome.clock_corrected) == (NINE + 30 - 100, True)
        assert outcome.camera_captured_at == NINE - 3_600_000

    def test_a_clock_stuck_in_1970_is_replaced_too(self):
        outcome = admit_one(LIVE, captured_at=12, sent_at=12)
        assert outcome.captured_at == NINE + 30

    def test_a_late_picture_of_a_right_clock_stays_late(self):
        outcome = admit_one(REPLAY, captured_at=NINE - 60_000, sent_at=NINE)
        assert outcome.captured_at == NINE - 60_000
        dropped = admit_one(LIVE, captured_at=NINE - 60_000, sent_at=NINE)
        assert dropped.reason == "stale"

    def test_a_late_picture_of_a_wrong_clock_stays_late(self):
        dropped = admit_one(LIVE, captured_at=1_000, sent_at=61_000)
        assert dropped.reason == "stale"

    def test_a_clock_that_is_a_little_slow_does_not_make_every_picture_stale(self):
        outcome = admit_one(LIVE, captured_at=NINE - 3_000, sent_at=NINE - 2_950)
        assert (outcome.captured_at, outcome.clock_corrected) == (NINE - 3_000, False)

    def test_a_picture_is_never_from_after_its_sending(self):
        outcome = admit_one(LIVE, captured_at=NINE + 100_000_000, sent_at=NINE)
        assert (outcome.captured_at, outcome.clock_corrected) == (NINE, False)

    def test_a_clock_that_is_replaced_is_a_wrong_one_whatever_the_age(self):
        outcome = admit_one(LIVE, captured_at=NINE + 30, sent_at=NINE - 3_600_000)
        assert (outcome.captured_at, outcome.clock_corrected) == (NINE + 30, True)

    def test_without_sent_at_a_picture_counts_as_sent_when_captured(self):
        outcome = admit_one(LIVE, captured_at=NINE - 3_600_000)
        assert outcome.captured_at == NINE + 30

    def test_a_replay_believes_the_camera_within_sane_bounds(self):
        then = 1_262_304_000_000
        assert admit_one(REPLAY, captured_at=then).captured_at == then
        assert admit_one(REPLAY, captured_at=12).reason == "bad-timestamp"


class TestOverload:
    def test_only_the_newest_frame_of_a_camera_is_admitted(self):
        batch = [
            arrival(offset=1, captured_at=NINE),
            arrival(offset=2, captured_at=NINE + 10, key=b"door"),
            arrival(offset=3, captured_at=NINE + 20),
            arrival(offset=4, captured_at=NINE + 15),
        ]
        outcomes = admit(batch, LIVE, NINE + 50)
        assert [getattr(outcome, "reason", "") for outcome in outcomes] == [
            "superseded",
            "",
            "",
            "superseded",
        ]

    def test_a_replay_admits_every_frame(self):
        batch = [arrival(offset=n, captured_at=NINE + n) for n in range(3)]
        assert all(isinstance(v, Admitted) for v in admit(batch, REPLAY, NINE + 9_999))

    def test_a_rejected_record_supersedes_nothing(self):
        batch = [arrival(), arrival(value=b"junk", captured_at=NINE + 10)]
        admitted, rejected = admit(batch, LIVE, NINE + 50)
        assert isinstance(admitted, Admitted)
        assert rejected.reason == "not-an-image"


def test_a_frame_processed_before_is_admitted_however_late_it_is_read_again():
    arrivals = [arrival(offset=n, captured_at=NINE + n, received_at=NINE + n) for n in range(3)]
    context = AdmissionContext(processed={Place("frames", 3, 1)})
    again = admit(arrivals, LIVE, NINE + 60_000, context)
    assert [getattr(outcome, "reason", "admitted") for outcome in again] == [
        "stale",
        "admitted",
        "stale",
    ]
    at_once = admit(arrivals, LIVE, NINE + 50, context)
    assert [getattr(outcome, "reason", "admitted") for outcome in at_once] == [
        "superseded",
        "admitted",
        "admitted",
    ]


@pytest.mark.parametrize("cameras", [{}, {"gate": Camera("gate", resolution=Resolution(8, 6))}])
def test_a_frame_processed_before_is_admitted_whatever_the_settings_are_now(cameras):
    limits = replace(LIVE, unknown_cameras="refuse")
    arrivals = [arrival(offset=1), arrival(offset=2)]
    context = AdmissionContext(processed={Place("frames", 3, 1)}, cameras=cameras)
    again, fresh = admit(arrivals, limits, NINE + 50, context)
    assert isinstance(again, Admitted)
    assert fresh.reason == ("wrong-resolution" if cameras else "unknown-camera")


def waiting(cameras: str):
    """Return one admitted frame for each camera, a letter each."""
    arrivals = [arrival(key=camera.encode(), offset=n) for n, camera in enumerate(cameras)]
    return admit(arrivals, LIVE, NINE + 50)


def test_the_cameras_that_have_waited_longest_are_chosen():
    looked_at = {"a": NINE - 100, "b": NINE - 900, "c": NINE - 500}
    frames = waiting("abcd")
    found = choose_frames(frames, 2, looked_at)
    assert {frame.camera_id for frame in frames if frame.place in found} == {"b", "d"}


def chosen_among(cameras, limit, processed_at, strangers, strangers_limit=None):
    frames = waiting(cameras)
    places = frozenset(frame.place for frame in frames if frame.camera_id in strangers)
    chosen = choose_frames(frames, limit, processed_at, places, strangers_limit)
    return "".join(frame.camera_id for frame in frames if frame.place in chosen)


def test_strangers_have_the_share_of_one_camera_together():
    strangers, turns = "stuvwxyz", []
    processed_at = {}
    for turn in range(6):
        chosen = chosen_among("ab" + strangers, 1, processed_at, strangers)
        turns.append("?" if chosen in strangers else chosen)
        processed_at |= {chosen: NINE + turn}
        if chosen in strangers:
            processed_at[NO_CAMERA] = NINE + turn
    assert sorted(turns[:3]) == sorted(turns[3:]) == ["?", "a", "b"]


def test_strangers_get_what_the_others_leave():
    assert chosen_among("astu", 3, {"a": NINE, NO_CAMERA: NINE + 1, "t": NINE}, "stu") == "asu"


def test_strangers_get_no_more_than_their_limit():
    assert chosen_among("astuvw", 5, {"a": NINE}, "stuvw", 2) == "ast"
    assert chosen_among("abst", 2, {"a": NINE, "b": NINE}, "st", 1) in {"as", "bs"}
    assert chosen_among("abst", 1, {NO_CAMERA: NINE}, "st", 1) in {"a", "b"}


def test_where_all_are_strangers_those_that_have_waited_longest_are_chosen():
    looked_at = {"a": NINE - 100, "b": NINE - 900, "c": NINE - 500, NO_CAMERA: NINE}
    assert chosen_among("abcd", 2, looked_at, "abcd") == "bd"


def test_everyone_finds_room_where_there_is_enough():
    frames = waiting("abc")
    assert choose_frames(frames, 3, {}) == {frame.place for frame in frames}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (jpegs.arithmetic(64, 48, 900), "not-jpeg"),
        (jpegs.progressive(1_000, 1_000, channels=1, passes=60), "too-many-pixels"),
        (jpegs.START + jpegs.frame_header(1_001, 1_000) + jpegs.END, "too-many-pixels"),
    ],
    ids=["arithmetic-coding", "too-many-scans-for-its-size", "too-large"],
)
def test_what_would_keep_the_decoder_busy_is_rejected_before_it_is_decoded(value, reason):
    assert admit_one(LIVE, value=value).reason == reason


@pytest.mark.parametrize("channels", [1, 3])
def test_a_progressive_picture_of_the_largest_size_is_admitted(channels):
    value = jpegs.progressive(1_000, 1_000, channels=channels)
    assert isinstance(admit_one(LIVE, value=value), Admitted)
