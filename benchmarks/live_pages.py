"""Live pages: what so many of them cost the process that serves them, beside the pictures.

On a Redis of its own, into which results of 50 cameras are written as the serving job does. The
pages are sockets that show all cameras, and read what comes; the page's drawing is not measured.
"""

import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from random import Random
from typing import Self

import msgspec
import psutil
from rich.table import Table
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from benchmarks import BenchmarkError
from benchmarks.bench import Bench, Finding, make_table
from benchmarks.plan import SEED
from benchmarks.served_process import served_process
from pycturestream.clock import now
from pycturestream.config.settings import Settings
from pycturestream.contracts.codec import encode_record
from pycturestream.contracts.detections import (
    DetectionsRecord,
    LabelCountRecord,
    ObjectRecord,
    PictureRecord,
)
from pycturestream.contracts.live_messages import Watch
from pycturestream.contracts.topics import DETECTIONS, FRAMES
from pycturestream.domain.frames.frame import frame_id
from pycturestream.domain.pipeline.events import ModelVersion
from pycturestream.domain.times import rfc3339
from pycturestream.localstack.launch import halt, launch
from pycturestream.localstack.redis import RedisServer
from pycturestream.stores.batch_writer import BatchWriter
from pycturestream.stores.redis import RedisStore

CAMERAS, OBJECTS = 50, 8
PAGES = (0, 1, 5)
RATES = (2.0, 10.0)
"""Frames a second of each camera."""
SETTLE_S = 3.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What so many pages cost."""

    frames_a_second: float
    """Of all cameras, as they were written."""
    pages: int
    cores: float
    kilobytes_a_second: float
    """To each page."""


def measure(bench: Bench) -> Finding:
    """Open pages and see what they cost. Raises StackError, BenchmarkError."""
    costs = []
    own = bench.beside("live-pages")
    server = RedisServer(own)
    launch(server)
    try:
        for rate in RATES:
            serving = served_process(
                "benchmarks.live_server",
                environment={"PYCTURESTREAM_REDIS_ADDRESS": own.redis},
                failure="the live pages of the benchmark were not served",
            )
            with serving as (process, port), _Results(own, rate) as sent:
                for pages in PAGES:
                    costs.append(_cost(process, port, pages, sent, bench.plan.listen_s))
                    bench.report("live-pages", _in_words(costs[-1]))
    finally:
        halt(server)
    return Finding({"costs": [msgspec.to_builtins(each) for each in costs]}, [costs_table(costs)])


def costs_table(costs: list[Cost]) -> Table:
    title = f"Live pages that show {CAMERAS} cameras with {OBJECTS} objects each, without pictures"
    table = make_table(title, ("pages", "frames/s", "% of a core", "kB/s to each"))
    for each in costs:
        table.add_row(
            str(each.pages),
            f"{each.frames_a_second:.0f}",
            f"{100 * each.cores:.1f}",
            f"{each.kilobytes_a_second:.0f}",
        )
    return table


def _in_words(cost: Cost) -> str:
    percent = 100 * cost.cores
    return f"{cost.pages} pages, {cost.frames_a_second:.0f} frames/s: {percent:.1f} % of a core"


def _cost(process: psutil.Process, port: int, pages: int, sent: "_Results", seconds: float) -> Cost:
    readers = [_Reader(port) for _ in range(pages)]
    try:
        time.sleep(SETTLE_S)
        before, frames = process.cpu_times(), sent.frames
        received = sum(reader.received for reader in readers)
        began = time.monotonic()
        time.sleep(seconds)
        took = time.monotonic() - began
        after = process.cpu_times()
        received = sum(reader.received for reader in readers) - received
    finally:
        for reader in readers:
            reader.close()
    if pages and not received:
        raise BenchmarkError("the pages of the benchmark heard nothing")
    used = after.user + after.system - before.user - before.system
    return Cost(
        round((sent.frames - frames) / took, 1),
        pages,
        round(used / took, 4),
        round(received / 1000 / took / max(1, pages), 1),
    )


class _Reader:
    """One page."""

    def __init__(self, port: int) -> None:
        self.received = 0
        """Bytes."""
        self._connection: ClientConnection = connect(
            f"ws://127.0.0.1:{port}/live/socket",
            origin=Origin(f"http://127.0.0.1:{port}"),
            compression=None,
        )
        watch = Watch({_name(number): "small" for number in range(CAMERAS)})
        self._connection.send(msgspec.json.encode(watch).decode())
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._connection.close()
        self._thread.join()

    def _read(self) -> None:
        with suppress(ConnectionClosed):
            while True:
                self.received += len(self._connection.recv())


class _Results:
    """Writes results of all cameras at a rate, in a thread, until the context ends."""

    def __init__(self, settings: Settings, rate: float) -> None:
        self.frames = 0
        self._settings = settings
        self._rate = rate
        self._random = Random(SEED)  # noqa: S311 - boxes, no secrets
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _write(self) -> None:
        with closing(BatchWriter(RedisStore(self._settings))) as writer:
            due = time.monotonic()
            while not self._stop.is_set():
                records = (self._record(_name(number)) for number in range(CAMERAS))
                writer.write([(DETECTIONS, encode_record(record)) for record in records])
                self.frames += CAMERAS
                due = max(due + 1 / self._rate, time.monotonic())
                self._stop.wait(due - time.monotonic())

    def _record(self, camera_id: str) -> DetectionsRecord:
        at = now()
        name, text = frame_id(camera_id, at), rfc3339(at)
        return DetectionsRecord(
            id=f"{name}:nanodet@1",
            frame_id=name,
            camera_id=camera_id,
            captured_at=text,
            camera_captured_at=text,
            clock_corrected=False,
            received_at=text,
            processed_at=text,
            latency_ms=100,
            width=1280,
            height=720,
            models=(ModelVersion("nanodet", "1"),),
            picture=PictureRecord(FRAMES, 0, 0, text),
            labels=("person",),
            label_counts=(LabelCountRecord("person", OBJECTS),),
            objects=tuple(self._object(name, number) for number in range(OBJECTS)),
        )

    def _object(self, name: str, number: int) -> ObjectRecord:
        x, y = self._random.uniform(0, 0.8), self._random.uniform(0, 0.6)
        return ObjectRecord(
            "person", 0.81, (x, y, x + 0.1, y + 0.4), f"{name}#{number}", "middle left"
        )


def _name(number: int) -> str:
    return f"camera-{number:02}"
