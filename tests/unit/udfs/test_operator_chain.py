"""The keyed operators one behind the other: what stands in the log, and in which order."""

from itertools import combinations

import pytest
from msgspec.structs import replace

from pycturestream.contracts.messages import LogRecord, Message, decode_message, encode_message
from pycturestream.domain.cameras.camera import Attention
from pycturestream.domain.frames.dead_letter import DeadLetter
from tests.scenes import NINE, REPLAY, car, empty, frame, guarded, person, there_and_back, walk
from tests.unit.domain.pipeline.test_step import dropped, rejected
from tests.unit.udfs.operators import ALL, Chain, Operator, Settings, records_of
from udfs.count_objects import CountObjects
from udfs.judge_frames import JudgeFrames
from udfs.narrate_scenes import NarrateScenes
from udfs.track_objects import TrackObjects

BEHIND = (CountObjects, JudgeFrames, NarrateScenes)
SUBSETS = [
    (TrackObjects, *chosen) for number in range(4) for chosen in combinations(BEHIND, number)
]
TOPICS = {
    CountObjects: {"counts"},
    JudgeFrames: {"alerts", "attention"},
    NarrateScenes: {"narrations"},
}
WATCHED = guarded(attention=Attention(idle_fps=0.2, alert_fps=5))


def history():
    """Return outcomes of every kind, with an absence and an end of everything."""
    return [
        *there_and_back(),
        dropped(at=NINE + 14_000),
        DeadLetter(rejected(at=NINE + 14_500), b"gate", b"bytes"),
        *empty(40, at=NINE + 15_000),
        *walk(0.2, 0.01, 12, at=NINE + 95_000),
        frame([person(), car()], at=NINE + 101_000, camera_at=NINE),
    ]


def run(kinds=ALL, camera=WATCHED, limits=None):
    """Return all that a chain of these operators writes for the history."""
    chain = Chain(kinds, Settings(camera), **({"limits": limits} if limits else {}))
    return [row for outcome in history() for row in chain.process(outcome)]


def of_topics(rows, topics):
    return [
        (row[0], record) for row in rows if row[0] in topics for record in records_of([row], row[0])
    ]


@pytest.mark.usefixtures("clock")
class TestOrder:
    def test_a_frame_stands_between_what_ended_before_it_and_what_it_led_to(self):
        chain = Chain(settings=Settings(WATCHED))
        for found in walk(0.1, 0.02, 4):
            chain.process(found)
        rows = chain.process(frame([person()], at=NINE + 200_000))
        rows += chain.process(frame([person()], at=NINE + 200_500))
        last = chain.process(frame([person()], at=NINE + 201_000))
        names = [
            (
                row[0],
                *({"event", "state"} & record.keys() and [record.get("event") or record["state"]]),
            )
            for row in rows
            for record in records_of([row], row[0])
        ]
        assert names[: names.index(("detections",))] == [
            ("camera-events", "frames"),
            ("camera-events", "offline"),
            ("counts",),
            ("alerts", "cleared"),
        ]
        assert ("camera-events", "online") in names[names.index(("detections",)) :]
        assert [row[0] for row in last] == ["detections", "alerts", "attention", "narrations"]

    def test_a_frame_has_its_threats_in_the_log(self):
        rows = run()
        alerts = {alert["id"] for alert in records_of(rows, "alerts")}
        threats = [
            threat["alert_id"]
            for record in records_of(rows, "detections")
            for threat in record["threats"]
        ]
        assert threats
        assert set(threats) <= alerts


@pytest.mark.usefixtures("clock")
class TestSwitchedOff:
    @pytest.mark.parametrize("kinds", SUBSETS, ids=lambda kinds: "-".join(k.name for k in kinds))
    def test_the_records_of_the_others_are_unchanged(self, kinds):
        everything, rows = run(), run(kinds)
        off = [kind for kind in BEHIND if kind not in kinds]
        missing = {topic for kind in off for topic in TOPICS[kind]}
        assert not {row[0] for row in rows} & missing
        # Rules make threats of a frame and warnings among the sentences.
        changed = {"detections", "narrations"} if JudgeFrames in off else set()
        kept = {row[0] for row in everything} - missing - changed - {"frames.dead-letter"}
        assert of_topics(rows, kept) == of_topics(everything, kept)

    def test_without_rules_frames_are_the_same_but_for_their_threats(self):
        without = records_of(run((TrackObjects, CountObjects)), "detections")
        wanted = [{**record, "threats": []} for record in records_of(run(), "detections")]
        assert without == wanted

    def test_without_rules_the_sentences_are_those_of_a_camera_without_rules(self):
        quiet = replace(WATCHED, rules=())
        without = records_of(run((TrackObjects, NarrateScenes)), "narrations")
        assert without == records_of(run(camera=quiet), "narrations")
        assert without


@pytest.mark.usefixtures("clock")
class TestPassingOn:
    @pytest.mark.parametrize("kind", BEHIND)
    def test_a_message_without_an_event_is_passed_on_as_it_is(self, kind):
        operator = Operator(kind)
        message = Message("gate", NINE, before=[LogRecord("counts", b"gate", b"{}")])
        (row,) = operator.process(encode_message(message))
        assert decode_message(row[1]) == message
        assert operator.flink.state is None
        assert operator.flink.timers == []

    @pytest.mark.parametrize("kind", BEHIND)
    def test_a_late_frame_of_a_replay_is_passed_on_with_its_record(self, kind):
        chain = Chain((TrackObjects, kind), limits=REPLAY)
        chain.process(frame([person()], at=NINE + 500))
        rows = chain.process(frame([person()], at=NINE))
        (record,) = records_of(rows, "detections")
        assert record["threats"] == []
        assert {row[0] for row in rows} == {"detections"}

    def test_a_message_has_the_alerts_that_its_frame_raised(self):
        chain = Chain((TrackObjects, JudgeFrames, NarrateScenes))
        rows = [row for found in walk(0.1, 0.02, 4) for row in chain.process(found)]
        (warning,) = [
            narration for narration in records_of(rows, "narrations") if narration["priority"]
        ]
        assert warning["text"].startswith("Warning: ")
