"""Search: how fast Elasticsearch takes records, and how fast `find` has its first page.

On an Elasticsearch of its own, which nothing else asks and nothing else writes to. The records are
made here, like those of cameras on streets and doors; they come straight from memory, as bundles of
the size that the serving job writes.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import Any, Final

from elasticsearch import Elasticsearch
from rich.table import Table

from benchmarks import BenchmarkError
from benchmarks.bench import Bench, Finding, make_table
from benchmarks.plan import SEED
from pycturestream.clock import now
from pycturestream.config.settings import Settings
from pycturestream.contracts.codec import encode_record
from pycturestream.contracts.detections import (
    DetectionsRecord,
    LabelCountRecord,
    ObjectRecord,
    PictureRecord,
    ThreatRecord,
)
from pycturestream.contracts.topics import DETECTIONS, FRAMES
from pycturestream.domain.frames.frame import frame_id
from pycturestream.domain.geometry import BoundingBox, sector
from pycturestream.domain.pipeline.events import ModelVersion
from pycturestream.domain.search.order import NEWEST_FIRST, Order
from pycturestream.domain.search.query import Hours, ObjectConditions, Query
from pycturestream.domain.times import DAY_MS, HOUR_MS, Millis, compact, rfc3339, to_local
from pycturestream.localstack.elasticsearch import ElasticsearchServer
from pycturestream.localstack.launch import halt, launch
from pycturestream.stores.batch_writer import BatchWriter, Done
from pycturestream.stores.elasticsearch import ElasticsearchStore, connect
from pycturestream.stores.picture_search import find_pictures

CAMERAS, SITES, DAYS = 40, 5, 7
LABELS: Final = {"person": 60, "car": 25, "bicycle": 6, "dog": 4, "truck": 3, "bus": 2}
"""How often an object is which, of a hundred."""
NUMBERS: Final = {0: 30, 1: 30, 2: 18, 3: 10, 5: 8, 9: 4}
"""How many objects a picture shows, how often."""
ZONES: Final = ("door", "lawn", "street", "parking")
TIMEZONE = "Europe/Vienna"
PAGE = 20
"""Pictures of the first page: what `find` shows without `--limit`."""
REPEATED = 25
"""Each query, after WARM_ROUNDS of all of them, which count for nothing: Java compiles them."""
WARM_ROUNDS = 5
WARM_RECORDS = 5_000
"""The first ones of a fill: Java compiles what it runs most."""


@dataclass(frozen=True, slots=True)
class Filled:
    """How an index was filled."""

    records: int
    records_a_second: float
    bytes_a_record: int
    """On disk, in Elasticsearch, after merging what it merges by itself."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How long the first page of a query took."""

    found: int
    p50_ms: float
    p95_ms: float


def measure(bench: Bench) -> Finding:
    """Fill an index and search it. Raises StackError, BenchmarkError."""
    at = now()
    with own_elasticsearch(bench, "search") as own, connect(own) as client:
        filled = fill(bench, own, client, at)
        for _ in range(WARM_ROUNDS):
            for _name, query, order in _queries(at):
                list(find_pictures(client, query, PAGE, order))
        asked = {name: _ask(client, query, order, bench) for name, query, order in _queries(at)}
    figures = {
        "records": filled.records,
        "written_a_second": round(filled.records_a_second),
        "bytes_a_record": filled.bytes_a_record,
        "first_page": {
            name: {"found": each.found, "p50_ms": each.p50_ms, "p95_ms": each.p95_ms}
            for name, each in asked.items()
        },
    }
    return Finding(figures, search_tables(filled, asked))


def search_tables(filled: Filled, asked: Mapping[str, Asked]) -> list[Table]:
    """Return what was measured, for people."""
    written = make_table("Writing detections to Elasticsearch", ("", "records"))
    written.add_row("records", f"{filled.records:,}")
    written.add_row("a second", f"{filled.records_a_second:,.0f}")
    written.add_row("bytes a record, on disk", f"{filled.bytes_a_record:,}")
    pages = make_table("The first page of find", ("", "pictures", "p50 ms", "p95 ms"))
    for name, each in asked.items():
        pages.add_row(name, str(each.found), f"{each.p50_ms:.0f}", f"{each.p95_ms:.0f}")
    return [written, pages]


@contextmanager
def own_elasticsearch(bench: Bench, folder: str) -> Iterator[Settings]:
    """Yield the settings of a new server, to which no job writes; its data is in this folder."""
    own = bench.beside(folder)
    server = ElasticsearchServer(own)
    try:
        launch(server, bench.report)
        yield own
    finally:
        halt(server, bench.report)


def fill(bench: Bench, own: Settings, client: Elasticsearch, at: Millis) -> Filled:
    """Write records as the serving job does. Raises BenchmarkError where one was not taken."""
    total = bench.plan.searched_records
    made = detection_records(at, total)
    writer = BatchWriter(ElasticsearchStore(own))
    written, busy_s, measured = 0, 0.0, 0
    while batch := list(islice(made, own.write_batch_size)):
        began = time.perf_counter()
        outcomes = writer.write(batch)
        took = time.perf_counter() - began
        if set(outcomes) != {Done.WRITTEN}:
            raise BenchmarkError(f"Elasticsearch did not take every record: {set(outcomes)}")
        if written >= WARM_RECORDS:
            busy_s, measured = busy_s + took, measured + len(batch)
        written += len(batch)
        if written % 50_000 < own.write_batch_size:
            bench.report("search", f"{written:,} of {total:,} records")
    writer.close()
    client.indices.refresh(index=DETECTIONS)
    stats = client.indices.stats(index=DETECTIONS, metric="store")
    size = stats["_all"]["primaries"]["store"]["size_in_bytes"]
    return Filled(written, measured / busy_s, round(size / written))


