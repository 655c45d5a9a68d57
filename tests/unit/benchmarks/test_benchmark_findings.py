"""What the parts show and write: every figure is there, and fits."""

import io
from itertools import islice

import msgspec
import pytest
from rich.console import Console

from benchmarks import latency, throughput
from benchmarks.accounts import FrameTotals
from benchmarks.checkpoints import Checkpoints
from benchmarks.hostile import NOBODY, Attacked, hostile_table, ratios_of_p99
from benchmarks.latency import Level, level_totals
from benchmarks.load_generator import LoadReport, Sent
from benchmarks.page_openings import Opening, openings_table
from benchmarks.pictures_out import Load, ages_table, p99_ratio, pictures_table, together
from benchmarks.rate import Stretch
from benchmarks.throughput import (
    BARE_LOOP,
    PLAIN_CONSUMER,
    THIS_SYSTEM,
    Run,
    split_usage,
    sum_up,
)
from benchmarks.usage import BENCHMARK, OTHERS, STOLEN, Memory

BARE = [Run(20.0, 16.0, {"benchmark": 80.0}, 0.0), Run(10.0, 16.0, {"benchmark": 90.0}, 1.0)]
OURS = [
    Run(18.0, 12.0, {"detector": 81.0, "kafka": 4.0}, 0.0),
    Run(8.0, 4.0, {"detector": 91.0}, 1.0),
]


def printed(table):
    console = Console(width=100, file=io.StringIO())
    console.print(table)
    return console.file.getvalue()


def a_level():
    busy = {"worker: write-elasticsearch": 0.05, "detector": 1.234, OTHERS: 0.5, STOLEN: 0.0}
    jobs = ("detection", "serving-elasticsearch", "serving-redis")
    return Level(
        sent=LoadReport(
            started_at="2026-11-21T09:00:00.000Z",
            rate=54.32,
            lag_ms={"p50": 0.1, "p99": 12.3, "max": 45.6},
            cameras={"load300-01": Sent(published=300, dropped={})},
        ),
        results_a_second=17.25,
        batch_size=3.5,
        age_ms={"p50": 812, "p95": 1234, "p99": 1567, "max": 1999},
        checkpoints={job: Checkpoints(4, 0, last_ms=321, max_ms=1654) for job in jobs},
        cores=busy,
        memory_mb={
            "worker: write-elasticsearch": Memory(193, 126),
            "redis": Memory(4, None),
        },
    )


def a_fate(*, balanced=True):
    drops = {"overload": 1234, "stale": 321, "superseded": 1111}
    return level_totals({"load300-01": FrameTotals(3000, 334, drops, {})}, balanced=balanced)


def test_ways_are_compared_round_by_round():
    way = sum_up(OURS, BARE)

    assert (way.ratio.min, way.ratio.max) == (0.8, 0.9)
    assert way.pictures_a_second.median == 13
    assert way.cpu_ms_a_picture.max == 91.0
    assert way.cpu_ms_by_process == {"detector": 86.0, "kafka": 2.0}


def test_a_way_pays_for_its_own_processes_and_suffers_from_all_others():
    cores = {"detector": 1.0, "kafka": 0.2, BENCHMARK: 0.1, OTHERS: 0.3, STOLEN: 0.05}
    stretch = Stretch(start=0, end=10, pictures=100, batches=10)

    ours = split_usage(THIS_SYSTEM, stretch, cores)
    plain = split_usage(PLAIN_CONSUMER, stretch, cores)

    assert ours.cpu_ms == {"detector": 100, "kafka": 20}
    assert ours.foreign == pytest.approx(0.45)
    assert plain.cpu_ms == {"kafka": 20, BENCHMARK: 10}
    assert plain.foreign == pytest.approx(1.35)


def test_the_table_of_ways_shows_rate_ratio_and_cost():
    text = printed(
        throughput.ways_table({BARE_LOOP: sum_up(BARE, BARE), THIS_SYSTEM: sum_up(OURS, BARE)})
    )

    row = next(line for line in text.splitlines() if line.strip().startswith(THIS_SYSTEM))
    assert row.split()[2:] == ["13.00", "8.00", "…", "18.00", "85%", "8.0", "88.0", "0.50"]


