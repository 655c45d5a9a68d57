"""`pycturestream serve` records the alert rates of days, with a real log and Elasticsearch."""

import json
import signal
import uuid

import pytest

from pycturestream.clock import now
from pycturestream.contracts.topics import ALERT_EVENTS, ALERTS
from pycturestream.domain.erasure import Erasure
from pycturestream.domain.times import DAY_MS, HOUR_MS, rfc3339
from pycturestream.log.create_topics import create_topics
from pycturestream.log.erasures import publish_erasure
from pycturestream.log.reader import read_to_end
from pycturestream.stores.batch_writer import Done
from pycturestream.stores.elasticsearch import ElasticsearchStore, connect
from pycturestream.stores.record import decode_result, require_form
from tests.builders import MINUTE, alert_record
from tests.waiting import eventually

pytestmark = pytest.mark.integration


def rates(log):
    """The rates in the log by their cameras, checked as the serving job checks them."""
    found = {}
    for message in read_to_end(log, ALERT_EVENTS):
        record = decode_result(ALERT_EVENTS, message.value)
        require_form(record)
        if record.fields["event"] == "rate":
            found[record.camera_id] = record.fields
    return found


def test_a_day_that_is_over_is_recorded_but_where_a_moment_of_it_is_erased(
    start, kafka_server, elasticsearch_server, tmp_path
):
    seen, erased = (f"camera-{uuid.uuid4().hex[:8]}" for _ in range(2))
    yesterday = now() // DAY_MS * DAY_MS - DAY_MS
    raised = [
        alert_record(camera_id=name, rule=f"rule-{number}", raised_at=yesterday + 9 * HOUR_MS)
        for name in (erased, seen)
        for number in range(2)
    ]
    store = ElasticsearchStore(elasticsearch_server)
    store.prepare()
    written = store.write([decode_result(ALERTS, json.dumps(one).encode()) for one in raised])
    store.close()
    assert set(written) == {Done.WRITTEN}
    with connect(elasticsearch_server) as client:
        client.indices.refresh(index=ALERTS)
    create_topics(kafka_server)
    publish_erasure(kafka_server, Erasure(erased, yesterday, yesterday + MINUTE, now()))

    process = start(
        "serve",
        "--port",
        "0",
        PYCTURESTREAM_KAFKA_SERVERS=kafka_server.kafka,
        PYCTURESTREAM_ELASTICSEARCH_ADDRESS=elasticsearch_server.elasticsearch,
        PYCTURESTREAM_DATA_FOLDER=str(tmp_path),
    )

    # Cameras come in the order of their ids: both are there, or the erased one is left out.
    assert eventually(lambda: seen in rates(kafka_server))
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in output + errors
    found = rates(kafka_server)
    assert erased not in found
    assert (found[seen]["at"], found[seen]["alerts"]) == (rfc3339(yesterday), 2)