def _queries(at: Millis) -> Sequence[tuple[str, Query, Order]]:
    """Return what people search for: common and rare things, all of the time and little of it."""
    person, truck = ("person",), ("truck",)
    door = ObjectConditions(zone="door", min_score=0.6)
    large = ObjectConditions(min_size=0.1)
    return [
        ("everything", Query(), NEWEST_FIRST),
        ("person", Query(labels=person), NEWEST_FIRST),
        ("person and car", Query(labels=("person", "car")), NEWEST_FIRST),
        ("truck without person", Query(labels=truck, without=person), NEWEST_FIRST),
        ("five people", Query(labels=person, min_count=5), NEWEST_FIRST),
        ("person at the door", Query(labels=person, conditions=door), NEWEST_FIRST),
        ("large truck", Query(labels=truck, conditions=large), NEWEST_FIRST),
        ("danger", Query(min_level=3), NEWEST_FIRST),
        (
            "one camera, one night",
            Query(cameras=("camera-07",), since=at - 30 * HOUR_MS, until=at - 20 * HOUR_MS),
            NEWEST_FIRST,
        ),
        (
            "nights of weekends",
            Query(labels=person, weekdays=frozenset({5, 6}), hours=Hours(22, 6)),
            NEWEST_FIRST,
        ),
        ("truck, largest first", Query(labels=truck), Order("size")),
        ("most people first", Query(labels=person), Order("count")),
        ("no such thing", Query(labels=("giraffe",)), NEWEST_FIRST),
    ]


def _ask(client: Elasticsearch, query: Query, order: Order, bench: Bench) -> Asked:
    """Ask for the first page again and again; nothing of the answer is kept by the server.

    Elasticsearch remembers which documents match a filter, but no page of hits.
    """
    took = []
    found: list[Any] = []
    for _ in range(REPEATED):
        began = time.perf_counter()
        found = list(find_pictures(client, query, PAGE, order))
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    asked = Asked(len(found), round(took[len(took) // 2], 1), round(took[int(len(took) * 0.95)], 1))
    bench.report("search", f"p95 {asked.p95_ms:.0f} ms")
    return asked


def detection_records(at: Millis, number: int) -> Iterator[tuple[str, bytes]]:
    """Yield records of the DAYS before `at`, in the order of their times, of cameras in turn."""
    random = Random(SEED)  # noqa: S311 - no secrets
    for place in range(number):
        captured_at = at - DAYS * DAY_MS + DAYS * DAY_MS * place // number
        yield DETECTIONS, encode_record(_record(random, place, captured_at))


def _record(random: Random, place: int, captured_at: Millis) -> DetectionsRecord:
    camera = place % CAMERAS
    camera_id = f"camera-{camera:02}"
    name, time_ = frame_id(camera_id, captured_at), rfc3339(captured_at)
    local = to_local(captured_at, TIMEZONE)
    [count] = random.choices(list(NUMBERS), list(NUMBERS.values()))
    labels = random.choices(list(LABELS), list(LABELS.values()), k=count)
    is_threat = count > 0 and random.random() < 0.02
    return DetectionsRecord(
        id=f"{name}:nanodet@2",
        frame_id=name,
        camera_id=camera_id,
        site=f"site-{camera % SITES}",
        setting="outdoor",
        captured_at=time_,
        camera_captured_at=time_,
        clock_corrected=False,
        received_at=rfc3339(captured_at + 40),
        processed_at=rfc3339(captured_at + 200),
        latency_ms=200,
        weekday=local.isoweekday(),
        hour=local.hour,
        width=1280,
        height=720,
        models=(ModelVersion("nanodet", "2"),),
        picture=PictureRecord(FRAMES, camera % 8, place, rfc3339(captured_at + 540_000)),
        labels=tuple(sorted(set(labels))),
        label_counts=tuple(
            LabelCountRecord(label, labels.count(label)) for label in sorted(set(labels))
        ),
        objects=tuple(_object(random, label, camera_id, captured_at) for label in labels),
        threats=(
            (ThreatRecord("stranger-at-door", random.choice((1, 2, 3)), f"{camera_id}:x"),)
            if is_threat
            else ()
        ),
    )


def _object(random: Random, label: str, camera_id: str, captured_at: Millis) -> ObjectRecord:
    width, height = random.uniform(0.02, 0.5), random.uniform(0.04, 0.6)
    x_min, y_min = random.uniform(0, 1 - width), random.uniform(0, 1 - height)
    sides = tuple(round(side, 4) for side in (x_min, y_min, x_min + width, y_min + height))
    box = BoundingBox(*sides)
    return ObjectRecord(
        label,
        round(random.uniform(0.35, 0.95), 4),
        (box.x_min, box.y_min, box.x_max, box.y_max),
        f"{camera_id}_{compact(captured_at // 10_000 * 10_000)}#{random.randrange(9)}",
        sector(box.center),
        (random.choice(ZONES),) if random.random() < 0.5 else (),
        random.random() < 0.2,
    )
