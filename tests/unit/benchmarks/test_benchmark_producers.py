import io

import numpy as np
import pytest
from rich.console import Console

from benchmarks.camera_load import CameraUsage, idle_gate_ms, passed_share, still_life
from benchmarks.producers import cameras_table, shares_table, sum_up, ways_table
from benchmarks.publishing import PLAIN, WAYS


def printed(table):
    console = Console(width=100, file=io.StringIO())
    console.print(table)
    return console.file.getvalue()


def test_a_way_is_compared_with_the_plain_loop_of_the_same_round():
    ways = sum_up({PLAIN: [1000.0, 500.0], "live": [900.0, 400.0]})

    assert (ways["live"].ratio.min, ways["live"].ratio.max) == (0.8, 0.9)
    assert ways["live"].frames_a_second.median == 650
    assert ways[PLAIN].ratio.median == 1


def test_all_ways_stand_in_the_table():
    text = printed(ways_table(sum_up({name: [1234.0] for name in WAYS})))

    assert all(name in text for name in WAYS)
    assert text.count("1234 … 1234") == len(WAYS)


def test_what_was_dropped_stands_in_the_table():
    views = {"busy": CameraUsage(0.5, 1400, {"no-motion": 100}), "still": CameraUsage(0.2, 40, {})}

    text = printed(cameras_table(views, 1.25))

    assert "0.50       1400  100 no-motion" in text
    assert "1.25 ms" in text
    assert "40%" in printed(shares_table({"street": 0.4}))


@pytest.mark.parametrize("clip", ["plaza", "street"])
def test_the_share_of_a_clip_is_a_share(clip):
    assert 0 < passed_share(clip, 1.0) <= 1


def test_a_still_life_has_noise_and_a_gate_takes_time_for_it():
    shown = still_life(np.full((48, 64, 3), 90, np.uint8))

    assert (shown[0] != shown[1]).any()
    assert idle_gate_ms(shown) > 0
