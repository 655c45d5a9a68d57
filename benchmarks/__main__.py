"""`make benchmark`: the plain loop, then the whole system on the sample cameras, in one run."""

import json
import os
import platform
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.bare_loop import milliseconds_a_picture, pictures
from benchmarks.live_latency import listen, percentiles
from pycturestream.settings import PROJECT_FOLDER, settings
from stack.local import start_stack, stop_stack
from stack.status import server_statuses

BATCHES = (1, 8)
SETTLE_S = 30
"""The first seconds load the model and compile the JVMs' code."""
LISTEN_S = 60
RESULT = PROJECT_FOLDER / "build" / "benchmark.json"


def main() -> None:
    console = Console()
    result: dict[str, object] = {
        "machine": {
            "system": platform.platform(),
            "cores": os.cpu_count(),
            "load_before": os.getloadavg()[0],
        }
    }
    jpegs = pictures(PROJECT_FOLDER / "samples" / "plaza.mp4")
    bare = {batch: milliseconds_a_picture(settings().model, jpegs, batch) for batch in BATCHES}
    result["bare_loop_ms_a_picture"] = {str(batch): round(ms, 1) for batch, ms in bare.items()}
    result["system"] = system(console)
    show(console, result)
    save(result, RESULT)
    console.print(f"written to {RESULT.relative_to(PROJECT_FOLDER)}")


def system(console: Console) -> dict[str, object]:
    """Run the sample cameras through the whole system; return what a subscriber notices."""

    def report(name: str, message: str) -> None:
        console.print(f"{name}: {message}", style="dim")

    began = time.monotonic()
    started = start_stack(settings(), report, cameras=True)
    try:
        up_s = time.monotonic() - began
        while not listen(settings(), 1):
            pass
        first_s = time.monotonic() - began
        listen(settings(), SETTLE_S)
        ages = listen(settings(), LISTEN_S)
        return {
            "seconds_until_up": round(up_s, 1),
            "seconds_until_first_result": round(first_s, 1),
            "results_a_second": round(len(ages) / LISTEN_S, 2),
            "capture_to_redis_ms": percentiles(ages),
            "memory_mb": {status.name: status.memory_mb for status in server_statuses(settings())},
        }
    finally:
        stop_stack(settings(), report, only=started)


def show(console: Console, result: dict[str, object]) -> None:
    table = Table("what", "figure", header_style="bold", box=None)
    for name, figure in result.items():
        for part, value in figure.items() if isinstance(figure, dict) else [("", figure)]:
            table.add_row(f"{name} {part}".strip(), json.dumps(value))
    console.print(table)


def save(result: dict[str, object], path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
