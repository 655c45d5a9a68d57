"""The figures of the seeing aid: who is there at once, what a core carries."""

import pytest

from benchmarks.eye import Carried, carried_table, cores_used, make_tokens, people_table
from benchmarks.eye_days import Load, simulate
from pycturestream.api.tokens import Tokens
from pycturestream.clock import now


def test_so_many_people_are_there_on_average_as_their_minutes_make():
    load = simulate(people=4_000, minutes_a_day=10, days=3, seed=1)
    assert load.mean == pytest.approx(4_000 * 10 / (24 * 60), rel=0.05)
    assert load.mean < load.busiest_hour < load.most


def test_nobody_is_there_more_often_than_everybody():
    load = simulate(people=5, minutes_a_day=10, days=2, seed=1)
    assert 1 <= load.most <= 5 * 4


def test_the_same_seed_makes_the_same_days():
    assert simulate(4_000, 10, 2, 7) == simulate(4_000, 10, 2, 7)
    assert simulate(4_000, 10, 2, 7) != simulate(4_000, 10, 2, 8)


def test_pictures_follow_from_people_and_interval():
    load = Load(4_000, 10, mean=30.0, busiest_hour=60.0, most=100)
    assert load.pictures_a_month(1.0) == 30 * 86_400 * 30
    assert load.pictures_a_second(0.5) == 200
    assert people_table(load).row_count == 3


def test_cores_are_counted_between_two_times():
    samples = [(0.0, 5.0), (1.0, 6.0), (2.0, 6.5), (3.0, 7.0), (4.0, 20.0)]
    assert cores_used(samples, 0.5, 3.5) == 0.5
    assert cores_used(samples, 9, 10) == 0


def test_what_a_core_carries_follows_from_what_was_used():
    carried = Carried(100, 100.0, {"p50": 3, "p95": 9}, {}, 0, 0.25, 90)
    assert carried.pictures_a_core == 400
    assert carried_table([carried]).row_count == 1


def test_its_tokens_are_tokens(tmp_path):
    path = tmp_path / "tokens.json"
    texts = make_tokens(path, 3)
    assert len({Tokens(path).holder(text, now(), "eye").camera_id for text in texts}) == 3
