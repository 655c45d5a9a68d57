import threading
import uuid
from contextlib import closing, contextmanager
from dataclasses import dataclass

import elasticsearch
import msgspec
import pytest

from pycturestream.contracts.topics import ALERTS, CAMERA_EVENTS, COUNTS, DETECTIONS, NARRATIONS
from pycturestream.domain.times import DAY_MS, day
from pycturestream.stores.batch_writer import BatchWriter, Done, RequestRejected, Unwritable
from pycturestream.stores.elasticsearch import ElasticsearchStore, connect
from pycturestream.stores.index_templates import drop_expired, index, install_templates
from pycturestream.stores.record import decode_result
from pycturestream.stores.write_block import elasticsearch_write_block
from tests.builders import (
    MINUTE,
    NOON,
    alert_record,
    count_record,
    detection_record,
    event_record,
    message,
    narration_record,
)
from tests.store_contract import StoreContract, now
from tests.waiting import eventually

pytestmark = pytest.mark.integration


@pytest.fixture
def client(elasticsearch_server):
    with connect(elasticsearch_server) as client:
        yield client


@pytest.fixture
def store(elasticsearch_server):
    store = ElasticsearchStore(elasticsearch_server)
    store.prepare()
    yield store
    store.close()


@pytest.fixture
def writer(elasticsearch_server):
    writer = BatchWriter(ElasticsearchStore(elasticsearch_server))
    yield writer
    writer.close()


@pytest.fixture
def camera_id():
    return f"camera-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def run():
    return f"try-{uuid.uuid4().hex[:8]}"


def found(client, alias, camera_id):
    client.indices.refresh(index=alias, ignore_unavailable=True)
    hits = client.search(
        index=alias, ignore_unavailable=True, query={"term": {"camera_id": camera_id}}
    )
    return [hit["_source"] for hit in hits["hits"]["hits"]]


@dataclass
class ElasticsearchBench:
    store: ElasticsearchStore
    client: elasticsearch.Elasticsearch
    settings: object

    def kept(self, record):
        place = index(record.topic, record.run, record.filed_at)
        return self.client.get(index=place, id=record.id)["_source"]

    def poison(self, record):
        return decode_result(record.topic, msgspec.json.encode({**record.fields, "max": "many"}))

    def unreachable(self):
        settings = self.settings.model_copy(update={"elasticsearch_address": "http://127.0.0.1:1"})
        return ElasticsearchStore(settings)


class TestElasticsearchStore(StoreContract):
    @pytest.fixture
    def bench(self, store, client, elasticsearch_server):
        return ElasticsearchBench(store, client, elasticsearch_server)


def test_every_kind_of_record_is_found_under_its_alias(writer, client, camera_id):
    records = {
        DETECTIONS: detection_record(camera_id=camera_id),
        COUNTS: count_record(camera_id=camera_id),
        ALERTS: alert_record(camera_id=camera_id),
        NARRATIONS: narration_record(camera_id=camera_id),
        CAMERA_EVENTS: {
            **event_record(camera_id=camera_id, event="frames"),
            "frames": {
                "received": 5,
                "processed": 3,
                "dropped": {"stale": 1},
                "dead_letters": {"truncated": 1},
            },
        },
    }

    outcomes = writer.write(message(topic, record) for topic, record in records.items())

    assert outcomes == [Done.WRITTEN] * len(records)
    for topic, record in records.items():
        assert found(client, topic, camera_id) == [record]


def test_a_record_is_in_the_index_of_its_own_day(writer, client, camera_id):
    yesterday = now() - DAY_MS
    writer.write(
        [message(DETECTIONS, detection_record(camera_id=camera_id, captured_at=yesterday))]
    )

    assert len(found(client, f"detections-{day(yesterday)}", camera_id)) == 1
    assert found(client, f"detections-{day(now())}", camera_id) == []


def test_an_alert_that_lasts_beyond_midnight_stays_one_record(writer, client, camera_id):
    raised_at = now() // DAY_MS * DAY_MS - MINUTE
    raised = alert_record(camera_id=camera_id, raised_at=raised_at)
    cleared = alert_record(
        camera_id=camera_id,
        raised_at=raised_at,
        updated_at=raised_at + 2 * MINUTE,
        revision=1,
        state="cleared",
    )

    writer.write([message(ALERTS, raised)])
    writer.write([message(ALERTS, cleared)])
    outcome = writer.write([message(ALERTS, raised)])

    assert outcome == [Done.OLDER]
    assert found(client, "alerts", camera_id) == [cleared]


