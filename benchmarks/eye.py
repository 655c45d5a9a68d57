"""The gateway of the seeing aid: phones and pictures a second that one core carries.

Phones and gateway are a process each, on loopback; behind the gateway an echo stands for Kafka, the
job and Redis. Beside it: what 4,000 people make of that, by simulation.
"""

import hashlib
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psutil
from rich.table import Table

from benchmarks import BenchmarkError
from benchmarks.bench import Bench, Finding, make_table
from benchmarks.eye_days import Load, simulate
from benchmarks.eye_phones import Report, Task
from benchmarks.eye_server import RESULT_S
from benchmarks.pictures import write_folder
from benchmarks.served_process import served_process
from pycturestream.api.tokens import Token
from pycturestream.clock import now
from pycturestream.domain.times import HOUR_MS

PHONES = (100, 250, 500, 1_000)
INTERVAL_S = 1.0
SETTLE_S, LISTEN_S = 2.0, 10.0
"""Some 80 seconds for all numbers of phones, connecting included."""
LATE_MS = 500
"""Where 95 of 100 results take so much longer than the echo, more phones are not tried."""
PEOPLE, MINUTES_A_DAY, DAYS, SEED = 4_000, 10, 30, 1
INTERVALS_S = (0.5, 1.0, 2.0)


@dataclass(frozen=True, slots=True)
class Carried:
    """What the gateway made of so many phones."""

    phones: int
    pictures_a_second: float
    added_ms: dict[str, int]
    """From the moment at which a phone sent a picture to its `seen`, without the echo's wait."""
    refused: dict[str, int]
    lost: int
    cores: float
    """Of the gateway's process."""
    megabytes: int
    """Of memory, resident."""

    @property
    def pictures_a_core(self) -> float:
        return self.pictures_a_second / self.cores if self.cores else 0.0


def measure(bench: Bench) -> Finding:
    folder = bench.settings.data_folder / "eye"
    folder.mkdir()
    pictures = write_folder(bench.jpegs, folder / "pictures")
    carried = []
    for phones in PHONES:
        carried.append(_carry(phones, folder, pictures))
        last = carried[-1]
        bench.report("eye", f"{phones} phones: {last.pictures_a_second:.0f} pictures/s")
        if last.lost or last.added_ms.get("p95", LATE_MS) >= LATE_MS:
            break
    load = simulate(PEOPLE, MINUTES_A_DAY, DAYS, SEED)
    figures = {
        "gateway": [
            {**msgspec.to_builtins(each), "pictures_a_core": round(each.pictures_a_core)}
            for each in carried
        ],
        "people": load,
        "pictures_a_month": {str(each): load.pictures_a_month(each) for each in INTERVALS_S},
    }
    return Finding(figures, [carried_table(carried), people_table(load)])


def carried_table(carried: list[Carried]) -> Table:
    title = f"Gateway of the seeing aid, a picture of 100 kB every {INTERVAL_S:g} s from each phone"
    columns = ("phones", "pictures/s", "p50 ms", "p95 ms", "cores", "… a core", "MB")
    table = make_table(title, columns)
    for each in carried:
        table.add_row(
            str(each.phones),
            f"{each.pictures_a_second:.0f}",
            *(str(each.added_ms.get(point, "-")) for point in ("p50", "p95")),
            f"{each.cores:.2f}",
            f"{each.pictures_a_core:.0f}",
            str(each.megabytes),
        )
    refused = sum(sum(each.refused.values()) for each in carried)
    table.caption = (
        f"ms: what phone, network and gateway add. {refused} pictures refused, "
        f"{sum(each.lost for each in carried)} connections lost."
    )
    return table


def people_table(load: Load) -> Table:
    title = f"{load.people:,} people, {load.minutes_a_day:g} minutes a day each"
    table = make_table(
        title, ("a picture every", "a month", "mean/s", "busiest hour/s", "busiest second/s")
    )
    for interval_s in INTERVALS_S:
        table.add_row(
            f"{interval_s:g} s",
            f"{load.pictures_a_month(interval_s) / 1e6:.1f} million",
            f"{load.mean / interval_s:.0f}",
            f"{load.busiest_hour / interval_s:.0f}",
            f"{load.pictures_a_second(interval_s):.0f}",
        )
    table.caption = (
        f"At once: {load.mean:g} people on average, {load.busiest_hour:g} in the busiest hour, "
        f"{load.most} in the busiest second."
    )
    return table


def _carry(phones: int, folder: Path, pictures: Path) -> Carried:
    tokens = folder / f"tokens-{phones}.json"
    texts = make_tokens(tokens, phones)
    gateway = served_process(
        "benchmarks.eye_server",
        str(tokens),
        environment={"PYCTURESTREAM_EYE_CONNECTION_LIMIT": str(phones)},
        failure="the gateway of the benchmark did not start",
    )
    with gateway as (server, port):
        task = Task(port, texts, str(pictures), INTERVAL_S, SETTLE_S, LISTEN_S)
        with subprocess.Popen(
            [sys.executable, "-m", "benchmarks.eye_phones"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as generator:
            try:
                samples = _sampled(server, generator, msgspec.json.encode(task))
                output = generator.stdout.read() if generator.stdout else b""
            finally:
                generator.kill()  # after a Ctrl-C, which not each of them hears
        if generator.returncode:
            raise BenchmarkError("the phones of the benchmark failed")
        report = msgspec.json.decode(output, type=Report)
        if not report.connected:
            raise BenchmarkError("the gateway of the benchmark takes no phone")
        megabytes = max(memory for _, _, memory in samples) // 2**20
    return Carried(
        phones,
        round(report.seen / (report.ended - report.began), 1),
        {name: max(0, ms - round(RESULT_S * 1000)) for name, ms in report.latency_ms.items()},
        report.refused,
        report.lost,
        round(cores_used([sample[:2] for sample in samples], report.began, report.ended), 2),
        megabytes,
    )


def cores_used(samples: list[tuple[float, float]], began: float, ended: float) -> float:
    """Return the cores used between two times, by pairs of a time and processor seconds."""
    within = [sample for sample in samples if began <= sample[0] <= ended]
    if len(within) < 2:
        return 0.0
    (first, before), (last, after) = within[0], within[-1]
    return (after - before) / (last - first)


def _sampled(
    server: psutil.Process, generator: "subprocess.Popen[bytes]", task: bytes
) -> list[tuple[float, float, int]]:
    """Give the phones their task; return times, processor seconds and bytes of the gateway."""
    if generator.stdin is None:
        raise BenchmarkError("the phones of the benchmark can't be told what to do")
    generator.stdin.write(task)
    generator.stdin.close()
    samples = []
    while generator.poll() is None:
        times = server.cpu_times()
        samples.append((time.time(), times.user + times.system, server.memory_info().rss))
        time.sleep(0.25)
    return samples


def make_tokens(path: Path, number: int) -> list[str]:
    """Write a file with so many eye tokens; return their texts.

    One by one, as users make them, each would write the file anew.
    """
    tokens, texts = [], []
    for _ in range(number):
        token_id, secret = secrets.token_hex(8), secrets.token_hex(32)
        digest = hashlib.sha256(secret.encode()).hexdigest()
        at = now()
        tokens.append(
            Token(
                id=token_id,
                name=token_id,
                digest=digest,
                cameras=(),
                read_only=True,
                created_at=at,
                expires_at=at + HOUR_MS,
                kind="eye",
            )
        )
        texts.append(f"pyc_{token_id}_{secret}")
    path.write_bytes(msgspec.json.encode(tokens))
    return texts
