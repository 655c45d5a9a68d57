"""`make benchmark`: starts a system of its own, measures it part by part, and stops it."""

import sys
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import elasticsearch
import msgspec
import requests
import typer
from kafka.errors import KafkaError
from redis import RedisError
from rich.console import Console

from benchmarks.bench import Bench, Finding
from benchmarks.errors import BenchmarkError
from benchmarks.machine import describe_machine
from benchmarks.own_stack import own_stack
from benchmarks.parts import PARTS, WITHOUT_STACK
from benchmarks.pictures import make_pictures
from benchmarks.plan import FULL, QUICK
from benchmarks.usage import Recorder
from pycturestream.config.settings import PROJECT_FOLDER, SettingsError, settings
from pycturestream.detector.registry import ModelError
from pycturestream.localstack import StackError
from pycturestream.localstack.launch import Report

RESULT = PROJECT_FOLDER / "build" / "benchmark.json"
WIDTH = 100
"""Columns of a table that goes into a file or a pipe."""
FAILURES = (
    BenchmarkError,
    StackError,
    ModelError,
    SettingsError,
    KafkaError,
    RedisError,
    requests.RequestException,
    elasticsearch.ApiError,
    elasticsearch.TransportError,
    OSError,
)
"""What a broken system or a wrong setting leads to, told in one line."""

errors = Console(stderr=True)


def benchmark(
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="PART", help=f"Only this part, or these: {', '.join(PARTS)}."),
    ] = None,
    *,
    quick: Annotated[
        bool, typer.Option("--quick", help="Some six minutes: the order of magnitude.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, no tables.")] = False,
    output: Annotated[Path, typer.Option(help="Where the JSON is written.")] = RESULT,
) -> None:
    """Measure a whole system of its own on this machine, beside nothing else if you can.

    Example: `python -m benchmarks --quick --only throughput`
    """
    wanted = only or list(PARTS)
    if unknown := set(wanted) - PARTS.keys():
        raise typer.BadParameter(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    plan = QUICK if quick else FULL
    taken_at, machine = datetime.now(UTC), describe_machine()
    tell = progress()
    tell("pictures", "encoding")
    jpegs = make_pictures(settings())
    start = not WITHOUT_STACK.issuperset(wanted)
    with own_stack(tell, start=start) as own, Recorder(own) as recorder:
        bench = Bench(own, plan, jpegs, recorder, tell)
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
    tell("done", f"written to {output}")


def show(machine: Mapping[str, Any], findings: Iterable[Finding]) -> None:
    """Print what the figures were measured on, and their tables."""
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
    """Return a report that tells the seconds since now, on the error output."""
    began = time.monotonic()

    def tell(name: str, message: str) -> None:
        seconds = time.monotonic() - began
        errors.print(f"{seconds:6.1f} s  {name:<21} {message}", soft_wrap=True, highlight=False)

    return tell


def main() -> None:
    """Run the benchmark. Exit status: 0 done, 1 failed, 2 wrong use, 130 ended by Ctrl-C."""
    application = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    application.command()(benchmark)
    try:
        status = application(standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        status = 130
    except typer.TyperException as error:
        status = _say(f"{error.format_message()} (see --help)", error.exit_code)
    except FAILURES as error:
        status = _say(str(error), 1)
    sys.exit(status or 0)


def _say(message: str, status: int) -> int:
    errors.print(f"error: {message}", soft_wrap=True, highlight=False, markup=False)
    return status


if __name__ == "__main__":
    main()
