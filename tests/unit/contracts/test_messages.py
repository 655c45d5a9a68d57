import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pycturestream.contracts.codec import encode_record
from pycturestream.contracts.detections import detections_record, with_judgement
from pycturestream.contracts.messages import (
    NO_EVENT,
    LogRecord,
    Message,
    counted_events,
    decode_message,
    encode_event,
    encode_message,
    judged_events,
    narrated_events,
)
from pycturestream.domain.cameras.camera import Camera, Rule, Zone
from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.picture_measure import PictureMeasure
from pycturestream.domain.pipeline import track
from pycturestream.domain.pipeline.events import (
    CountedFrame,
    JudgedFrame,
    NarratedFrame,
    PresenceChange,
    TrackedFrame,
)
from pycturestream.domain.pipeline.track import TrackState
from pycturestream.domain.threats.view_fault import ViewFault
from tests.scenes import (
    LEFT_HALF,
    LIVE,
    MIDDLE,
    NINE,
    CameraRun,
    box,
    frame,
    guarded,
    person,
    there_and_back,
)

WATCHED = guarded(Rule("covered", about="covered"), zones=(LEFT_HALF,), lines=(MIDDLE,))
MEASURE = PictureMeasure(0.4, 0.2, 1.0, bytes(range(192)))
NO_THREATS = '"threats":[]'
texts = st.sampled_from(
    [NO_THREATS, f"{{{NO_THREATS}}}", f"\\{NO_THREATS}", '"', "\\", "threats", 'a","threats":[],"b']
) | st.text(max_size=20)


def tracked_frames():
    """Return frames after tracking: with zones and lines crossed, and with all that is optional."""
    state, events = TrackState(), []
    weak = replace(person(0.8, score=0.3), weak=True)
    last = frame([person(), weak], at=NINE + 20_000, camera_at=NINE)
    for found in [*there_and_back(), frame(at=NINE + 19_500), replace(last, measure=MEASURE)]:
        state, outputs = track.step(state, found, WATCHED, LIVE)
        events += [output for output in outputs if isinstance(output, TrackedFrame)]
    assert any(event.zone_events for event in events)
    assert events[-1].candidates
    assert events[-1].measure
    return events


def fields_of(view, value):
    """Return the values of the fields that one view of an event or of an object has."""
    return {name: getattr(value, name) for name in view.__struct_fields__}


class TestEvents:
    def test_judging_gets_the_whole_frame(self):
        for event in tracked_frames():
            assert judged_events.decode(encode_event(event)) == event

    @pytest.mark.parametrize(
        ("decoder", "view"), [(counted_events, CountedFrame), (narrated_events, NarratedFrame)]
    )
    def test_a_step_that_reads_less_reads_the_same_values(self, decoder, view):
        for event in tracked_frames():
            read = decoder.decode(encode_event(event))
            assert type(read) is view
            wanted, found = fields_of(view, event), fields_of(view, read)
            wanted_seen, found_seen = wanted.pop("seen"), found.pop("seen")
            assert found == wanted
            assert len(found_seen) == len(wanted_seen)
            for item, whole in zip(found_seen, wanted_seen, strict=True):
                assert fields_of(type(item), item) == fields_of(type(item), whole)

    @pytest.mark.parametrize("decoder", [counted_events, judged_events, narrated_events])
    @pytest.mark.parametrize("online", [True, False])
    def test_every_step_reads_that_a_camera_comes_or_goes(self, decoder, online):
        change = PresenceChange(NINE, online=online, at=NINE - 15_000)
        assert decoder.decode(encode_event(change)) == change


class TestMessages:
    def test_an_empty_message_travels(self):
        message = Message("gate", NINE)
        assert message.event == NO_EVENT
        assert decode_message(encode_message(message)) == message

    def test_a_message_travels_with_all_that_it_has(self):
        (change, *_) = CameraRun(guarded()).see(*there_and_back()).alerts
        event = encode_event(tracked_frames()[-1])
        message = Message(
            "gate",
            NINE,
            before=[LogRecord("frames.dead-letter", b"\xff", None, {"reason": b"\xfe"})],
            event=event,
            frame=LogRecord("detections", b"gate", b"{}"),
            captured_at=NINE,
            raised=[change],
            after=[LogRecord("alerts", None, b"")],
        )
        read = decode_message(encode_message(message))
        assert read == message
        assert judged_events.decode(read.event) == tracked_frames()[-1]

    def test_a_message_is_passed_on_with_the_bytes_of_its_event(self):
        message = Message("gate", NINE, event=encode_event(tracked_frames()[0]))
        passed_on = decode_message(encode_message(decode_message(encode_message(message))))
        assert bytes(passed_on.event) == bytes(message.event)

    def test_records_are_in_the_order_of_the_log(self):
        before, middle, after = (LogRecord("counts", b"gate", name) for name in (b"1", b"2", b"3"))
        assert Message("gate", NINE, [before], frame=middle, after=[after]).records == [
            before,
            middle,
            after,
        ]
        assert Message("gate", NINE, [before], after=[after]).records == [before, after]


class TestThreats:
    @given(names=st.lists(texts, min_size=6, max_size=6), people=st.integers(0, 3))
    def test_a_record_with_judgement_is_the_one_encoded_with_them_at_once(self, names, people):
        camera_id, site, zone, label, rule, other_label = names
        camera = Camera(
            camera_id,
            site=site,
            warm_up_ms=0,
            zones=(Zone(zone, LEFT_HALF.polygon),),
            rules=(Rule(rule or "any", frames=1),),
        )
        item = Detection(label, 0.8, box())
        weak = Detection(other_label, 0.3, box(0.7), weak=True)
        found = frame([item] * people + [weak], camera_id=camera_id)
        (judged,) = CameraRun(camera).see(found).judged
        assert bool(judged.threats) == bool(people)
        at_once = encode_record(detections_record(judged, "live", 600_000))

        untold = JudgedFrame(judged.camera, judged.found, judged.frame)
        record = encode_record(detections_record(untold, "live", 600_000))
        assert with_judgement(record, judged.threats) == at_once
        assert len(json.loads(at_once)["threats"]) == len(judged.threats)

    def test_a_fault_of_the_view_stands_behind_the_threats(self):
        (judged,) = CameraRun(guarded(Rule("any", frames=1))).see(frame([person()])).judged
        fault = ViewFault("covered", NINE, 0.1, 0.5, 0.25)
        at_once = encode_record(
            detections_record(replace(judged, view_fault=fault), "live", 600_000)
        )
        untold = replace(judged, threats=())
        record = encode_record(detections_record(untold, "live", 600_000))
        assert with_judgement(record, judged.threats, fault) == at_once

    def test_without_threats_a_record_stays_as_it_is(self):
        assert with_judgement(b"anything", ()) == b"anything"

    def test_bytes_that_are_no_such_record_are_rejected(self):
        (judged,) = CameraRun(guarded(Rule("any", frames=1))).see(frame([person()])).judged
        record = encode_record(detections_record(judged, "live", 600_000))
        with pytest.raises(ValueError, match="no empty list of threats"):
            with_judgement(record, judged.threats)


def test_an_event_that_no_step_knows_is_an_error():
    with pytest.raises(msgspec.ValidationError):
        counted_events.decode(msgspec.Raw(msgspec.msgpack.encode((9, NINE))))
