import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pycturestream.domain.alerts.alert import TRACKS_NAMED
from pycturestream.domain.cameras.camera import Crossing, Line, Motion, Rule, Zone
from pycturestream.domain.cameras.schedule import Period
from pycturestream.domain.detection import Detection
from pycturestream.domain.threats import object_rules
from pycturestream.domain.threats.conditions import Scene
from pycturestream.domain.threats.violation import IN_ALERT, Violations
from tests.builders import as_json
from tests.scenes import (
    LEFT_HALF,
    MIDDLE,
    NINE,
    NOBODY_HERE,
    CameraRun,
    box,
    car,
    empty,
    frame,
    guarded,
    person,
    restored,
    there_and_back,
    walk,
)

GUARDED = guarded()
MINUTE = 60_000


def states(scene):
    return [(change.state, change.alert.track_ids[0]) for change in scene.alerts]


def life(scene):
    return [(change.state, change.alert.count) for change in scene.alerts]


def standing(*items, at=NINE, frames=8, every_ms=500):
    return [frame(items, at=at + number * every_ms) for number in range(frames)]


def living(run):
    return frozenset(track.track_id for track in run.state.track.tracks)


def crowd(number):
    return [person(0.02 + 0.16 * n) for n in range(number)]


def test_an_object_raises_one_alert_when_it_has_been_seen_often_enough():
    scene = CameraRun(GUARDED).see(*walk(0.1, 0.02, 10))
    assert states(scene) == [("raised", "gate_20261121T090000000Z#0")]
    assert scene.alerts[0].at == NINE + 1_000


def test_an_object_seen_too_seldom_raises_none():
    assert not CameraRun(GUARDED).see(*walk(0.1, 0.02, 2), *empty(8, at=NINE + 1_000)).alerts


def test_two_objects_at_once_are_one_alert_with_a_number():
    scene = CameraRun(GUARDED).see(*standing(person(0.1), person(0.7)))
    assert life(scene) == [("raised", 2)]
    assert len(scene.alerts[0].alert.track_ids) == 2


def test_an_object_that_joins_later_updates_the_alert_once():
    scene = CameraRun(GUARDED).see(*standing(person(0.1)))
    scene.see(*standing(person(0.1), person(0.7), at=NINE + 4_000, frames=20))
    assert life(scene) == [("raised", 1), ("updated", 2)]
    raised, updated = (change.alert for change in scene.alerts)
    assert updated.alert_id == raised.alert_id
    assert updated.revision == raised.revision + 1
    assert updated.track_ids[:1] == raised.track_ids
    assert "Two people" in updated.reason


def test_an_object_that_comes_after_the_first_has_left_joins_the_same_situation():
    scene = CameraRun(GUARDED).see(*standing(person(0.1)), *empty(8, at=NINE + 4_000))
    scene.see(*standing(person(0.7), at=NINE + 8_000), *empty(40, at=NINE + 12_000))
    assert life(scene) == [("raised", 1), ("updated", 1), ("cleared", 1)]


def test_an_object_that_comes_after_the_end_is_a_new_situation():
    scene = CameraRun(GUARDED).see(*standing(person(0.1)), *empty(40, at=NINE + 4_000))
    scene.see(*standing(person(0.7), at=NINE + 24_000))
    assert [state for state, _ in states(scene)] == ["raised", "cleared", "raised"]
    assert len({change.alert.alert_id for change in scene.alerts}) == 2


def test_of_many_tracks_the_first_and_the_newest_are_named():
    scene = CameraRun(GUARDED)
    at = NINE
    for number in range(30):
        scene.see(*standing(person(0.1 + 0.4 * (number % 2)), at=at, frames=4))
        at += 8_000
    alert = scene.alerts[-1].alert
    assert [state for state, _ in states(scene)] == ["raised", *["updated"] * 29]
    assert len(alert.track_ids) == TRACKS_NAMED
    assert alert.track_ids[0] == scene.alerts[0].alert.track_ids[0]
    assert alert.count == 1


def test_a_false_detection_does_not_join():
    scene = CameraRun(GUARDED).see(*standing(person(0.1)))
    scene.see(frame([person(0.1), person(0.7)], at=NINE + 4_000))
    assert life(scene) == [("raised", 1)]


