"""Phones of the seeing aid, many in one process: each sends a picture every so often.

Run as a process of its own: it reads its task as JSON, and prints what it found as JSON.
"""

import asyncio
import resource
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from benchmarks.spread import percentiles
from pycturestream.clock import now
from pycturestream.contracts.eye_messages import PhonePicture, encode_picture

ANSWER_S = 5.0
"""How long a phone waits for a result."""
CONNECTING_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Task:
    """What the phones are to do."""

    port: int
    tokens: list[str]
    """One for each phone."""
    pictures: str
    """A folder of JPEGs."""
    interval_s: float
    settle_s: float
    listen_s: float


@dataclass(slots=True)
class Heard:
    """What the phones were told while it counted."""

    phones: int
    connected: int = 0
    all_tried: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when each phone is connected or lost."""
    sent: int = 0
    began: float = 0.0
    """Seconds since the epoch; so long it took until all were connected and had settled."""
    ended: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    """Connections that ended."""

    def note_connection(self, *, lost: bool) -> None:
        self.lost += lost
        self.connected += not lost
        if self.connected + self.lost >= self.phones:
            self.all_tried.set()


@dataclass(frozen=True, slots=True)
class Report:
    """The same, summed up."""

    connected: int
    sent: int
    seen: int
    latency_ms: dict[str, int]
    refused: dict[str, int]
    lost: int
    began: float
    ended: float


async def act(task: Task, jpegs: list[bytes]) -> Report:
    """Connect all phones, let them settle, and count for a while."""
    heard = Heard(len(task.tokens))
    gate = asyncio.Semaphore(CONNECTING_AT_ONCE)
    phones = [
        asyncio.create_task(_phone(task, number, jpegs, heard, gate))
        for number in range(len(task.tokens))
    ]
    await heard.all_tried.wait()
    await asyncio.sleep(task.settle_s)
    heard.began = time.time()
    await asyncio.sleep(task.listen_s)
    heard.ended = time.time()
    for phone in phones:
        phone.cancel()
    await asyncio.gather(*phones, return_exceptions=True)
    return Report(
        heard.connected,
        heard.sent,
        len(heard.latencies_ms),
        percentiles(heard.latencies_ms),
        dict(heard.refused),
        heard.lost,
        heard.began,
        heard.ended,
    )


async def _phone(
    task: Task, number: int, jpegs: list[bytes], heard: Heard, gate: asyncio.Semaphore
) -> None:
    try:
        async with gate:
            connection = await connect(
                f"ws://127.0.0.1:{task.port}/eye/socket",
                origin=f"http://127.0.0.1:{task.port}",  # type: ignore[arg-type]  # a NewType
                compression=None,
                open_timeout=60,
            )
            hello = {"type": "hello", "token": task.tokens[number]}
            await connection.send(msgspec.json.encode(hello).decode())
            await connection.recv()
        heard.note_connection(lost=False)
        async with connection:
            # Spread over the interval, as people are.
            await asyncio.sleep(task.interval_s * number / len(task.tokens))
            await _walk(connection, task, number, jpegs, heard)
    except (WebSocketException, OSError, TimeoutError):
        heard.note_connection(lost=True)


async def _walk(
    connection: ClientConnection, task: Task, number: int, jpegs: list[bytes], heard: Heard
) -> None:
    due = time.monotonic()
    while True:
        jpeg = jpegs[number % len(jpegs)]
        number += 1
        captured_at, began = now(), time.monotonic()
        await connection.send(encode_picture(PhonePicture(captured_at, captured_at, jpeg)))
        counts = heard.began > 0
        heard.sent += counts
        async with asyncio.timeout(ANSWER_S):
            message = msgspec.json.decode(await connection.recv())
        if counts and message["type"] == "seen":
            heard.latencies_ms.append((time.monotonic() - began) * 1000)
        elif counts and message["type"] == "refused":
            heard.refused[message["reason"]] += 1
        due = max(due + task.interval_s, time.monotonic())
        await asyncio.sleep(due - time.monotonic())


def main() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    jpegs = [path.read_bytes() for path in sorted(Path(task.pictures).iterdir())]
    print(msgspec.json.encode(asyncio.run(act(task, jpegs))).decode())


if __name__ == "__main__":
    main()
