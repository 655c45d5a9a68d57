"""What all keyed operators have in common: state, one timer, settings, the code that they run."""

import json

import pytest

from pycturestream.code_fingerprint import OldCodeError
from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.contracts.codec import CodecError, encode_outcome
from pycturestream.contracts.messages import Message, encode_event, encode_message
from pycturestream.contracts.states import track_states
from pycturestream.domain.pipeline.events import PresenceChange
from pycturestream.languages.model_words import use_words_of_model
from pycturestream.languages.phrases import things
from tests.scenes import LIVE, NINE, REPLAY, Rule, frame, guarded, person
from tests.unit.domain.pipeline.test_step import dropped
from tests.unit.udfs.operators import (
    ALL,
    GUARDED,
    Chain,
    Operator,
    Settings,
    messages_of,
    records_of,
    walk_in,
)
from udfs import keyed_step
from udfs.count_objects import CountObjects
from udfs.judge_frames import JudgeFrames
from udfs.keyed_step import (
    CATCH_UP_MS,
    END_OF_TIME,
    IN_FLIGHT_MS,
    LOG_RECORD,
    MESSAGE,
    SETTINGS_S,
    START_UP_MS,
)
from udfs.track_objects import TrackObjects

OFFLINE_AFTER_MS = LIVE.offline_after_ms


def advance(operator, clock):
    """Let the clock come to the next timer of an operator, and fire it."""
    clock.now = max(clock.now, operator.flink.timers[0])
    return operator.fire()


def events(rows):
    return [event["event"] for event in records_of(rows, "camera-events")]


class TestState:
    def test_it_survives_the_worker(self, clock):
        operator = Operator(TrackObjects)
        (before, *_) = messages_of(walk_in(operator, clock, frames=2))
        operator.restart()
        (after, *_) = messages_of(walk_in(operator, clock, frames=2))
        first, second = (json.loads(one.frame.value) for one in (before, after))
        assert first["objects"][0]["track_id"] == second["objects"][0]["track_id"]

    def test_an_alert_is_raised_once_across_a_restart_of_all_operators(self, clock):
        chain = Chain()
        rows = walk_in(chain, clock, frames=2)
        for operator in chain.operators:
            operator.restart()
        rows += walk_in(chain, clock, frames=4)
        assert [alert["state"] for alert in records_of(rows, "alerts")] == ["raised"]

    @pytest.mark.parametrize("kind", ALL)
    def test_it_is_kept_as_bytes_with_a_time_to_live(self, kind, clock):  # noqa: ARG002
        descriptor = Operator(kind).flink.descriptors["camera"]
        assert descriptor.name == "camera"
        # Thread mode would give byte arrays back as tuples of numbers.
        assert descriptor.type_info == keyed_step.Types.PICKLED_BYTE_ARRAY()
        assert descriptor._ttl_config.get_ttl().to_milliseconds() == 30 * 86_400_000

    def test_one_of_the_version_before_is_an_error(self, clock):
        operator = Operator(TrackObjects)
        operator.flink.state = b"\x03\x80"
        with pytest.raises(CodecError, match="state of version 03"):
            walk_in(operator, clock)