def test_a_camera_that_sends_seldom_does_not_clear_what_is_still_there():
    """A quiet one sends a picture every ten seconds, which is as long as an alert waits."""
    scene = CameraRun(GUARDED).see(*standing(person(), frames=20, every_ms=10_000))
    assert life(scene) == [("raised", 1)]


def test_a_removed_rule_clears_its_alert_with_that_reason():
    scene = CameraRun(GUARDED).see(*standing(person()))
    scene.camera = replace(GUARDED, rules=(Rule("other", ("dog",)),), revision=2)
    scene.see(*standing(person(), at=NINE + 4_000))
    assert [state for state, _ in states(scene)] == ["raised", "cleared"]
    assert scene.alerts[-1].at == NINE + 4_000
    assert scene.alerts[-1].alert.reason.endswith("Its rule was removed.")


def test_a_cleared_alert_has_its_end_in_the_reason():
    scene = CameraRun(GUARDED).see(*standing(person()), *empty(30, at=NINE + 4_000))
    assert scene.alerts[-1].alert.reason == (
        "A person, seen in 3 pictures since 09:00:00, highest score 0.80. Ended at 09:00:03."
    )


def test_an_alert_clears_when_its_object_has_been_gone_for_long_enough():
    scene = CameraRun(GUARDED).see(*walk(0.1, 0.02, 4), *empty(30, at=NINE + 2_000))
    assert [state for state, _ in states(scene)] == ["raised", "cleared"]
    raised, cleared = scene.alerts
    assert cleared.at == NINE + 1_500 + NOBODY_HERE.clear_after_ms
    assert cleared.alert.alert_id == raised.alert.alert_id
    assert cleared.alert.revision > raised.alert.revision


def test_an_alert_clears_when_the_camera_goes_offline():
    scene = CameraRun(GUARDED).see(*walk(0.1, 0.02, 4)).wait_until(NINE + 60_000)
    assert [state for state, _ in states(scene)] == ["raised", "cleared"]


def test_an_object_that_stays_keeps_its_one_alert_open():
    parked = replace(GUARDED, rules=(Rule("no-parking", ("car",), frames=3),))
    scene = CameraRun(parked)
    for number in range(600):
        scene.see(frame([car()], at=NINE + number * 500))
    assert [state for state, _ in states(scene)] == ["raised"]


def test_a_parked_car_does_not_alert_again_after_a_pause_of_the_whole_system():
    parked = replace(GUARDED, rules=(Rule("no-parking", ("car",), frames=3),))
    scene = CameraRun(parked)
    for number in range(40):
        scene.see(frame([car()], at=NINE + number * 500))
    for number in range(40):
        scene.see(frame([car()], at=NINE + 60_000 + number * 500))
    assert [state for state, _ in states(scene)] == ["raised", "cleared"]


def test_a_detector_that_misses_now_and_then_does_not_prevent_an_alert():
    scene = CameraRun(GUARDED)
    for number in range(8):
        scene.see(frame([person()] if number % 2 == 0 else [], at=NINE + number * 500))
    assert [state for state, _ in states(scene)] == ["raised"]


def test_only_labels_of_the_rule_count():
    scene = CameraRun(GUARDED)
    for number in range(5):
        scene.see(frame([car()], at=NINE + number * 500))
    assert not scene.alerts


def test_only_objects_that_stand_in_the_zone_count():
    camera = guarded(replace(NOBODY_HERE, zones=("left-half",)), zones=(LEFT_HALF,))
    left, right = CameraRun(camera), CameraRun(camera)
    left.see(*walk(0.2, 0.0, 4))
    right.see(*walk(0.7, 0.0, 4))
    assert [change.alert.zones for change in left.alerts] == [("left-half",)]
    assert not right.alerts


def test_a_weak_detection_does_not_count_where_the_rule_asks_for_more():
    scene = CameraRun(guarded(replace(NOBODY_HERE, min_score=0.85)))
    assert not scene.see(*walk(0.2, 0.0, 6)).alerts


