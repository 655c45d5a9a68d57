"""The cost of admitting a record, compared with that of detection."""

import time
from collections.abc import Callable, Sequence

from benchmarks import BenchmarkError
from benchmarks.bench import Bench, Finding, make_table
from benchmarks.spread import Spread, spread
from pycturestream.config.limits import admission_limits
from pycturestream.contracts.topics import FRAMES
from pycturestream.detector.detector import Detector
from pycturestream.detector.model_runner import ModelRunner
from pycturestream.domain.frames.admission import Admitted, Arrival, Place, admit

ROUNDS = 10
"""Batches of each kind, in turn: the machine's speed drifts, their ratio less."""
NOW = 1_795_251_600_000
"""2026-11-21T09:00:00Z; any time will do, since all times come with the records."""


def measure(bench: Bench) -> Finding:
    """Measure the admission of a batch, and detection on the same batch. It needs no server."""
    settings, size = bench.settings, bench.settings.detection_batch_size
    bench.report("admission", f"{ROUNDS} batches of {size}")
    limits = admission_limits(settings, "live")
    jpegs = [bench.jpeg(number) for number in range(size)]
    arrivals = [_arrival(number, jpeg) for number, jpeg in enumerate(jpegs)]
    if not all(isinstance(outcome, Admitted) for outcome in admit(arrivals, limits, NOW)):
        raise BenchmarkError("admission rejects the benchmark's own pictures")
    model = ModelRunner.of(settings)
    model.warm_up((size,))
    detector = Detector(model, size)
    try:
        rounds = [
            (
                _ms_each(lambda: admit(arrivals, limits, NOW), size),
                _ms_each(lambda: detector.detect(jpegs), size),
            )
            for _ in range(ROUNDS)
        ]
    finally:
        detector.close()
    return sum_up([admitting for admitting, _ in rounds], [detecting for _, detecting in rounds])


def sum_up(admitting: Sequence[float], detecting: Sequence[float]) -> Finding:
    """Return the figures and the table of rounds, in milliseconds a record."""
    share = [one / other for one, other in zip(admitting, detecting, strict=True)]
    figures = {
        "admit_ms": spread(admitting, 3),
        "detect_ms": spread(detecting, 1),
        "share": spread(share, 4),
    }
    table = make_table("Admission", ("of one record", "median", "from … to"))
    table.add_row("admission, ms", *_cells(figures["admit_ms"], ".3f"))
    table.add_row("decode and detect, ms", *_cells(figures["detect_ms"], ".1f"))
    table.add_row("admission's share of that", *_cells(figures["share"], ".2%"))
    return Finding(figures, [table])


def _cells(numbers: Spread, form: str) -> tuple[str, str]:
    return f"{numbers.median:{form}}", f"{numbers.min:{form}} … {numbers.max:{form}}"


def _ms_each(work: Callable[[], object], number: int) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000 / number


def _arrival(number: int, jpeg: bytes) -> Arrival:
    """Return a record of a camera of its own, so that it supersedes no other."""
    time_header = b"%d" % NOW
    place = Place(FRAMES, 0, number)
    return Arrival(place, NOW, b"bench-%02d" % number, jpeg, time_header, time_header)