class TestTimer:
    def test_there_is_one_at_the_deadline(self, clock):
        operator = Operator(TrackObjects)
        walk_in(operator, clock, frames=1)
        clock.now += CATCH_UP_MS  # until then old records may still arrive
        operator.flink.timers.clear()
        operator.flink.state = None
        walk_in(operator, clock, frames=20)
        assert operator.flink.timers == [
            NINE + 500 + CATCH_UP_MS + 500 + OFFLINE_AFTER_MS + IN_FLIGHT_MS
        ]

    def test_a_camera_without_pictures_is_reported_offline_when_it_is_due(self, clock):
        operator = Operator(TrackObjects, last=True)
        walk_in(operator, clock)
        rows = []
        while not rows:
            rows = advance(operator, clock)
        assert events(rows) == ["offline"]
        assert clock.now == NINE + 1_500 + OFFLINE_AFTER_MS + IN_FLIGHT_MS

    def test_time_goes_on_until_everything_is_emitted(self, clock):
        chain = Chain()
        rows = walk_in(chain, clock)
        while timers := [one for one in chain.operators if one.flink.timers]:
            operator = min(timers, key=lambda one: one.flink.timers[0])
            rows += chain.pass_on(advance(operator, clock), chain.operators.index(operator))
        assert events(rows) == ["online", "offline", "frames"]
        assert [count["label"] for count in records_of(rows, "counts")] == ["person"]
        assert [alert["state"] for alert in records_of(rows, "alerts")] == ["raised", "cleared"]

    def test_a_timer_that_an_earlier_one_has_replaced_does_nothing(self, clock):
        operator = Operator(TrackObjects)
        walk_in(operator, clock, frames=1)
        advance(operator, clock)  # the camera goes offline: the next one closes the window
        (replaced,) = operator.flink.timers
        walk_in(operator, clock, frames=1)  # it is back: the next one is for the case that it goes
        operator.flink.timers.remove(replaced)
        left, state = [*operator.flink.timers], operator.flink.state
        clock.now = replaced
        assert list(operator.function.on_timer(replaced, operator.flink)) == []
        assert (operator.flink.timers, operator.flink.state) == (left, state)

    def test_none_fires_at_once_while_the_job_is_behind(self, clock):
        operator = Operator(TrackObjects)
        old = NINE
        clock.now = NINE + 600_000
        for number in range(50):
            clock.now += 10
            old += 500
            operator.process(encode_outcome(dropped("stale", at=old)))
            assert all(at > clock.now for at in operator.flink.timers), number
        assert len(operator.flink.timers) == 1

    def test_a_frame_that_was_with_the_model_when_something_was_due_comes_in_time(self, clock):
        away = guarded(Rule("away", (), about="offline", for_ms=20_000))
        chain = Chain(settings=Settings(away))
        walk_in(chain, clock)
        last, rows = clock.now, []
        offline_at, due = last + OFFLINE_AFTER_MS, last + 20_000
        for clock.now in (offline_at + IN_FLIGHT_MS, due + IN_FLIGHT_MS - 1):
            for number, operator in enumerate(chain.operators):
                while operator.flink.timers and operator.flink.timers[0] <= clock.now:
                    rows += chain.pass_on(operator.fire(), number)
        rows += chain.process(frame([person()], at=due - 1))
        assert events(rows) == ["offline", "online"]
        assert records_of(rows, "alerts") == []

    def test_one_that_fires_late_shows_a_pause_of_the_job_and_is_set_again(self, clock):
        operator = Operator(TrackObjects, last=True)
        walk_in(operator, clock)
        clock.now += START_UP_MS
        due = operator.flink.timers[0]
        clock.now = due + CATCH_UP_MS + 1
        assert operator.fire() == []
        assert operator.flink.timers[0] == clock.now + CATCH_UP_MS
        walk_in(operator, clock)  # the records that were unread in the pause
        clock.now = operator.flink.timers[0]
        assert operator.fire() == []  # the camera was there all the time

    def test_while_old_records_arrive_no_time_passes_without_records(self, clock):
        operator = Operator(TrackObjects, last=True)
        walk_in(operator, clock)
        clock.now += START_UP_MS
        operator.process(encode_outcome(dropped(at=NINE + 2_000)))
        assert operator.fire() == []
        assert operator.flink.timers[0] == clock.now + CATCH_UP_MS

    @pytest.mark.parametrize("kind", [CountObjects, JudgeFrames])
    def test_operators_behind_the_first_one_wait_too_while_old_messages_arrive(self, kind, clock):
        operator = Operator(kind, last=True)
        clock.now += 2 * START_UP_MS
        gone = encode_event(PresenceChange(NINE + 20_000, online=False, at=NINE))
        operator.process(encode_message(Message("gate", NINE + 20_000, event=gone)))
        assert operator.function._behind_until == clock.now + CATCH_UP_MS

    def test_a_new_worker_waits_for_the_model_before_time_passes(self, clock):
        operator = Operator(TrackObjects, last=True)
        walk_in(operator, clock)
        clock.now += CATCH_UP_MS + OFFLINE_AFTER_MS
        operator.restart()
        assert operator.fire() == []
        assert operator.flink.timers[0] == clock.now + START_UP_MS

    def test_in_a_new_worker_silence_begins_with_the_first_frame_of_any_camera(self, clock):
        operator = Operator(TrackObjects, last=True)
        walk_in(operator, clock)
        clock.now += OFFLINE_AFTER_MS
        operator.restart()
        clock.now += CATCH_UP_MS  # the model is loaded
        of_another_camera = clock.now
        operator.function.note_arrival(of_another_camera)
        clock.now += CATCH_UP_MS + 1  # one bundle takes so long on a busy machine
        assert operator.fire() == []
        assert operator.flink.timers[0] == of_another_camera + OFFLINE_AFTER_MS

    def test_a_replay_ends_by_its_end_and_not_by_the_clock(self, clock):
        chain = Chain(limits=REPLAY)
        walk_in(chain, clock)
        for operator in chain.operators:
            assert operator.flink.timers == []
            assert operator.flink.endings == [END_OF_TIME]
        rows = chain.end()
        assert {row[0] for row in rows} == {"counts", "camera-events", "alerts"}
        assert [alert["state"] for alert in records_of(rows, "alerts")] == ["cleared"]

    def test_the_end_of_a_replay_is_no_absence_of_its_camera(self, clock):
        away = guarded(Rule("away", (), about="offline", for_ms=OFFLINE_AFTER_MS))
        chain = Chain(settings=Settings(away), limits=REPLAY)
        walk_in(chain, clock)
        assert records_of(chain.end(), "alerts") == []