def test_the_threat_is_in_the_record_of_the_frame_that_shows_it():
    scene = CameraRun(GUARDED).see(*walk(0.1, 0.02, 4), frame(at=NINE + 2_000))
    threats = [[alert.rule for alert in judged.threats] for judged in scene.judged]
    assert threats == [[], [], ["nobody-here"], ["nobody-here"], []]


class TestComingBack:
    """One situation is one unbroken time in the place, whatever becomes of the track."""

    LEFT_ONLY = replace(NOBODY_HERE, zones=("left-half",))

    def visits(self, rule, *legs, label="person", **settings):
        """Return a run in which one object goes from place to place, and stays at each.

        `legs` are the place, and for how many seconds it stays there.
        """
        run = CameraRun(guarded(rule, zones=(LEFT_HALF,), lines=(MIDDLE,), **settings))
        x, at = legs[0][0], NINE
        for goal, seconds in legs:
            steps = max(1, round(abs(goal - x) / 0.04))
            way = [x + (goal - x) * (step + 1) / steps for step in range(steps)]
            for place in (*way, *[goal] * (2 * seconds)):
                run.see(frame([replace(person(place), label=label)], at=at))
                at += 500
            x = goal
        assert len({item.track_id for judged in run.judged for item in judged.seen}) == 1
        return run

    @pytest.mark.parametrize("away_s", [15, 60, 600])
    def test_somebody_who_stays_in_view_and_enters_again_is_another_situation(self, away_s):
        run = self.visits(self.LEFT_ONLY, (0.7, 5), (0.2, 20), (0.7, away_s), (0.2, 20))
        assert [state for state, _ in states(run)] == ["raised", "cleared", "raised"]
        first, _, second = (change.alert for change in run.alerts)
        assert first.alert_id == "nobody-here:gate_20261121T090000000Z#0"
        assert second.alert_id.startswith(f"{first.alert_id}:20261121T09")
        assert second.since > first.since
        run.wait_until(NINE + 99 * MINUTE)
        assert sum(count.entered["left-half"] for count in run.counts) == 2

    def test_each_of_many_visits_has_an_id_of_its_own(self):
        legs = [(0.7, 20), (0.2, 5)] * 5
        run = self.visits(self.LEFT_ONLY, *legs)
        assert len({c.alert.alert_id for c in run.alerts if c.state == "raised"}) == 5

    def test_whoever_is_back_before_the_alert_has_ended_is_in_the_same_situation(self):
        run = self.visits(self.LEFT_ONLY, (0.2, 20), (0.7, 1), (0.2, 20))
        assert life(run) == [("raised", 1)]

    def test_whoever_comes_back_to_an_open_alert_does_not_join_it_as_another_one(self):
        camera = guarded(self.LEFT_ONLY, zones=(LEFT_HALF,))
        run = CameraRun(camera)
        xs = [0.3] * 8 + [0.3 + 0.04 * n for n in range(1, 11)]
        for number, x in enumerate([*xs, *[0.7] * 40, *reversed(xs)]):
            run.see(frame([person(x), person(0.05)], at=NINE + number * 500))
        assert life(run) == [("raised", 2)]

    def test_a_parked_car_that_trembles_at_a_border_is_told_once(self):
        """Its bottom center is in the zone for a while and outside for a while, for two hours."""
        rule = replace(self.LEFT_ONLY, labels=("car",))
        run = CameraRun(guarded(rule, zones=(LEFT_HALF,)))
        for number in range(1_440):
            shaken = car(0.37 + 0.07 * (number // 6 % 2 if number > 3 else 0))
            run.see(frame([shaken], at=NINE + number * 5_000))
        changes = {judged.seen[0].zones for judged in run.judged}
        assert changes == {("left-half",), ()}
        assert [state for state, _ in states(run)].count("raised") == 1

    def test_a_car_that_parks_drives_off_and_comes_back_is_told_twice(self):
        rule = replace(self.LEFT_ONLY, labels=("car",))
        run = self.visits(rule, (0.7, 2), (0.3, 300), (0.7, 300), (0.3, 300), label="car")
        assert [state for state, _ in states(run)].count("raised") == 2

    def test_a_score_that_drops_is_no_leaving(self):
        run = CameraRun(guarded(replace(self.LEFT_ONLY, min_score=0.7), zones=(LEFT_HALF,)))
        for number in range(400):
            score = 0.6 if number // 50 % 2 else 0.8
            run.see(frame([person(0.2, score=score)], at=NINE + number * 500))
        assert [state for state, _ in states(run)] == ["raised", "cleared"]

    def test_whoever_crosses_a_line_again_later_is_another_situation(self):
        rule = replace(NOBODY_HERE, crosses=(Crossing("middle", "in"),))
        run = self.visits(rule, (0.7, 2), (0.2, 60), (0.7, 60), (0.2, 2))
        assert [state for state, _ in states(run)] == ["raised", "cleared", "raised"]

    def test_whoever_loiters_at_another_place_is_another_situation(self):
        rule = replace(NOBODY_HERE, loitering_ms=20_000)
        run = CameraRun(guarded(rule))
        xs = [0.1] * 80 + [0.1 + 0.02 * n for n in range(40)] + [0.9] * 80
        for number, x in enumerate(xs):
            item = Detection("person", 0.8, box(x, 0.4, 0.03, 0.1))
            run.see(frame([item], at=NINE + number * 500))
        assert len({item.track_id for judged in run.judged for item in judged.seen}) == 1
        assert [state for state, _ in states(run)] == ["raised", "cleared", "raised"]

    def test_each_period_of_a_schedule_is_another_situation(self):
        periods = tuple(Period(from_minute=540 + 10 * n, to_minute=545 + 10 * n) for n in range(3))
        rule = replace(NOBODY_HERE, labels=("car",), schedule=periods)
        run = CameraRun(guarded(rule)).see(*standing(car(), frames=25 * 60, every_ms=1_000))
        assert [state for state, _ in states(run)] == [*["raised", "cleared"] * 2, "raised"]

    def test_the_end_of_a_dwelling_is_a_leaving(self):
        rule = replace(self.LEFT_ONLY, dwell_ms=20_000)
        run = self.visits(rule, (0.2, 40), (0.7, 12), (0.2, 10), (0.7, 12), (0.2, 40))
        assert [state for state, _ in states(run)] == ["raised", "cleared", "raised"]

    def test_a_rule_that_was_removed_and_comes_back_is_another_situation(self):
        run = CameraRun(guarded()).see(*standing(person()))
        with_rule = run.camera
        run.camera = replace(with_rule, rules=())
        run.see(*standing(person(), at=NINE + 4_000))
        run.camera = with_rule
        run.see(*standing(person(), at=NINE + 8_000))
        assert [state for state, _ in states(run)] == ["raised", "cleared", "raised"]
        assert len({change.alert.alert_id for change in run.alerts}) == 2

    def test_it_is_remembered_across_a_restart(self):
        run = self.visits(self.LEFT_ONLY, (0.2, 20), (0.7, 20))
        run.state = restored(run.state)
        run.see(*walk(0.66, -0.04, 11, at=NINE + 70_000))
        assert [state for state, _ in states(run)] == ["raised", "cleared", "raised"]

    def test_state_of_a_program_that_never_let_go_is_read(self):
        old = msgspec.msgpack.encode({"nobody-here": {"gate#0": (0, 0, 0, True)}})
        state = msgspec.msgpack.decode(old, type=dict[str, Violations])
        assert state == {"nobody-here": {"gate#0": IN_ALERT}}

    def test_an_explanation_says_that_it_may_alert_again(self):
        run = self.visits(self.LEFT_ONLY, (0.2, 20), (0.7, 20))
        scene = Scene(run.camera, "f", NINE + 90_000, run.judged[-1].seen, living(run))
        (explanation,) = object_rules.explain(run.state.judge.rule_state, scene)
        (item,) = explanation.objects.values()
        assert next(one for one in item if one.name == "new").held


class TestConditions:
    def test_fewer_than_the_rule_counts_raise_nothing(self):
        rule = replace(NOBODY_HERE, count=3)
        assert not CameraRun(guarded(rule)).see(*standing(*crowd(2))).alerts
        assert life(CameraRun(guarded(rule)).see(*standing(*crowd(4)))) == [("raised", 4)]

    def test_an_alert_ends_when_the_crowd_becomes_smaller(self):
        scene = CameraRun(guarded(replace(NOBODY_HERE, count=3))).see(*standing(*crowd(3)))
        scene.see(*standing(*crowd(2), at=NINE + 4_000, frames=30))
        assert life(scene) == [("raised", 3), ("cleared", 3)]

    def test_a_short_stay_in_a_zone_is_no_dwelling(self):
        rule = replace(NOBODY_HERE, zones=("left-half",), dwell_ms=20_000)
        camera = guarded(rule, zones=(LEFT_HALF,))
        # Outside for as long, so that only the time within counts.
        frames = [*standing(person(0.7), frames=60), *walk(0.66, -0.04, 8, at=NINE + 30_000)]
        scene = CameraRun(camera).see(*frames, *standing(person(0.34), at=NINE + 34_000, frames=60))
        entered_at = next(
            judged.found.frame.captured_at
            for judged in scene.judged
            if judged.seen[0].dwell_ms.get("left-half")
        )
        assert [state for state, _ in states(scene)] == ["raised"]
        assert 20_000 <= scene.alerts[0].at - entered_at + 500 < 23_000

    def test_without_a_zone_dwelling_is_being_in_view(self):
        scene = CameraRun(guarded(replace(NOBODY_HERE, dwell_ms=10_000)))
        scene.see(*walk(0.02, 0.01, 60))
        assert scene.alerts[0].at == NINE + 10_000 + 2 * 500
        assert "there for 11 s" in scene.alerts[0].alert.reason

    @pytest.mark.parametrize(
        ("places", "loiters"),
        [
            ([0.5] * 60, True),  # stands
            ([0.5 + 0.06 * abs(n % 24 - 12) / 12 for n in range(60)], True),  # to and fro
            ([0.01 + 0.014 * n for n in range(60)], False),  # goes slowly past
        ],
    )
    def test_staying_around_one_place_is_loitering(self, places, loiters):
        rule = replace(NOBODY_HERE, loitering_ms=20_000)
        scene = CameraRun(guarded(rule))
        for number, x in enumerate(places):
            item = Detection("person", 0.8, box(x, 0.4, 0.03, 0.1))
            scene.see(frame([item], at=NINE + number * 500))
        assert len({item.track_id for j in scene.judged for item in j.seen}) == 1
        assert bool(scene.alerts) == loiters
        assert all(", loitering for 2" in change.alert.reason for change in scene.alerts)

    @pytest.mark.parametrize(("way", "raised_at"), [("in", 11), ("out", 17), ("any", 11)])
    def test_a_line_is_crossed_one_way_or_any(self, way, raised_at):
        rule = replace(NOBODY_HERE, crosses=(Crossing("middle", way),))
        scene = CameraRun(guarded(rule, lines=(MIDDLE,))).see(*there_and_back())
        assert [state for state, _ in states(scene)] == ["raised"]
        assert abs(scene.alerts[0].at - NINE - raised_at * 500) <= 2_000
        kind = "in" if way == "any" else way
        assert scene.alerts[0].alert.reason.startswith(
            f"A person crossed the line middle {kind}wards, seen at "
        )

    def test_each_crossing_counts(self):
        rule = replace(NOBODY_HERE, crosses=(Crossing("middle", "out"),))
        scene = CameraRun(guarded(rule, lines=(MIDDLE,)))
        for number in range(24):
            x = 0.2 + 0.03 * number
            scene.see(frame([person(x, 0.1), person(x - 0.15, 0.6)], at=NINE + number * 500))
        assert life(scene) == [("raised", 1), ("updated", 2)]

    def test_another_line_is_not_meant(self):
        rule = replace(NOBODY_HERE, crosses=(Crossing("middle", "any"),))
        other = Line("other", (0.5, 0.0), (0.5, 1.0))
        assert not CameraRun(guarded(rule, lines=(other,))).see(*there_and_back()).alerts

    def test_a_rule_holds_by_its_schedule_only(self):
        at_ten = replace(NOBODY_HERE, schedule=(Period(from_minute=600, to_minute=660),))
        scene = CameraRun(guarded(at_ten, timezone="Europe/Vienna"))
        assert life(scene.see(*standing(person()))) == [("raised", 1)]
        assert "between 10:00 and 11:00, seen" in scene.alerts[0].alert.reason
        assert not CameraRun(guarded(at_ten)).see(*standing(person())).alerts

    def test_an_alert_ends_with_its_schedule(self):
        rule = replace(NOBODY_HERE, schedule=(Period(to_minute=9 * 60 + 1),))
        scene = CameraRun(guarded(rule)).see(*standing(person(), frames=200))
        assert [state for state, _ in states(scene)] == ["raised", "cleared"]

    def test_without_labels_ignored_labels_violate_no_rule(self):
        rule = replace(NOBODY_HERE, labels=())
        scene = CameraRun(guarded(rule, ignored_labels=("car",))).see(*standing(car(), person()))
        assert [change.alert.label for change in scene.alerts] == ["person"]
        assert life(CameraRun(guarded(rule)).see(*standing(car(), person()))) == [("raised", 2)]

    def test_a_rule_that_names_an_ignored_label_applies_to_it(self):
        rule = replace(NOBODY_HERE, labels=("car",))
        assert CameraRun(guarded(rule, ignored_labels=("car",))).see(*standing(car())).alerts


class TestWarmUp:
    COLD = guarded(warm_up_ms=10_000)

    def test_objects_present_at_the_start_are_one_alert_after_the_warm_up(self):
        scene = CameraRun(self.COLD).see(*standing(person(0.1), person(0.7), frames=40))
        assert life(scene) == [("raised", 2)]
        assert scene.alerts[0].at == NINE + 10_000

    def test_objects_that_left_during_the_warm_up_raise_nothing(self):
        assert not CameraRun(self.COLD).see(*standing(person()), *empty(40, at=NINE + 4_000)).alerts

    def test_a_crossing_is_raised_at_once(self):
        rule = replace(NOBODY_HERE, crosses=(Crossing("middle", "in"),))
        camera = guarded(rule, lines=(MIDDLE,), warm_up_ms=60_000)
        assert CameraRun(camera).see(*there_and_back()).alerts

    def test_a_camera_that_was_away_for_long_warms_up_again(self):
        scene = CameraRun(self.COLD).see(*empty(2, at=NINE))
        scene.see(*standing(person(), at=NINE + 10 * MINUTE, frames=40))
        assert scene.alerts[0].at == NINE + 10 * MINUTE + 10_000

    def test_a_short_absence_is_none(self):
        scene = CameraRun(self.COLD).see(*empty(2, at=NINE))
        scene.see(*standing(person(), at=NINE + MINUTE))
        assert scene.alerts[0].at == NINE + MINUTE + 1_000


ODD = "{alert.rule} %s\r\nBcc: all@example.org \x00<b>{0}"


def test_names_are_put_into_the_sentence_as_they_are_and_never_read():
    zone = replace(LEFT_HALF, name=ODD)
    rule = replace(NOBODY_HERE, labels=(ODD,), zones=(ODD,))
    item = Detection(ODD, 0.8, box())
    (change,) = CameraRun(guarded(rule, zones=(zone,))).see(*standing(item)).alerts
    assert change.alert.reason.startswith(
        "A {alert.rule} %s??Bcc: all@example.org ?<b>{0} in {alert"
    )
    assert change.alert.reason.isprintable()
    assert as_json(change)[1]["label"] == ODD


RULES = (
    NOBODY_HERE,
    Rule("crowd", ("person",), count=2, frames=2, clear_after_ms=3_000),
    Rule("left", (), zones=("left-half",), dwell_ms=2_000, clear_after_ms=4_000),
    Rule("lingering", ("person", "car"), loitering_ms=5_000, min_score=0.5),
    Rule("over", ("person",), crosses=(Crossing("middle", "any"),), clear_after_ms=2_000),
    Rule("late", ("car",), schedule=(Period(from_minute=540, to_minute=541),)),
    Rule("away", about="offline", clear_after_ms=5_000),
)
ALL_KINDS = guarded(*RULES, zones=(LEFT_HALF,), lines=(MIDDLE,), ignored_labels=("car",))
PLACES = st.lists(
    st.tuples(st.sampled_from(["person", "car"]), st.sampled_from([0.05, 0.3, 0.42, 0.5, 0.7])),
    max_size=3,
    unique_by=lambda item: item[1],
)
STORIES = st.lists(
    st.tuples(PLACES, st.integers(1, 12), st.sampled_from([500, 500, 2_000, 20_000])),
    min_size=1,
    max_size=8,
)


def frames_of(story):
    at = NINE
    for places, number, pause_ms in story:
        items = [Detection(label, 0.6, box(x, 0.4)) for label, x in places]
        for _ in range(number):
            yield frame(items, at=at)
            at += 500
        at += pause_ms


@given(STORIES)
def test_whatever_happens_one_situation_is_one_alert_and_restarts_change_nothing(story):
    scene, restarted = CameraRun(ALL_KINDS), CameraRun(ALL_KINDS)
    for found in frames_of(story):
        scene.see(found)
        restarted.state = restored(restarted.state)
        restarted.see(found)
    assert scene.finish().outputs == restarted.finish().outputs
    opened: dict[str, str] = {}
    for change in scene.alerts:
        alert = change.alert
        if change.state == "raised":
            assert alert.rule not in opened, "two at once"
            opened[alert.rule] = alert.alert_id
        assert opened[alert.rule] == alert.alert_id
        if change.state == "cleared":
            del opened[alert.rule]
    raised = [change.alert for change in scene.alerts if change.state == "raised"]
    assert len({alert.alert_id for alert in raised}) == len(raised)
    assert not opened


@given(STORIES)
def test_an_explanation_agrees_with_the_judgement(story):
    run = CameraRun(replace(ALL_KINDS, warm_up_ms=3_000))
    for found in frames_of(story):
        before, emitted = run.state.judge.rule_state, len(run.alerts)
        run.see(found)
        judged = run.judged[-1]
        raised = {c.alert.rule for c in run.alerts[emitted:] if c.state == "raised"}
        cleared = {c.alert.rule for c in run.alerts[emitted:] if c.state == "cleared"}
        scene = Scene(
            run.camera,
            judged.frame_id,
            found.frame.captured_at,
            judged.seen,
            living(run),
            hidden=judged.frame.hidden,
        )
        before = replace(before, warm_at=run.state.judge.rule_state.warm_at)
        for rule in object_rules.explain(before, scene):
            if rule.rule == "over":
                continue  # crossings are not in the record of a frame
            held = all(one.held for one in rule.conditions)
            fresh = any(all(one.held for one in item) for item in rule.objects.values())
            still_open = rule.rule in {alert.rule for alert in before.alerts} - cleared
            assert (rule.rule in raised) == (held and fresh and not still_open)


def test_an_explanation_names_what_was_wanted_and_what_was_found():
    rule = replace(NOBODY_HERE, zones=("left-half",), min_score=0.9, count=2)
    camera = guarded(rule, zones=(LEFT_HALF,))
    run = CameraRun(camera).see(*standing(person(0.7), frames=2))
    scene = Scene(camera, "f", NINE + 500, run.judged[-1].seen, living(run))
    (explanation,) = object_rules.explain(run.state.judge.rule_state, scene)
    (item,) = explanation.objects.values()
    assert [(c.name, c.held, c.wanted, c.found) for c in (*item, *explanation.conditions)] == [
        ("label", True, "person", "person"),
        ("min_score", False, "at least 0.90", "0.80"),
        ("zones", False, "left-half", "none"),
        ("frames", False, "at least 3", "0"),
        ("new", True, "in no alert before", "none"),
        ("count", False, "at least 2", "0"),
        ("warm_up_s", True, "at least 0 s", "0 s left"),
    ]
    assert explanation.alert_id is None


class TestAbsence:
    AWAY = Rule("away", about="offline", for_ms=60_000, level=3, clear_after_ms=20_000)
    CAMERA = guarded(AWAY)

    def test_a_camera_that_is_away_for_long_enough_raises_an_alert(self):
        scene = CameraRun(self.CAMERA).see(*empty(3, at=NINE)).wait_until(NINE + MINUTE)
        assert not scene.alerts
        scene.wait_until(NINE + MINUTE + 1_000).wait_until(NINE + 99 * MINUTE)
        (change,) = scene.alerts
        assert (change.state, change.at, change.alert.label) == ("raised", NINE + 61_000, None)
        assert change.alert.alert_id == "away:gate_20261121T090101000Z"
        assert change.alert.reason == "No picture since 09:00:01: the camera is offline."

    def test_it_ends_when_the_camera_has_been_back_for_some_time(self):
        scene = CameraRun(self.CAMERA).see(*empty(1, at=NINE), *empty(60, at=NINE + 5 * MINUTE))
        raised, cleared = scene.alerts
        assert (raised.at, cleared.at) == (NINE + MINUTE, NINE + 5 * MINUTE + 20_000)

    def test_a_camera_that_is_back_for_a_moment_was_not_back(self):
        scene = CameraRun(self.CAMERA).see(*empty(1, at=NINE), *empty(2, at=NINE + 5 * MINUTE))
        scene.wait_until(NINE + 9 * MINUTE)
        assert [change.state for change in scene.alerts] == ["raised"]

    def test_a_timer_is_set_for_it(self):
        scene = CameraRun(self.CAMERA).see(*empty(1, at=NINE))
        deadlines = []
        while (deadline := scene.deadline()) is not None:
            scene.wait_until(deadline)
            deadlines.append(deadline)
        assert NINE + MINUTE in deadlines
        assert len(deadlines) == len(set(deadlines))

    def test_a_short_absence_raises_nothing(self):
        scene = CameraRun(self.CAMERA).see(*empty(1, at=NINE), *empty(2, at=NINE + 50_000))
        assert not scene.alerts

    def test_a_camera_that_motion_makes_send_may_be_without_pictures(self):
        camera = replace(self.CAMERA, motion=Motion("trigger"))
        assert not CameraRun(camera).see(*empty(1, at=NINE)).wait_until(NINE + 9 * MINUTE).alerts

    def test_the_end_of_a_history_is_no_absence(self):
        assert not CameraRun(self.CAMERA).see(*empty(3, at=NINE)).finish().alerts


class TestWrongClock:
    CAMERA = guarded(Rule("clock", about="clock-wrong", for_ms=10_000, clear_after_ms=5_000))

    def wrong(self, at, frames):
        return [frame(at=at + n * 500, camera_at=at + n * 500 + 3_600_000) for n in range(frames)]

    def test_a_clock_that_stays_wrong_is_one_alert_until_it_is_right(self):
        scene = CameraRun(self.CAMERA).see(*self.wrong(NINE, 60), *empty(20, at=NINE + 30_000))
        raised, cleared = scene.alerts
        assert (raised.at, cleared.at) == (NINE + 10_000, NINE + 29_500 + 5_000)
        assert raised.alert.reason == (
            "The camera's clock has been wrong since 09:00:00: 60 min ahead."
        )

    def test_after_a_long_time_offline_a_clock_that_is_still_wrong_raises_again(self):
        scene = CameraRun(self.CAMERA).see(*self.wrong(NINE, 40), *self.wrong(NINE + MINUTE, 40))
        assert [change.state for change in scene.alerts] == ["raised", "cleared", "raised"]
        assert len({change.alert.alert_id for change in scene.alerts}) == 2

    def test_one_that_is_soon_right_again_is_not(self):
        assert (
            not CameraRun(self.CAMERA)
            .see(*self.wrong(NINE, 10), *empty(40, at=NINE + 5_000))
            .alerts
        )


def test_a_zone_of_the_rule_is_named_and_others_are_not():
    whole = Zone("whole", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
    camera = guarded(replace(NOBODY_HERE, zones=("whole",)), zones=(LEFT_HALF, whole))
    (change,) = CameraRun(camera).see(*standing(person())).alerts
    assert change.alert.reason.startswith(
        "A person in the whole, seen in 3 pictures since 09:00:00"
    )
