"""Pictures a second: the bare loop, a plain consumer, this system, and its predecessor's ways.

All ways process the same frames with the same model and code, in batches of the same size, with
all cores, and take turns, so that they are compared under the same conditions. Only the bare loop
in float32 computes otherwise: as the model did before it was made faster.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from rich.table import Table

from benchmarks.baselines import (
    detect_alone_ms,
    run_bare_loop,
    run_loaded_anew,
    run_plain_consumer,
)
from benchmarks.bench import Bench, Finding, make_table
from benchmarks.pictures import HEIGHT, WIDTH
from benchmarks.rate import Batch, Stretch, leave_out
from benchmarks.replay_job import publish_history, run_replay_job
from benchmarks.spread import Spread, spread
from benchmarks.usage import BENCHMARK, OTHERS, STOLEN
from pycturestream.detector.detector import Detector
from pycturestream.detector.model_options import ModelOptions
from pycturestream.detector.model_runner import ModelRunner
from pycturestream.localstack.kafka import KafkaServer

BARE_LOOP = "bare loop"
PLAIN_CONSUMER = "plain consumer"
THIS_SYSTEM = "this system"
FLOAT32_LOOP = "bare loop in float32"
LOADED_ANEW = "model loaded anew"
OWN_PROCESSES = {
    BARE_LOOP: {BENCHMARK},
    PLAIN_CONSUMER: {BENCHMARK, KafkaServer.name},
    FLOAT32_LOOP: {BENCHMARK},
    LOADED_ANEW: {BENCHMARK},
}
"""The processes of each way; this system's are all that were started, without the benchmark."""


@dataclass(frozen=True, slots=True)
class Run:
    """One way in one round."""

    rate: float
    """Pictures a second."""
    batch_size: float
    """Pictures that were processed in one call, on average."""
    cpu_ms: Mapping[str, float]
    """Processor time that a picture took, by process of this way."""
    foreign: float
    """Cores used by processes that don't belong to this way."""

    @property
    def own_cpu_ms(self) -> float:
        return sum(self.cpu_ms.values())


@dataclass(frozen=True, slots=True)
class ProcessingWay:
    """One way in all rounds."""

    pictures_a_second: Spread
    ratio: Spread
    """To the bare loop of the same round."""
    batch_size: Spread
    cpu_ms_a_picture: Spread
    cpu_ms_by_process: Mapping[str, float]
    """The median of the rounds."""
    foreign_cores: Spread


def measure(bench: Bench) -> Finding:
    """Run all ways in turn, every second time in the opposite order."""
    bench.report("throughput", f"publishing {bench.plan.frames} frames of history")
    publish_history(bench)
    runs, alone_ms = _take_turns(bench)
    ways = {name: sum_up(its, runs[BARE_LOOP]) for name, its in runs.items()}
    bench.throughput = ways[THIS_SYSTEM].pictures_a_second.median
    figures = {
        "model": bench.settings.model,
        "batch_size": bench.settings.detection_batch_size,
        "pictures": f"{WIDTH}x{HEIGHT}, {fmean(map(len, bench.jpegs)) / 1000:.0f} kB",
        "alone_ms": round(alone_ms, 1),
        "ways": ways,
    }
    ways_shown = ways_table(ways)
    ways_shown.caption = f"One picture alone takes the bare loop {alone_ms:.0f} ms."
    return Finding(figures, [ways_shown, processor_table(ways[THIS_SYSTEM])])


def measure_this_system(bench: Bench) -> float:
    """Return the pictures a second of this system alone, from one run."""
    bench.report("throughput", f"{THIS_SYSTEM}, {bench.plan.frames} frames")
    publish_history(bench)
    return leave_out(run_replay_job(bench, "bench"), bench.plan.warm_frames).rate


