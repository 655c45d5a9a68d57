from msgspec.structs import replace

from pycturestream.camera import Camera, Rule
from tests.scenes import (
    LEFT_HALF,
    NINE,
    NOBODY_HERE,
    Scene,
    car,
    empty,
    frame,
    person,
    walk,
)

GUARDED = Camera("gate", rules=(NOBODY_HERE,))


def states(scene):
    return [(change.state, change.alert.track_id) for change in scene.alerts]


def test_a_thing_raises_one_alert_when_it_has_been_seen_often_enough():
    scene = Scene(GUARDED).see(*walk(0.1, 0.02, 10))
    assert states(scene) == [("raised", "gate_20261121T090000000Z#0")]
    assert scene.alerts[0].at == NINE + 1_000


def test_a_thing_seen_too_seldom_raises_none():
    assert not Scene(GUARDED).see(*walk(0.1, 0.02, 2), *empty(8, at=NINE + 1_000)).alerts


def test_two_things_raise_two_alerts():
    scene = Scene(GUARDED)
    for number in range(5):
        scene.see(frame([person(0.1), person(0.7)], at=NINE + number * 500))
    assert len({alert_id for _, alert_id in states(scene)}) == 2


def test_an_alert_clears_when_its_thing_has_been_gone_for_long_enough():
    scene = Scene(GUARDED).see(*walk(0.1, 0.02, 4), *empty(30, at=NINE + 2_000))
    assert [state for state, _ in states(scene)] == ["raised", "cleared"]
    raised, cleared = scene.alerts
    assert cleared.at == NINE + 1_500 + NOBODY_HERE.clear_after_ms
    assert cleared.alert.alert_id == raised.alert.alert_id
    assert cleared.alert.revision > raised.alert.revision


def test_an_alert_clears_when_the_camera_falls_silent():
    scene = Scene(GUARDED).see(*walk(0.1, 0.02, 4)).wait_until(NINE + 60_000)
    assert [state for state, _ in states(scene)] == ["raised", "cleared"]


def test_a_thing_that_stays_keeps_its_one_alert_open():
    parked = replace(GUARDED, rules=(Rule("no-parking", ("car",), frames=3),))
    scene = Scene(parked)
    for number in range(600):
        scene.see(frame([car()], at=NINE + number * 500))
    assert [state for state, _ in states(scene)] == ["raised"]


def test_a_thing_that_leaves_the_zone_and_comes_back_does_not_alert_again():
    camera = Camera("gate", zones=(LEFT_HALF,), rules=(replace(NOBODY_HERE, zones=("left-half",)),))
    positions = [0.4] * 6 + [0.44] + [0.48] * 30 + [0.44] + [0.4] * 6
    scene = Scene(camera)
    for number, x in enumerate(positions):
        scene.see(frame([person(x)], at=NINE + number * 500))
    assert len({thing.track.track_id for judged in scene.judged for thing in judged.seen}) == 1
    assert [state for state, _ in states(scene)] == ["raised", "cleared"]


def test_a_parked_car_does_not_alert_again_after_a_pause_of_the_whole_system():
    parked = replace(GUARDED, rules=(Rule("no-parking", ("car",), frames=3),))
    scene = Scene(parked)
    for number in range(40):
        scene.see(frame([car()], at=NINE + number * 500))
    for number in range(40):
        scene.see(frame([car()], at=NINE + 60_000 + number * 500))
    assert [state for state, _ in states(scene)] == ["raised", "cleared"]


def test_a_detector_that_misses_now_and_then_does_not_prevent_an_alert():
    scene = Scene(GUARDED)
    for number in range(8):
        scene.see(frame([person()] if number % 2 == 0 else [], at=NINE + number * 500))
    assert [state for state, _ in states(scene)] == ["raised"]


def test_only_labels_of_the_rule_count():
    scene = Scene(GUARDED)
    for number in range(5):
        scene.see(frame([car()], at=NINE + number * 500))
    assert not scene.alerts


def test_only_things_that_stand_in_the_zone_count():
    camera = Camera("gate", zones=(LEFT_HALF,), rules=(replace(NOBODY_HERE, zones=("left-half",)),))
    left, right = Scene(camera), Scene(camera)
    left.see(*walk(0.2, 0.0, 4))
    right.see(*walk(0.7, 0.0, 4))
    assert [change.alert.zones for change in left.alerts] == [("left-half",)]
    assert not right.alerts


def test_a_weak_detection_does_not_count_where_the_rule_asks_for_more():
    scene = Scene(Camera("gate", rules=(replace(NOBODY_HERE, min_score=0.85),)))
    assert not scene.see(*walk(0.2, 0.0, 6)).alerts


def test_the_threat_stands_in_the_picture_that_shows_it():
    scene = Scene(GUARDED).see(*walk(0.1, 0.02, 4), frame(at=NINE + 2_000))
    threats = [[alert.rule for alert in judged.threats] for judged in scene.judged]
    assert threats == [[], [], ["nobody-here"], ["nobody-here"], []]