class TestCamerasWithoutSettings:
    def test_their_state_lives_for_an_hour_and_that_of_the_others_for_a_month(self, clock):
        operator = Operator(TrackObjects, Settings(guarded()))
        lives = {
            name: one._ttl_config.get_ttl().to_milliseconds()
            for name, one in operator.flink.descriptors.items()
        }
        assert lives == {"camera": 30 * 86_400_000, "unknown-camera": 3_600_000}
        walk_in(operator, clock)
        assert set(operator.flink.states) == {"unknown-camera"}

    @pytest.mark.parametrize(("before", "after"), [(0, 5), (5, 0)])
    def test_with_their_settings_the_state_moves(self, clock, before, after):
        settings = Settings(guarded(revision=before))
        operator = Operator(TrackObjects, settings)
        (first, *_) = messages_of(walk_in(operator, clock, frames=2))
        settings.camera = guarded(revision=after)
        (second, *_) = messages_of(walk_in(operator, clock, frames=2))
        tracks = {json.loads(one.frame.value)["objects"][0]["track_id"] for one in (first, second)}
        assert len(tracks) == 1
        assert set(operator.flink.states) == {"camera" if after else "unknown-camera"}

    def test_a_timer_finds_a_state_that_has_moved(self, clock):
        settings = Settings(guarded(revision=0))
        operator = Operator(TrackObjects, settings, last=True)
        walk_in(operator, clock)
        settings.camera = guarded(revision=5)
        rows = []
        while operator.flink.timers:
            rows += advance(operator, clock)
        assert events(rows)[:1] == ["offline"]
        assert set(operator.flink.states) == {"camera"}

    def test_history_knows_no_difference(self, clock):
        operator = Operator(TrackObjects, Settings(guarded()), REPLAY)
        walk_in(operator, clock)
        assert set(operator.flink.states) == {"camera"}


class TestSettings:
    def test_they_are_opened_for_the_operator_and_awaited_once(self, clock):  # noqa: ARG002
        settings = Settings()
        operator = Operator(TrackObjects, settings)
        assert settings.users == [operator.function]
        assert settings.waited_s == [SETTINGS_S]

    def test_new_ones_apply_from_the_next_frame_on(self, clock):
        settings = Settings(guarded(Rule("no-cars", ("car",))))
        chain = Chain(settings=settings)
        assert not records_of(walk_in(chain, clock), "alerts")
        settings.camera = GUARDED
        (alert,) = records_of(walk_in(chain, clock), "alerts")
        assert alert["rule"] == "nobody-here"


class TestCode:
    @pytest.mark.parametrize("kind", ALL)
    def test_other_code_than_the_clients_is_refused_in_one_line(self, kind, clock, monkeypatch):  # noqa: ARG002
        operator = Operator(kind)
        monkeypatch.setattr("pycturestream.code_fingerprint._AT_IMPORT", "another")
        with pytest.raises(
            OldCodeError, match=r"^the task manager runs code [^\n]*submit the job again[^\n]*$"
        ):
            operator.function.open(operator.flink)


class TestWords:
    @pytest.mark.usefixtures("clock")
    def test_those_of_the_model_are_used_and_what_is_missing_is_logged(self, caplog, tmp_path):
        (tmp_path / "labels.txt").write_text("forklift")
        (tmp_path / "words.de.ftl").write_text("label-forklift = ein Gabelstapler", "utf-8")
        operator = Operator(JudgeFrames)
        operator.function._model = tmp_path
        with caplog.at_level("WARNING"):
            operator.function.open(operator.flink)
            operator.function.open(operator.flink)
        try:
            assert things("forklift", 1, "de") == "ein Gabelstapler"
            found = [line for line in caplog.messages if "has no word for forklift" in line]
            assert len(found) == 3
        finally:
            use_words_of_model(PROJECT_FOLDER / "models" / "nanodet")