@pytest.mark.parametrize(
    ("table", "cells"),
    [
        (lambda: throughput.processor_table(sum_up(OURS, BARE)), ["detector", "86.0"]),
        (
            lambda: latency.age_table({"300%": a_level()}, throughput=17.25),
            ["54.3", "12.3", "17.25", "100%", "3.5", "812", "1234", "1567", "1999"],
        ),
        (
            lambda: latency.totals_table({"300%": a_fate()}),
            ["3000", "334", "11.1%", "overload 1234", "stale 321", "superseded 1111"],
        ),
        (
            lambda: latency.checkpoint_table({name: a_level() for name in ("50%", "80%", "300%")}),
            ["serving-elasticsearch", "321 / 1654 (4)"],
        ),
        (
            lambda: latency.process_table({n: a_level().cores for n in ("idle", "50%", "300%")}),
            ["worker: write-elasticsearch", "1.23", OTHERS, STOLEN],
        ),
        (
            lambda: latency.memory_table({name: a_level() for name in ("50%", "80%", "300%")}),
            ["126 (193)", "redis"],
        ),
    ],
)
def test_a_table_is_readable_at_100_columns(table, cells):
    text = printed(table())

    assert all(cell in text for cell in cells)
    assert "\u2026" not in text  # nothing is cut off


def test_accounts_that_do_not_balance_stand_out():
    assert "NO" in printed(latency.totals_table({"80%": a_fate(balanced=False)}))
    assert "NO" not in printed(latency.totals_table({"80%": a_fate()}))


def test_a_level_without_results_can_be_shown():
    level = a_level()
    silent = Level(level.sent, 0.0, 0.0, {}, {}, level.cores, {})

    assert printed(latency.age_table({"300%": silent}, throughput=10)).count("-") >= 4
    printed(latency.checkpoint_table({"50%": silent, "80%": level}))


def test_figures_are_json_with_all_parts_of_a_level():
    text = msgspec.json.encode({"seen": a_level(), "frames": a_fate(), "way": sum_up(OURS, BARE)})

    figures = msgspec.json.decode(text)
    assert figures["seen"]["age_ms"]["p99"] == 1567
    assert figures["seen"]["sent"]["cameras"]["load300-01"]["published"] == 300
    assert figures["frames"]["accounts"]["dropped"]["overload"] == 1234
    assert figures["way"]["ratio"]["median"] == pytest.approx(0.85)
    assert list(islice(figures, 3)) == ["seen", "frames", "way"]


def attacked(p99, hostile=0):
    sent = LoadReport(
        started_at="2026-11-21T09:00:00.000Z",
        rate=4.0,
        lag_ms={"p50": 0.1, "p99": 12.3, "max": 45.6},
        cameras={"good-01": Sent(published=30, dropped={}), "good-02": Sent(12, {})},
    )
    ages = {"p50": 80, "p95": 90, "p99": p99, "max": 321} if p99 else {}
    return Attacked(sent, 42, hostile, ages)


def test_an_attack_is_held_against_the_time_with_nobody_hostile():
    found = {NOBODY: attacked(200), "huge": attacked(290, 4_567), "bombs": attacked(0, 89)}

    assert ratios_of_p99(found) == {NOBODY: 1.0, "huge": 1.45}
    shown = printed(hostile_table(found, dict.fromkeys(found, 41), balanced=True))
    assert "4567" in shown
    assert "1.45" in shown
    assert "42" in shown
    assert "41" in shown
    assert "BALANCE" not in shown


def test_accounts_that_do_not_balance_are_said_above_the_table():
    found = {NOBODY: attacked(0)}

    assert ratios_of_p99(found) == {}
    assert "DO NOT BALANCE" in printed(hostile_table(found, {NOBODY: 41}, balanced=False))


def load(*ages_ms, **figures):
    none = {
        "results": len(ages_ms),
        "archived": 0,
        "shown_ages_ms": [],
        "cores": 0.0,
        "pages_cores": 0.02,
        "memory": None,
    }
    return Load(sent=attacked(200).sent, ages_ms=list(ages_ms), **none | figures)


def test_pictures_that_are_shown_and_kept_are_held_against_the_time_without():
    loads = {
        "nobody": [load(80, 200), load(90, 200)],
        "archived": [
            load(80, 210, archived=41, cores=0.50, memory=Memory(251, None)),
            load(321, archived=2, cores=0.64, memory=Memory(249, None)),
        ],
        "watched": [load(shown_ages_ms=[345.0] * 100), load(shown_ages_ms=[345.0] * 110)],
    }

    found = {way: together(each, seconds=4) for way, each in loads.items()}

    assert p99_ratio(found["nobody"], found["archived"]) == 1.59
    assert p99_ratio(found["nobody"], found["watched"]) is None
    shown = printed(ages_table(found))
    for figure in ("1.59", "209, 321", "199, 199"):
        assert figure in shown
    shown = printed(pictures_table(found))
    for figure in ("43", "0.57", "251", "5.25", "345"):
        assert figure in shown
    msgspec.json.encode(found)


def test_the_table_of_pages_shows_when_each_can_be_used():
    openings = [Opening(usable_ms=ms, complete_ms=ms + 200.4) for ms in (210.4, 1320.6, 399.6)]

    row = printed(openings_table({"live": openings})).splitlines()[-1]

    assert row.split() == ["live", "400", "210", "1321", "600", "411", "1521"]
