"""What is found equals a plain filter over the same records: by queries, commands and documents."""

import csv
import io
import json
import math
import re
import uuid
from collections import Counter, defaultdict
from datetime import datetime, time, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from pyarrow import parquet

from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.contracts.topics import COUNTS, DETECTIONS
from pycturestream.domain.geometry import SECTOR_CENTERS, BoundingBox
from pycturestream.domain.search.order import KEYS, Order, ordered
from pycturestream.domain.search.picture import size_of
from pycturestream.domain.search.query import Hours, ObjectConditions, Query
from pycturestream.domain.times import (
    DAY_MS,
    HOUR_MS,
    from_datetime,
    parse_rfc3339,
    rfc3339,
    time_zone,
    to_local,
)
from pycturestream.stores.batch_writer import BatchWriter, Done
from pycturestream.stores.elasticsearch import ElasticsearchStore, connect
from pycturestream.stores.paging import PAGE
from pycturestream.stores.picture_search import find_pictures
from pycturestream.stores.search import ALL
from tests.builders import count_record, message
from tests.command_line import command_line
from tests.searched import CAMERAS, LABELS, TIMEZONE, ZONES, pictures, records
from tests.store_contract import now

pytestmark = pytest.mark.integration

QUERIES = PROJECT_FOLDER / "docs" / "search.md"


class Indexed:
    """Records in a run of their own, and what finds them."""

    def __init__(self, client, run, found, at):
        self.client, self.run, self.records, self.at = client, run, found, at
        self.pictures = pictures(found)
        self.by_id = {record["id"]: record for record in found}

    def find(self, query, order, limit=ALL):
        return [record["id"] for record in find_pictures(self.client, query, limit, order)]

    def filter(self, query, order):
        matching = (picture for picture in self.pictures if query.matches(picture))
        return [picture.id for picture in ordered(matching, query, order)]