class TestRows:
    def test_a_message_is_addressed_to_its_camera(self, clock):
        rows = walk_in(Operator(TrackObjects), clock, frames=1)
        assert [row[0] for row in rows] == ["gate"]
        assert len(MESSAGE.get_field_types()) == len(rows[0])

    def test_the_last_operator_addresses_records_to_the_log(self, clock):
        chain = Chain()
        rows = walk_in(chain, clock)
        assert {row[0] for row in rows} == {"detections", "alerts", "narrations", "camera-events"}
        assert {row[1] for row in rows} == {b"gate"}
        assert all(len(row) == len(LOG_RECORD.get_field_names()) for row in rows)
        assert all(row[3] == {} for row in rows)

    def test_the_last_operator_measures_the_time_from_capture_to_result(self, clock):
        chain = Chain()
        for _ in range(3):
            found = frame([person()], at=clock.now)
            clock.now += 70
            chain.process(found)
        first, *others, last = chain.operators
        assert last.counted["capture_to_result_ms"] == [70, 70, 70]
        assert all("capture_to_result_ms" not in one.counted for one in (first, *others))


def test_the_state_of_the_first_operator_says_when_its_timer_is_due(clock):
    operator = Operator(TrackObjects)
    walk_in(operator, clock)
    _, due = track_states.decode(operator.flink.state)
    assert [due] == operator.flink.timers


DAY_MS = 86_400_000


class TestClockSetBack:
    """The machine's clock was a day ahead for a while, and frames were processed meanwhile."""

    @pytest.fixture
    def chain(self, clock):
        chain = Chain()
        clock.now += DAY_MS
        walk_in(chain, clock, frames=4)
        clock.now -= DAY_MS
        return chain

    def test_the_next_frame_is_processed(self, chain, clock):
        rows = walk_in(chain, clock, frames=1)
        assert len(records_of(rows, "detections")) == 1

    def test_the_object_and_its_alert_continue(self, chain, clock):
        (before, *_) = records_of(walk_in(chain, clock, frames=1), "detections")
        rows = walk_in(chain, clock, frames=3)
        tracks = {o["track_id"] for r in records_of(rows, "detections") for o in r["objects"]}
        assert tracks == {before["objects"][0]["track_id"]}
        assert not records_of(rows, "alerts")

    def test_every_record_is_accounted_for_and_every_frame_counted(self, chain, clock):
        rows = walk_in(chain, clock, frames=3)
        for operator in chain.operators:
            while operator.flink.timers:
                place = chain.operators.index(operator)
                rows += chain.pass_on(advance(operator, clock), place)
        accounts = [
            event["frames"]
            for event in records_of(rows, "camera-events")
            if event["event"] == "frames"
        ]
        assert sum(window["processed"] for window in accounts) == 7
        counted = [record for record in records_of(rows, "counts") if record["label"] == "person"]
        assert sum(record["frames"] for record in counted) == 7

    def test_a_camera_without_further_frames_is_offline_soon(self, chain, clock):
        rows = walk_in(chain, clock, frames=1)
        now = clock.now
        track = chain.operators[0]
        while "offline" not in events(rows):
            rows += chain.pass_on(advance(track, clock))
        assert clock.now - now <= OFFLINE_AFTER_MS + 2 * START_UP_MS

    def test_a_timer_alone_sets_the_state_right(self, chain, clock):
        # given a timer that was set before, and fires after as long as it was set for
        track = chain.operators[0]
        clock.now += OFFLINE_AFTER_MS + START_UP_MS
        rows = track.fire()
        while "offline" not in [e for row in messages_of(rows) for e in offline_events(row)]:
            rows += advance(track, clock)
        assert clock.now < NINE + DAY_MS // 2

    def test_it_is_reported(self, chain, clock, caplog):
        walk_in(chain, clock, frames=3)
        assert sum("the clock was set back" in line for line in caplog.messages) == len(ALL)
        assert chain.operators[0].counted["clock_set_back"] == 1

    def test_small_steps_change_nothing(self, clock, caplog):
        chain = Chain()
        walk_in(chain, clock, frames=4)
        clock.now -= LIVE.clock_tolerance_ms // 2
        walk_in(chain, clock, frames=1)
        assert not caplog.messages


def offline_events(message):
    records = [json.loads(record.value) for record in message.before]
    return [record.get("event") for record in records]
