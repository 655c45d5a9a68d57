import pytest
from msgspec.structs import replace

from pycturestream.contracts.proofs import FrameSigner, is_proven
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.admission import (
    AdmissionContext,
    Admitted,
    Arrival,
    Dropped,
    Place,
    admit,
)
from pycturestream.domain.frames.frame import Frame
from tests.scenes import NINE
from tests.unit.domain.frames.test_admission import LIVE, REPLAY, jpeg

TOLERANCE_MS = 5_000
SIGNER = FrameSigner("a token of the gate")
OTHER = FrameSigner("a token of the garage")


def sent(signer=SIGNER, camera_id="gate", at=NINE, value=None, reference=""):
    """Return a record as a producer sends it and the broker appends it."""
    frame = Frame(camera_id, at, jpeg() if value is None else value, reference=reference)
    headers = dict(frame.headers(at + 5))
    key = camera_id.encode()
    return Arrival(
        Place("frames", 0, at - NINE),
        at + 20,
        key,
        frame.jpeg,
        headers["captured_at"],
        headers["sent_at"],
        headers.get("reference"),
        None,
        signer and signer.prove(key, frame.jpeg, headers, at + 5),
    )


def holds(arrival, signer=SIGNER):
    return is_proven(arrival, signer.sender_key, TOLERANCE_MS)


def test_a_record_is_proven_by_its_token_alone():
    assert holds(sent())
    assert holds(sent(value=b"", reference="gate/1.jpg"))
    assert not holds(sent(OTHER))
    assert not holds(sent(None))


@pytest.mark.parametrize(
    "change",
    [
        {"key": b"door"},
        {"value": jpeg(80, 60)},
        {"value": None},
        {"captured_at": b"%d" % (NINE + 4_900)},
        {"captured_at": None},
        {"sent_at": b"%d" % (NINE + 4_900)},
        {"reference": b"door/1.jpg"},
    ],
)
def test_nothing_that_a_frame_is_judged_by_can_be_changed(change):
    assert not holds(replace(sent(), **change))


def test_what_one_header_says_can_not_be_moved_to_another():
    record = sent()
    moved = replace(record, captured_at=record.captured_at + record.sent_at, sent_at=b"")
    assert not holds(moved)


def test_a_record_that_somebody_sends_once_more_later_is_recognised():
    record = sent()
    assert holds(replace(record, received_at=NINE + 5 + TOLERANCE_MS))
    assert not holds(replace(record, received_at=NINE + 6 + TOLERANCE_MS))
    assert not holds(replace(record, received_at=NINE + 4 - TOLERANCE_MS))
    fresh = (NINE + 60_000).to_bytes(8, "big") + record.proof[8:]
    assert not holds(replace(record, received_at=NINE + 60_000, proof=fresh))


@pytest.mark.parametrize("proof", [b"", b"x", bytes(71), bytes(72), bytes(73), b"\xff" * 72])
def test_what_is_no_proof_proves_nothing(proof):
    assert not holds(replace(sent(), proof=proof))


@pytest.mark.parametrize("sender_key", ["", "0" * 64, "f" * 64, "zz", SIGNER.sender_key[:-1]])
def test_what_is_no_key_proves_nothing(sender_key):
    assert not is_proven(sent(), sender_key, TOLERANCE_MS)


def test_the_key_of_a_token_stays_and_does_not_hold_it():
    assert FrameSigner("a token of the gate").sender_key == SIGNER.sender_key
    assert len(SIGNER.sender_key) == 64
    assert "token" not in SIGNER.sender_key


class TestAdmission:
    CONTEXT = AdmissionContext(
        cameras={"gate": Camera("gate", sender_key=SIGNER.sender_key)}, is_proven=is_proven
    )

    def admit(self, *arrivals, limits=LIVE, context=CONTEXT):
        return admit(arrivals, limits, NINE + 50, context)

    def test_only_frames_with_a_proof_are_admitted(self):
        forged = replace(sent(None), sender=b"kitchen:1", captured_at=b"%d" % (NINE + 4_900))
        outcomes = self.admit(sent(), forged, sent(OTHER, at=NINE + 2))
        assert [getattr(one, "reason", None) for one in outcomes] == [
            None,
            "other-sender",
            "other-sender",
        ]

    def test_junk_of_others_leaves_no_dead_letter(self):
        (outcome,) = self.admit(replace(sent(None), value=b"junk"))
        assert isinstance(outcome, Dropped)

    def test_a_proof_counts_and_no_name(self):
        (outcome,) = self.admit(replace(sent(), sender=b"kitchen:1"))
        assert outcome.sender == ""

    def test_cameras_without_a_key_need_no_proof(self):
        (outcome,) = self.admit(sent(None, camera_id="door"))
        assert isinstance(outcome, Admitted)

    def test_history_needs_none(self):
        (outcome,) = self.admit(sent(None), limits=REPLAY)
        assert isinstance(outcome, Admitted)

    def test_a_frame_processed_before_a_crash_needs_none(self):
        record = sent(None)
        context = AdmissionContext(
            {record.place}, self.CONTEXT.cameras, is_proven=self.CONTEXT.is_proven
        )
        (outcome,) = self.admit(record, context=context)
        assert isinstance(outcome, Admitted)