def sum_up(runs: Sequence[Run], bare: Sequence[Run]) -> ProcessingWay:
    """Sum up the rounds of one way, beside those of the bare loop."""
    processes = sorted({process for run in runs for process in run.cpu_ms})
    by_process = {
        process: median(run.cpu_ms.get(process, 0.0) for run in runs) for process in processes
    }
    return ProcessingWay(
        pictures_a_second=spread([run.rate for run in runs]),
        ratio=spread([run.rate / its.rate for run, its in zip(runs, bare, strict=True)]),
        batch_size=spread([run.batch_size for run in runs], 1),
        cpu_ms_a_picture=spread([run.own_cpu_ms for run in runs], 1),
        cpu_ms_by_process={
            process: round(ms, 1)
            for process, ms in sorted(by_process.items(), key=lambda item: -item[1])
        },
        foreign_cores=spread([run.foreign for run in runs]),
    )


def ways_table(ways: Mapping[str, ProcessingWay]) -> Table:
    table = make_table(
        "Throughput",
        ("way", "pictures/s", "from … to", "of bare loop", "batch", "CPU ms each", "foreign cores"),
    )
    for name, way in ways.items():
        rate = way.pictures_a_second
        table.add_row(
            name,
            f"{rate.median:.2f}",
            f"{rate.min:.2f} … {rate.max:.2f}",
            f"{way.ratio.median:.0%}",
            f"{way.batch_size.median:.1f}",
            f"{way.cpu_ms_a_picture.median:.1f}",
            f"{way.foreign_cores.median:.2f}",
        )
    return table


def processor_table(way: ProcessingWay) -> Table:
    table = make_table("Where a picture's processor time goes", ("process", "CPU ms a picture"))
    for process, ms in way.cpu_ms_by_process.items():
        table.add_row(process, f"{ms:.1f}")
    return table


def _take_turns(bench: Bench) -> tuple[dict[str, list[Run]], float]:
    """Return the runs of each way, and what one picture alone takes, in milliseconds."""
    settings = bench.settings
    model = ModelRunner.of(settings)
    former = ModelRunner.load(model.description, ModelOptions(arithmetic="float32", quality="fast"))
    for each in (model, former):
        each.warm_up((settings.detection_batch_size,))
    detector = Detector(model, settings.detection_batch_size)
    former_detector = Detector(former, settings.detection_batch_size)
    ways: dict[str, Callable[[int], list[Batch]]] = {
        BARE_LOOP: lambda _: run_bare_loop(bench, detector, bench.plan.frames),
        FLOAT32_LOOP: lambda _: run_bare_loop(bench, former_detector, bench.plan.float32_frames),
        PLAIN_CONSUMER: lambda _: run_plain_consumer(bench, detector),
        THIS_SYSTEM: lambda number: run_replay_job(bench, f"bench-{number}"),
        LOADED_ANEW: lambda _: run_loaded_anew(bench),
    }
    runs: dict[str, list[Run]] = {name: [] for name in ways}
    for number in range(bench.plan.rounds):
        for name in list(ways)[:: -1 if number % 2 else 1]:
            place = f"round {number + 1} of {bench.plan.rounds}, {name}"
            bench.report("throughput", place)
            run = _run(bench, name, ways[name](number))
            bench.report("throughput", f"{place}: {run.rate:.2f} pictures/s")
            runs[name].append(run)
    alone_ms = detect_alone_ms(bench, detector)
    detector.close()
    former_detector.close()
    return runs, alone_ms


def _run(bench: Bench, name: str, batches: Sequence[Batch]) -> Run:
    # Only what Java processes must get warm.
    warm_frames = bench.plan.warm_frames if name == THIS_SYSTEM else 0
    stretch = leave_out(batches, warm_frames)
    return split_usage(name, stretch, bench.recorder.cores(stretch.start, stretch.end))


def split_usage(name: str, stretch: Stretch, cores: Mapping[str, float]) -> Run:
    """Return a run of one way: its own processes, and what all others took meanwhile."""
    own = OWN_PROCESSES.get(name, cores.keys() - {BENCHMARK, OTHERS, STOLEN})
    return Run(
        rate=stretch.rate,
        batch_size=stretch.batch_size,
        cpu_ms={
            process: busy * 1000 / stretch.rate for process, busy in cores.items() if process in own
        },
        foreign=sum(busy for process, busy in cores.items() if process not in own),
    )
