"""`make benchmark`: starts a system of its own, measures it part by part, and stops it."""

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import elasticsearch
import msgspec
import requests
import typer
from kafka.errors import KafkaError
from redis import RedisError
from rich.console import Console

from benchmarks import (
    admission,
    cameras,
    detectors,
    eye,
    hostile,
    latency,
    live_pages,
    page_openings,
    panels,
    pictures_out,
    producers,
    search,
    sentences,
    throughput,
)
from benchmarks.bench import Bench, Finding
from benchmarks.machine import describe_machine
from benchmarks.own_stack import own_stack
from benchmarks.pictures import make_pictures
from benchmarks.plan import FULL, QUICK
from benchmarks.usage import Recorder
from pycturestream.config.settings import PROJECT_FOLDER, settings
from pycturestream.errors import PyctureStreamError
from pycturestream.localstack.launch import Report

# A part is a file with a function `measure`, which gets a running system and returns its figures
# and the tables that show them.
PARTS: Final[dict[str, Callable[[Bench], Finding]]] = {
    "detectors": detectors.measure,
    "throughput": throughput.measure,
    "latency": latency.measure,
    "sentences": sentences.measure,
    "pictures-out": pictures_out.measure,
    "pages": page_openings.measure,
    "cameras": cameras.measure,
    "admission": admission.measure,
    "producers": producers.measure,
    "eye": eye.measure,
    "search": search.measure,
    "panels": panels.measure,
    "live-pages": live_pages.measure,
    "hostile": hostile.measure,  # the last one: what it sends stays in the topics
}
WITHOUT_STACK: Final = frozenset(
    {"admission", "detectors", "producers", "eye", "search", "panels", "live-pages"}
)
"""Parts that start the servers they need, so that the whole system need not run for them."""
RESULT = PROJECT_FOLDER / "build" / "benchmark.json"
WIDTH = 100
"""Columns of a table that goes into a file or a pipe."""
FAILURES = (
    PyctureStreamError,
    KafkaError,
    RedisError,
    requests.RequestException,
    elasticsearch.ApiError,
    elasticsearch.TransportError,
    OSError,
)
"""What a broken system or a wrong setting raises; printed as one line."""

errors = Console(stderr=True)


def benchmark(
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="PART", help=f"Only this part, or these: {', '.join(PARTS)}."),
    ] = None,
    *,
    quick: Annotated[
        bool, typer.Option("--quick", help="Fifteen to twenty minutes: the order of magnitude.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, no tables.")] = False,
    output: Annotated[Path, typer.Option(help="Where the JSON is written.")] = RESULT,
) -> None:
    """Measure a whole system of its own on this machine, which should be otherwise idle.

    Example: `python -m benchmarks --quick --only throughput`
    """
    wanted = only or list(PARTS)
    if unknown := set(wanted) - PARTS.keys():
        raise typer.BadParameter(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    plan = QUICK if quick else FULL
    taken_at, machine = datetime.now(UTC), describe_machine()
    report = progress()
    report("pictures", "encoding")
    jpegs = make_pictures(settings())
    start = not WITHOUT_STACK.issuperset(wanted)
    with own_stack(report, start=start) as own, Recorder(own) as recorder:
        bench = Bench(own, plan, jpegs, recorder, report)
        findings = {name: PARTS[name](bench) for name in PARTS if name in wanted}
    figures = {
        "taken_at": f"{taken_at:%Y-%m-%dT%H:%M:%SZ}",
        "machine": machine,
        "plan": plan,
        "parts": {name: finding.figures for name, finding in findings.items()},
    }
    data = msgspec.json.format(msgspec.json.encode(figures), indent=2)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(data + b"\n")
    if as_json:
        print(data.decode())
    else:
        show(machine, findings.values())
    report("done", f"written to {output}")


def show(machine: Mapping[str, Any], findings: Iterable[Finding]) -> None:
    """Print the machine, and the tables of the findings."""
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    console.print(
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB; "
        f"load before: {machine['load_before']}\n"
    )
    for finding in findings:
        for table in finding.tables:
            console.print(table)
            console.print()


def progress() -> Report:
    """Return a report that prints each message with the seconds since now, on the error output."""
    began = time.monotonic()

    def report(name: str, message: str) -> None:
        seconds = time.monotonic() - began
        errors.print(f"{seconds:6.1f} s  {name:<21} {message}", soft_wrap=True, highlight=False)

    return report


def main() -> None:
    """Run the benchmark. Exit status: 0 done, 1 failed, 2 wrong use, 130 ended by Ctrl-C."""
    application = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    application.command()(benchmark)
    try:
        status = application(standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        status = 130
    except typer.TyperException as error:
        status = _fail(f"{error.format_message()} (see --help)", error.exit_code)
    except FAILURES as error:
        status = _fail(str(error), 1)
    sys.exit(status or 0)


def _fail(message: str, status: int) -> int:
    errors.print(f"error: {message}", soft_wrap=True, highlight=False, markup=False)
    return status


if __name__ == "__main__":
    main()