def test_live_and_replayed_records_are_found_apart(writer, client, camera_id, run):
    live = detection_record(camera_id=camera_id)
    replayed = detection_record(camera_id=camera_id, run=run, model="other")
    longer = detection_record(camera_id=camera_id, run=f"{run}-2")

    writer.write(message(DETECTIONS, record) for record in (live, replayed, longer))

    assert found(client, "detections", camera_id) == [live]
    assert found(client, f"detections-{run}", camera_id) == [replayed]
    assert found(client, f"detections-{run}-2", camera_id) == [longer]


def test_a_record_with_an_unknown_field_is_kept_whole(writer, client, camera_id):
    record = {**detection_record(camera_id=camera_id), "mood": {"calm": 0.9}}

    assert writer.write([message(DETECTIONS, record)]) == [Done.WRITTEN]
    assert found(client, "detections", camera_id) == [record]


def test_the_reason_of_a_rejection_names_the_field(writer, camera_id):
    record = {**detection_record(camera_id=camera_id), "width": "wide"}

    (outcome,) = writer.write([message(DETECTIONS, record)])

    assert isinstance(outcome, Unwritable)
    assert "width" in outcome.reason


def test_large_records_are_written_in_several_requests(store, writer, camera_id):
    text = "x" * 900_000  # near what Kafka takes
    messages = [
        message(
            NARRATIONS,
            narration_record(camera_id=camera_id, captured_at=NOON + number, text=text),
        )
        for number in range(15)
    ]

    with pytest.raises(RequestRejected):
        store.write([decode_result(*each) for each in messages])
    assert writer.write(messages) == [Done.WRITTEN] * len(messages)


@contextmanager
def too_many_shards(client, _index):
    client.cluster.put_settings(persistent={"cluster.max_shards_per_node": 1})
    yield
    client.cluster.put_settings(persistent={"cluster.max_shards_per_node": None})


@contextmanager
def no_new_indices(client, _index):
    client.cluster.put_settings(persistent={"action.auto_create_index": "false"})
    yield
    client.cluster.put_settings(persistent={"action.auto_create_index": None})


@contextmanager
def a_read_only_cluster(client, _index):
    client.cluster.put_settings(persistent={"cluster.blocks.read_only": True})
    yield
    client.cluster.put_settings(persistent={"cluster.blocks.read_only": None})


@contextmanager
def a_disk_that_is_nearly_full(client, index):
    client.indices.create(index=index)
    client.indices.put_settings(index=index, settings={"blocks.read_only_allow_delete": True})
    yield
    client.indices.put_settings(index=index, settings={"blocks.read_only_allow_delete": None})


@contextmanager
def a_closed_index(client, index):
    client.indices.create(index=index)
    client.indices.close(index=index)
    yield
    client.indices.open(index=index)


@pytest.mark.parametrize(
    "state",
    [
        too_many_shards,
        no_new_indices,
        a_read_only_cluster,
        a_disk_that_is_nearly_full,
        a_closed_index,
    ],
)
def test_what_the_server_can_not_take_now_is_written_when_it_can(
    elasticsearch_server, client, camera_id, run, state
):
    records = [
        message(DETECTIONS, detection_record(camera_id=camera_id, captured_at=NOON + at, run=run))
        for at in range(3)
    ]
    outcomes = []
    with closing(
        BatchWriter(ElasticsearchStore(elasticsearch_server), longest_wait_s=0.2)
    ) as writer:
        writer.write([message(DETECTIONS, detection_record(camera_id=camera_id))])
        install_templates(client, elasticsearch_server, run)
        writing = threading.Thread(target=lambda: outcomes.extend(writer.write(records)))
        with state(client, index(DETECTIONS, run, NOON)):
            writing.start()
            assert eventually(lambda: writer.retries >= 2)
            assert outcomes == []
        writing.join(timeout=60)

    assert outcomes == [Done.WRITTEN] * 3
    assert len(found(client, f"detections-{run}", camera_id)) == 3