@pytest.fixture(scope="module")
def indexed(elasticsearch_server):
    run, at = f"search-{uuid.uuid4().hex[:8]}", now()
    found = records(at, 1_500, run)
    writer = BatchWriter(ElasticsearchStore(elasticsearch_server))
    assert set(writer.write(message(DETECTIONS, record) for record in found)) == {Done.WRITTEN}
    windows = [
        count_record(camera_id=camera_id, run=run, window_start=at // DAY_MS * DAY_MS)
        for camera_id in CAMERAS
    ]
    writer.write(message(COUNTS, window) for window in windows)
    writer.close()
    with connect(elasticsearch_server) as client:
        client.indices.refresh()
        yield Indexed(client, run, found, at)


@pytest.fixture
def run(monkeypatch, capsys):
    return command_line(monkeypatch, capsys)


shares = st.integers(0, 10_000).map(lambda number: number / 10_000)
choices = st.lists(st.sampled_from(LABELS), max_size=2, unique=True).map(tuple)
rectangles = st.tuples(shares, shares, shares, shares).map(
    lambda sides: BoundingBox(
        min(sides[0], sides[2]), min(sides[1], sides[3]),
        max(sides[0], sides[2]), max(sides[1], sides[3]),
    )
)  # fmt: skip
no_object = st.just(ObjectConditions())


def maybe(values):
    return st.none() | values


def queries(indexed):
    scores = shares | st.sampled_from(
        [found.score for picture in indexed.pictures for found in picture.objects]
    )
    sizes = shares | st.sampled_from(
        [found.size for picture in indexed.pictures for found in picture.objects]
    )
    tracks = st.sampled_from(
        sorted({found.track_id for picture in indexed.pictures for found in picture.objects})
    )
    times = st.integers(-9 * DAY_MS, 0).map(lambda ago: indexed.at + ago) | st.sampled_from(
        [picture.captured_at for picture in indexed.pictures]
    )
    conditions = st.builds(
        ObjectConditions,
        min_score=maybe(scores),
        max_score=maybe(scores),
        zone=maybe(st.sampled_from(ZONES)),
        sector=maybe(st.sampled_from(list(SECTOR_CENTERS))),
        track_id=maybe(tracks),
        min_size=maybe(sizes),
        max_size=maybe(sizes),
        inside=maybe(rectangles),
    )
    one_condition = st.one_of(
        st.builds(ObjectConditions, min_score=scores),
        st.builds(ObjectConditions, max_score=scores),
        st.builds(ObjectConditions, zone=st.sampled_from(ZONES)),
        st.builds(ObjectConditions, min_size=sizes),
        st.builds(ObjectConditions, max_size=sizes),
        st.builds(ObjectConditions, inside=rectangles),
    )
    days = st.frozensets(st.integers(1, 7), min_size=1)
    return st.builds(
        Query,
        run=st.just(indexed.run),
        cameras=st.lists(st.sampled_from([*CAMERAS, "nobody"]), max_size=2).map(tuple),
        sites=st.lists(st.sampled_from(["north", "south", ""]), max_size=2).map(tuple),
        phones=st.booleans(),
        since=maybe(times),
        until=maybe(times),
        weekdays=st.just(frozenset(range(1, 8))) | days,
        hours=st.just(Hours(0, 24)) | st.builds(Hours, st.integers(0, 23), st.integers(0, 24)),
        labels=choices,
        without=choices,
        conditions=no_object | one_condition | conditions,
        min_count=maybe(st.integers(1, 4)),
        max_count=maybe(st.integers(0, 4)),
        min_level=maybe(st.integers(1, 3)),
    )


orders = st.builds(Order, st.sampled_from(KEYS), st.booleans())


@given(data=st.data())
@settings(max_examples=100)  # much can be combined
def test_what_is_found_equals_a_plain_filter(indexed, data):
    query, order = data.draw(queries(indexed)), data.draw(orders)
    assert indexed.find(query, order) == indexed.filter(query, order)


@given(data=st.data())
def test_the_first_ones_are_the_first_of_all(indexed, data):
    query = Query(run=indexed.run, labels=data.draw(choices))
    order, limit = data.draw(orders), data.draw(st.integers(1, 30))
    assert indexed.find(query, order, limit) == indexed.filter(query, order)[:limit]


def test_what_is_read_back_is_the_record(indexed):
    found = list(find_pictures(indexed.client, Query(run=indexed.run), ALL))
    assert len(found) == len(indexed.records) > PAGE
    for record in found:
        written = indexed.by_id[record["id"]]
        assert {name: record[name] for name in written} == written


def test_pages_are_of_the_moment_of_the_first_one(elasticsearch_server):
    run, at = f"steady-{uuid.uuid4().hex[:8]}", now()
    before = records(at, PAGE + 200, run)
    later = records(at, 200, run, seed=2)
    writer = BatchWriter(ElasticsearchStore(elasticsearch_server))
    writer.write(message(DETECTIONS, record) for record in before)
    with connect(elasticsearch_server) as client:
        client.indices.refresh(index=f"detections-{run}")
        # By their count, so that what comes later would push others to the next page.
        found = find_pictures(client, Query(run=run), ALL, Order("count"))
        first = next(found)
        writer.write(message(DETECTIONS, record) for record in later)
        client.indices.refresh(index=f"detections-{run}")
        ids = [first["id"], *(record["id"] for record in found)]
    writer.close()

    matching = ordered(pictures(before), Query(run=run), Order("count"))
    assert ids == [picture.id for picture in matching]


def test_a_run_that_does_not_exist_holds_no_picture(indexed):
    assert list(find_pictures(indexed.client, Query(run="no-such-run"), ALL)) == []


# The command.


def test_an_analyst_asks_for_last_night_by_the_cameras_clock(indexed, run):
    ended = run(
        "find", "--run", indexed.run, "--label", "truck", "--camera", "gate", "--limit", 0,
        "--since", "yesterday 20:00", "--until", "today 06:00", "--json",
    )  # fmt: skip

    since, until = last_night(indexed.at)
    query = Query(
        run=indexed.run, labels=("truck",), cameras=("gate",), since=since, until=until
    )  # fmt: skip
    assert [record["id"] for record in ended.records] == indexed.filter(query, Order())


def test_every_option_reaches_the_query(indexed, run):
    def found(*words):
        ended = run("find", "--run", indexed.run, "--json", "--limit", 0, *words)
        assert ended.status == 0, ended.errors
        return [record["id"] for record in ended.records]

    def expected(order=Order(), **fields):  # noqa: B008 - a frozen value
        matching = indexed.filter(Query(run=indexed.run, **fields), order)
        assert 0 < len(matching) < len(indexed.records) or order != Order()
        return matching

    def of_object(**conditions):
        return expected(conditions=ObjectConditions(**conditions))

    assert found("--site", "north", "--site", "south") == expected(sites=("north", "south"))
    assert found("--label", "car", "--label", "dog") == expected(labels=("car", "dog"))
    assert found("--without", "person") == expected(without=("person",))
    assert found("--min-count", 2) == expected(min_count=2)
    assert found("--max-count", 0) == expected(max_count=0)
    assert found("--min-score", 0.9) == of_object(min_score=0.9)
    assert found("--max-score", 0.4) == of_object(max_score=0.4)
    assert found("--zone", "kerb side") == of_object(zone="kerb side")
    assert found("--sector", "top left") == of_object(sector="top left")
    track = "gate_20261121T120000000Z#1"
    assert found("--track", track) == of_object(track_id=track)
    assert found("--min-size", 0.2) == of_object(min_size=0.2)
    assert found("--max-size", 0.001) == of_object(max_size=0.001)
    assert found("--inside", "0,0,.5,1") == of_object(inside=BoundingBox(0, 0, 0.5, 1))
    assert found("--level", "danger") == expected(min_level=3)
    assert found("--weekday", "sat,sun") == expected(weekdays=frozenset({6, 7}))
    assert found("--hours", "22-6") == expected(hours=Hours(22, 6))
    since = rfc3339(indexed.at - DAY_MS)
    assert found("--since", since) == expected(since=indexed.at - DAY_MS)
    assert found("--sort", "-score") == expected(Order("score"))
    assert found("--sort", "camera") == expected(Order("camera", descending=False))


def test_the_query_that_is_explained_finds_the_same(indexed, run):
    words = ("--run", indexed.run, "--label", "person", "--zone", "door", "--hours", "22-6")
    explained = run("find", *words, "--limit", 50, "--explain").output

    reply = ask(indexed, explained)

    found = run("find", *words, "--limit", 50, "--json").records
    assert [hit["_id"] for hit in reply["hits"]["hits"]] == [record["id"] for record in found]
    assert found


def test_csv_and_parquet_have_a_row_for_each_picture(indexed, run, tmp_path):
    words = ("find", "--run", indexed.run, "--label", "car", "--limit", 0)
    expected = [record for record in indexed.records if "car" in record["labels"]]
    expected.sort(key=lambda record: record["captured_at"], reverse=True)

    rows = list(csv.DictReader(io.StringIO(run(*words, "--csv").output)))
    ended = run(*words, "--parquet", tmp_path / "new" / "cars.parquet")
    table = parquet.read_table(tmp_path / "new" / "cars.parquet").to_pylist()

    assert [row["id"] for row in rows] == [record["id"] for record in expected]
    assert [row["id"] for row in table] == [record["id"] for record in expected]
    assert f"{len(expected)} pictures listed in" in ended.output
    for row, nested, record in zip(rows, table, expected, strict=True):
        assert float(row["max_score"]) == max(found["score"] for found in record["objects"])
        assert nested["captured_at"].timestamp() * 1000 == parse_rfc3339(record["captured_at"])
        assert [found["box"] for found in nested["objects"]] == [
            found["box"] for found in record["objects"]
        ]
        assert nested["threats"] == record["threats"]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["cars.parquet"]


def test_a_mistyped_name_is_answered_with_the_nearest(indexed, run):
    words = ("find", "--run", indexed.run)

    for option in ("--label", "--without"):
        ended = run(*words, option, "persn")
        assert ended.status == 2
        assert "did you mean 'person'?" in ended.errors
        assert not ended.output
    for option, name, known in (
        ("--camera", "gaet", "gate"),
        ("--site", "nroth", "north"),
        ("--zone", "Kerbside", "kerb side"),
    ):
        ended = run(*words, option, name, "--json")
        assert (ended.status, ended.output) == (0, "")
        assert f"did you mean {known!r}?" in ended.errors


# The queries of the documentation.


def ask(indexed, text):
    """Send a query as it is written in the documentation, to the run's own records."""
    request, body = text.split("\n", 1)
    method, index = re.fullmatch(r"(GET) /(detections(?:-[a-z0-9-]+)?)/_search", request).groups()
    index = f"detections-{indexed.run}" if index == "detections" else index
    return indexed.client.perform_request(
        method,
        f"/{index}/_search",
        body=json.loads(body),
        headers={"content-type": "application/json", "accept": "application/json"},
    ).body


def documented():
    """Return the queries of the documentation by their headings."""
    sections = QUERIES.read_text("utf-8").split("\n### ")[1:]
    return {
        section.partition("\n")[0]: re.search(r"```console\n(.*?)```", section, re.DOTALL)[1]
        for section in sections
    }


def last_night(at):
    today = to_local(at, TIMEZONE).date()
    zone = time_zone(TIMEZONE)
    return tuple(
        from_datetime(datetime.combine(day, time(hour), zone))
        for day, hour in ((today - timedelta(days=1), 20), (today, 6))
    )


def some(record, **fields):
    """Whether one object has all of this; a function is asked."""
    return any(
        all(
            wanted(found[name]) if callable(wanted) else found[name] == wanted
            for name, wanted in fields.items()
        )
        for found in record["objects"]
    )


def number(record, label):
    return sum(found["label"] == label for found in record["objects"])


def at_door(record):
    return sum(found["label"] == "person" and "door" in found["zones"]
               for found in record["objects"])  # fmt: skip


def captured(record):
    return parse_rfc3339(record["captured_at"])


def is_last_night(record, at):
    since, until = last_night(at)
    return since <= captured(record) < until


def newest(records):
    seen = {}
    for record in sorted(records, key=captured, reverse=True):
        seen.setdefault(record["camera_id"], record)
    return list(seen.values())


HITS = {
    "A person and a car": lambda r, _: {"person", "car"} <= set(r["labels"]),
    "A truck without a person": lambda r, _: "truck" in r["labels"] and "person" not in r["labels"],
    "A person or a bicycle": lambda r, _: bool({"person", "bicycle"} & set(r["labels"])),
    "Nothing in the picture": lambda r, _: not r["objects"],
    "At least two people": lambda r, _: number(r, "person") >= 2,
    "A person in a zone": lambda r, _: some(r, label="person", zones=lambda z: "door" in z),
    "Two people in a zone": lambda r, _: at_door(r) >= 2,
    "People the model was unsure of": lambda r, _: some(
        r, label="person", score=lambda score: score < 0.5
    ),
    "People in a sector": lambda r, _: some(r, label="person", sector="bottom left"),
    "Cars in the left half": lambda r, _: some(r, label="car", box=lambda box: box[2] <= 0.5),
    "The largest objects": lambda r, _: some(r, box=lambda box: size_of(BoundingBox(*box)) >= 0.2),
    "Cars that stand still": lambda r, _: some(r, label="car", stationary=True),
    "One object from first to last": lambda r, _: some(r, track_id="gate_20261121T120000000Z#0"),
    "A site in the last hours": lambda r, at: (
        r["site"] == "north" and captured(r) >= at - 6 * HOUR_MS
    ),
    "Last night by a local clock": is_last_night,
    "Weekends in the daytime": lambda r, _: r["weekday"] in {6, 7} and 8 <= r["hour"] < 18,
    "The night from Saturday to Sunday": lambda r, _: (
        (r["weekday"] == 6 and r["hour"] >= 22) or (r["weekday"] == 7 and r["hour"] < 6)
    ),
    "Dangers": lambda r, _: any(threat["level"] == 3 for threat in r["threats"]),
    "Pictures in which a rule was violated": lambda r, _: any(
        threat["rule"] == "parked" for threat in r["threats"]
    ),
    "Pictures that show nothing": lambda r, _: "picture_fault" in r,
    "Late results": lambda r, _: r["latency_ms"] > 2_000,
}
"""Which records each query finds, by its heading; the second argument is the time of the test."""
ORDERS = {
    "People the model was unsure of": lambda r: (
        min(found["score"] for found in r["objects"] if found["label"] == "person"),
        -captured(r),
    ),
    "The largest objects": lambda r: (
        -max(size_of(BoundingBox(*found["box"])) for found in r["objects"]),
        -captured(r),
    ),
    "One object from first to last": captured,
    "Late results": lambda r: (-r["latency_ms"], -captured(r)),
}
"""All others come newest first."""


def terms(reply, *path):
    found = reply["aggregations"]
    for name in path:
        found = found[name]
    return {bucket["key"]: bucket["doc_count"] for bucket in found["buckets"]}


def by_camera_and_day(records):
    days = defaultdict(Counter)
    for record in records:
        if "person" in record["labels"]:
            days[record["camera_id"]][to_local(captured(record), TIMEZONE).date()] += 1
    return {name: dict(of_camera) for name, of_camera in days.items()}


def days_of(reply):
    return {
        camera["key"]: {
            to_local(day["key"], TIMEZONE).date(): day["doc_count"]
            for day in camera["days"]["buckets"]
        }
        for camera in reply["aggregations"]["cameras"]["buckets"]
    }


def mean_scores(records):
    scores = defaultdict(list)
    for record in records:
        for found in record["objects"]:
            scores[found["label"]].append(found["score"])
    return {label: pytest.approx(math.fsum(of) / len(of), rel=1e-5) for label, of in scores.items()}


OTHERS = {
    "The newest picture of each camera": (
        lambda reply: [hit["_id"] for hit in reply["hits"]["hits"]],
        lambda records: [record["id"] for record in newest(records)],
    ),
    "How many pictures show each label": (
        lambda reply: terms(reply, "labels"),
        lambda records: Counter(label for record in records for label in record["labels"]),
    ),
    "In which hours people are seen": (
        lambda reply: terms(reply, "hours"),
        lambda records: Counter(
            record["hour"] for record in records if "person" in record["labels"]
        ),
    ),
    "People by camera and day": (days_of, by_camera_and_day),
    "How sure the model is of each label": (
        lambda reply: {
            bucket["key"]: bucket["score"]["value"]
            for bucket in reply["aggregations"]["objects"]["labels"]["buckets"]
        },
        mean_scores,
    ),
    "Which zones are used most": (
        lambda reply: terms(reply, "objects", "zones"),
        lambda records: Counter(
            zone for record in records for found in record["objects"] for zone in found["zones"]
        ),
    ),
}
"""What is read from the reply, and what it must equal."""


def test_every_documented_query_is_tested_and_there_are_enough():
    assert documented().keys() == HITS.keys() | OTHERS.keys()
    assert len(documented()) >= 20


@pytest.mark.parametrize("name", HITS)
def test_a_documented_query_finds_what_a_plain_filter_finds(indexed, name):
    matching = [record for record in indexed.records if HITS[name](record, indexed.at)]
    matching.sort(key=ORDERS.get(name, lambda record: -captured(record)))

    reply = ask(indexed, documented()[name])

    found = [hit["_id"] for hit in reply["hits"]["hits"]]
    assert found == [record["id"] for record in matching][:50]
    assert found, "nothing to find proves nothing"
    assert len(matching) < len(indexed.records)


@pytest.mark.parametrize("name", OTHERS)
def test_a_documented_query_sums_up_as_plain_python_does(indexed, name):
    read, expected = OTHERS[name]
    assert read(ask(indexed, documented()[name])) == expected(indexed.records)
