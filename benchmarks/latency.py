"""Live: the age of a result at a subscriber of Redis, under low load and under overload.

The load is open: frames come by schedule, whatever the system does with them, and their age counts
from then.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from benchmarks.accounts import FrameTotals, add, balanced_accounts
from benchmarks.bench import Bench, Finding, make_table
from benchmarks.checkpoints import Checkpoints, checkpoints
from benchmarks.load_generator import LoadReport, loading, read_report
from benchmarks.pictures import write_folder
from benchmarks.plan import CAMERAS, OVERLOAD, SHARES
from benchmarks.spread import POINTS, Fairness, fairness, percentiles
from benchmarks.subscriber import listen, subscribed, wake
from benchmarks.throughput import measure_this_system
from benchmarks.usage import INTERVAL_S, Memory
from pycturestream.domain.times import parse_rfc3339


@dataclass(frozen=True, slots=True)
class Level:
    """The figures of one load."""

    sent: LoadReport
    results_a_second: float
    batch_size: float
    """Frames that were processed in one call, on average."""
    age_ms: Mapping[str, int]
    """From the scheduled capture to the subscriber, of the processed frames."""
    checkpoints: Mapping[str, Checkpoints]
    """By job."""
    cores: Mapping[str, float]
    """Kept busy, by process."""
    memory_mb: Mapping[str, Memory]
    """By process, after the load."""


@dataclass(frozen=True, slots=True)
class LevelTotals:
    """The outcomes of a level's frames, by the system's accounts."""

    accounts: FrameTotals
    """Of all cameras together, from the first frame to the last."""
    processed_share: Fairness
    balanced: bool
    """Whether the accounts hold exactly what the broker acknowledged."""


def measure(bench: Bench) -> Finding:
    """Load the system at each level, then wait until its accounts are complete.

    Overload shows the capacity of live mode; the lower loads are shares of that.
    """
    throughput = bench.throughput or measure_this_system(bench)
    pictures = write_folder(bench.jpegs, bench.settings.data_folder / "pictures")
    wake(bench, pictures)
    began = int(time.time() * 1000)
    idle = _rest(bench)
    overloaded = _measure_level(bench, pictures, OVERLOAD, throughput)
    capacity = overloaded.results_a_second
    levels = {f"{share:.0%}": _measure_level(bench, pictures, share, capacity) for share in SHARES}
    levels[f"{OVERLOAD:.0%}"] = overloaded
    bench.report("latency", "waiting for the accounts")
    totals = _totals(bench, levels, began)
    return Finding(
        {
            "throughput": throughput,
            "capacity": capacity,
            "cameras": CAMERAS,
            "idle_cores": idle,
            "levels": {name: {"seen": levels[name], "frames": totals[name]} for name in levels},
        },
        [
            age_table(levels, throughput),
            totals_table(totals),
            checkpoint_table(levels),
            process_table({"idle": idle, **{name: levels[name].cores for name in levels}}),
            memory_table(levels),
        ],
    )


def age_table(levels: Mapping[str, Level], throughput: float) -> Table:
    table = make_table(
        "Live: age of a result at a subscriber of Redis, ms",
        ("load", "frames/s", "late p99", "results/s", "of a replay", "batch", *POINTS),
    )
    for name, level in levels.items():
        table.add_row(
            name,
            f"{level.sent.rate:.1f}",
            f"{level.sent.lag_ms['p99']:.1f}",
            f"{level.results_a_second:.2f}",
            f"{level.results_a_second / throughput:.0%}",
            f"{level.batch_size:.1f}",
            *(str(level.age_ms.get(point, "-")) for point in POINTS),
        )
    return table


def totals_table(totals: Mapping[str, LevelTotals]) -> Table:
    table = make_table(
        "What became of the frames",
        ("load", "received", "processed", "fair", "least", "most", "not processed", "balanced"),
    )
    for name, one in totals.items():
        reasons = {**one.accounts.dropped, **one.accounts.dead_letters}
        share = one.processed_share
        table.add_row(
            name,
            str(one.accounts.received),
            str(one.accounts.processed),
            *(f"{part:.1%}" for part in (share.fair, share.min, share.max)),
            "\n".join(f"{reason} {number}" for reason, number in reasons.items()) or "none",
            "yes" if one.balanced else "NO",
        )
    return table


def checkpoint_table(levels: Mapping[str, Level]) -> Table:
    table = make_table("Checkpoints, ms: last / longest (how many)", ("job", *levels))
    for job in sorted({job for level in levels.values() for job in level.checkpoints}):
        table.add_row(job, *(_took(level.checkpoints.get(job)) for level in levels.values()))
    return table


def process_table(cores: Mapping[str, Mapping[str, float]]) -> Table:
    """Show the cores that each process kept busy, by load."""
    table = make_table("Cores kept busy", ("process", *cores))
    names = dict.fromkeys(name for each in list(cores.values())[::-1] for name in each)
    for name in names:
        table.add_row(name, *(f"{each.get(name, 0.0):.2f}" for each in cores.values()))
    return table


def memory_table(levels: Mapping[str, Level]) -> Table:
    table = make_table("Memory, MB: proportional (resident)", ("process", *levels))
    names = dict.fromkeys(name for level in levels.values() for name in level.memory_mb)
    for name in names:
        table.add_row(name, *(_held(level.memory_mb.get(name)) for level in levels.values()))
    return table


def _took(checkpoints: Checkpoints | None) -> str:
    if checkpoints is None or not checkpoints.completed:
        return "none"
    failed = f", {checkpoints.failed} failed" if checkpoints.failed else ""
    return f"{checkpoints.last_ms} / {checkpoints.max_ms} ({checkpoints.completed}{failed})"


def _held(memory: Memory | None) -> str:
    if memory is None:
        return ""
    return (
        f"{memory.resident}"
        if memory.proportional is None
        else f"{memory.proportional} ({memory.resident})"
    )


def _rest(bench: Bench) -> dict[str, float]:
    """Return the cores that a system without frames keeps busy."""
    bench.report("latency", "at rest")
    time.sleep(INTERVAL_S)  # a window reaches back to the sample before it
    start = time.time()
    time.sleep(bench.plan.settle_s)
    return bench.recorder.cores(start, time.time())


def _measure_level(bench: Bench, pictures: Path, share: float, whole: float) -> Level:
    plan = bench.plan
    prefix, asked = f"load{share * 100:.0f}", share * whole
    bench.report("latency", f"{prefix}: {asked:.1f} frames/s of {CAMERAS} cameras")
    load = loading(pictures, prefix, asked / CAMERAS, plan.settle_s + plan.listen_s)
    with subscribed(bench, prefix) as pushes, load as process:
        received = list(listen(pushes, process))
        memory = bench.recorder.memory()
        sent = read_report(process)
    start = parse_rfc3339(sent.started_at) + plan.settle_s * 1000
    end = start + plan.listen_s * 1000
    results = [result for result in received if start <= result.received_at < end]
    return Level(
        sent=sent,
        results_a_second=len(results) / plan.listen_s,
        batch_size=len(results) / max(1, len({result.processed_at for result in results})),
        age_ms=percentiles(
            [
                result.received_at - result.captured_at
                for result in received
                if start <= result.captured_at < end
            ]
        ),
        checkpoints=checkpoints(bench.settings, start, end),
        cores=bench.recorder.cores(start / 1000, end / 1000),
        memory_mb=memory,
    )


def _totals(bench: Bench, levels: Mapping[str, Level], since: int) -> dict[str, LevelTotals]:
    published = {
        camera: sent.published
        for level in levels.values()
        for camera, sent in level.sent.cameras.items()
    }
    accounts, balanced = balanced_accounts(bench, published, since)
    return {
        name: level_totals(
            {camera: accounts[camera] for camera in level.sent.cameras}, balanced=balanced
        )
        for name, level in levels.items()
    }


def level_totals(accounts: Mapping[str, FrameTotals], *, balanced: bool) -> LevelTotals:
    """Return the outcomes of the frames of some cameras that sent equally many."""
    return LevelTotals(
        accounts=add(accounts.values()),
        processed_share=fairness(
            {camera: one.processed for camera, one in accounts.items()},
            {camera: one.received for camera, one in accounts.items()},
        ),
        balanced=balanced,
    )