def test_it_is_known_why_today_s_records_are_refused(elasticsearch_server, client):
    record = message(DETECTIONS, detection_record(captured_at=now()))
    with closing(BatchWriter(ElasticsearchStore(elasticsearch_server))) as writer:
        writer.write([record])
    today = index(DETECTIONS, "live", now())
    # Elasticsearch's own report of its health follows a change after a moment.
    assert eventually(lambda: elasticsearch_write_block(elasticsearch_server) == "")

    client.indices.put_settings(index=today, settings={"blocks.read_only_allow_delete": True})
    assert "read_only_allow_delete" in elasticsearch_write_block(elasticsearch_server)
    client.indices.put_settings(index=today, settings={"blocks.read_only_allow_delete": None})
    with a_read_only_cluster(client, today):
        assert "cluster.blocks.read_only" in elasticsearch_write_block(elasticsearch_server)
    with too_many_shards(client, today):
        assert eventually(lambda: "shards" in elasticsearch_write_block(elasticsearch_server))
    assert eventually(lambda: elasticsearch_write_block(elasticsearch_server) == "")


def nested(depth):
    return msgspec.Raw(b"[" * depth + b"1" + b"]" * depth)


@pytest.mark.parametrize(
    "fields",
    [
        {"width": "wide"},
        {"processed_at": "yesterday"},
        {"site": "x" * 40_000},
        {"site": {"a": 1}},
        {"objects": 5},
        {"mood": nested(90)},
        {"width": 10**40},
        {"width": 5.5e300},
        {"latency_ms": msgspec.Raw(b"1" * 1_200)},
        {"a" * 60_000: 1},
        {"": 1},
        {".": 1},
        {"a..b": 1},
        {"objects": [{"label": "x"}] * 20_000},
    ],
    ids=lambda fields: str(next(iter(fields)))[:20],
)
def test_a_document_never_holds_up_the_others(elasticsearch_server, camera_id, fields):
    """Whether it is taken or rejected; it would be tried for ever."""
    good = [
        message(DETECTIONS, detection_record(camera_id=camera_id, captured_at=NOON + number))
        for number in range(2)
    ]
    bad = message(DETECTIONS, {**detection_record(camera_id=camera_id), **fields})
    with closing(ElasticsearchStore(elasticsearch_server)) as store:
        store.prepare()

        answers = [
            store.write([decode_result(*each) for each in (good[0], bad, good[1])]),
            store.write([decode_result(*bad)]),
        ]

    assert answers[0][::2] == [Done.WRITTEN] * 2
    assert isinstance(answers[0][1], Done | Unwritable)
    assert isinstance(answers[1][0], Done | Unwritable)


def test_a_replay_is_dropped_as_a_whole_when_it_was_last_written_long_ago(
    writer, client, elasticsearch_server, camera_id, run
):
    for each in (run, f"{run}-2"):
        writer.write([message(DETECTIONS, detection_record(camera_id=camera_id, run=each))])
    days = elasticsearch_server.index_retention_days
    last_written = day(now() - days * DAY_MS)
    install_templates(client, elasticsearch_server, run, last_written)

    dropped = drop_expired(client, elasticsearch_server, now())

    assert index(DETECTIONS, run, NOON) in dropped
    assert not client.indices.exists_index_template(name=f"pycturestream-detections-{run}")
    assert len(found(client, f"detections-{run}-2", camera_id)) == 1
    assert client.indices.exists_index_template(name=f"pycturestream-detections-{run}-2")


def test_a_replay_of_an_older_version_is_kept_for_the_retention_from_now_on(
    client, elasticsearch_server, run
):
    install_templates(client, elasticsearch_server, run)

    drop_expired(client, elasticsearch_server, now())

    (found,) = client.indices.get_index_template(name=f"pycturestream-detections-{run}")[
        "index_templates"
    ]
    assert found["index_template"]["_meta"]["written_on"] == day(now())


def test_days_past_the_retention_are_dropped_and_replays_stay(
    writer, client, elasticsearch_server, camera_id, run
):
    days = elasticsearch_server.index_retention_days
    for age in (days, days - 1):
        at = now() - age * DAY_MS
        for which in ("live", run):
            record = detection_record(camera_id=camera_id, captured_at=at, run=which)
            writer.write([message(DETECTIONS, record)])

    drop_expired(client, elasticsearch_server, now())

    gone = now() - days * DAY_MS
    assert not client.indices.exists(index=f"detections-{day(gone)}")
    assert len(found(client, "detections", camera_id)) == 1
    assert len(found(client, f"detections-{run}", camera_id)) == 2


def test_templates_can_be_installed_again(client, elasticsearch_server):
    for _ in range(2):
        install_templates(client, elasticsearch_server)

    template = client.indices.get_index_template(name="pycturestream-detections")
    settings = template["index_templates"][0]["index_template"]["template"]["settings"]["index"]
    assert settings["number_of_replicas"] == str(elasticsearch_server.index_replicas)
