"""All that Elasticsearch and Redis hold is searched for pictures."""

import base64
import uuid

import pytest
import redis

from pycturestream.application.proving import prove
from pycturestream.contracts import topics
from pycturestream.contracts.codec import encode_record
from pycturestream.stores.elasticsearch import connect
from pycturestream.stores.everything import all_documents, all_values, count_documents
from tests import jpegs
from tests.builders import detection_record

pytestmark = pytest.mark.integration

PICTURE = base64.b64encode(jpegs.encoded(64, 48))


@pytest.fixture
def index():
    return f"{topics.DETECTIONS}-{uuid.uuid4().hex[:8]}-2026.11.21"


def test_every_document_is_read_with_its_place(elasticsearch_server, index):
    with connect(elasticsearch_server) as client:
        before = count_documents(client)
        for number in range(3):
            client.index(index=index, id=str(number), document=detection_record(), refresh=True)
        assert count_documents(client) == before + 3
        found = dict(all_documents(client))
        assert {f"{index}/{number}" for number in range(3)} <= found.keys()
        assert encode_record(detection_record()["camera_id"]) in found[f"{index}/0"]
        client.indices.delete(index=index)


def test_every_value_is_read_whatever_its_kind(redis_server):
    with redis.Redis.from_url(redis_server.redis) as client:
        name = uuid.uuid4().hex
        client.set(f"{name}:text", "one")
        client.hset(f"{name}:fields", mapping={"a": "two"})
        client.zadd(f"{name}:sorted", {"three": 1})
        client.sadd(f"{name}:set", "four")
        client.rpush(f"{name}:list", "five")
        values = [value for key, value in all_values(client) if key.startswith(name)]
        assert sorted(values) == sorted([b"one", b"a\ntwo", b"three", b"four", b"five"])
        client.delete(*client.scan_iter(f"{name}:*"))


def test_a_picture_in_a_store_is_reported(
    elasticsearch_server, redis_server, index, monkeypatch, tmp_path
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))  # other tests have theirs
    settings = elasticsearch_server.model_copy(update={"data_folder": tmp_path})
    settings = settings.model_copy(update={"redis_address": redis_server.redis})
    assert prove(settings).outcome == "clean"
    with connect(settings) as client, redis.Redis.from_url(redis_server.redis) as view:
        client.index(index=index, id="1", document={"image": PICTURE.decode()}, refresh=True)
        view.set("camera:gate:latest", b'{"image": "' + PICTURE + b'"}')
        try:
            report = prove(settings)
        finally:
            view.delete("camera:gate:latest")
            client.indices.delete(index=index)
    places = {place for each in report.found for place in each.places}
    assert places == {f"{index}/1 (JPEG in base64)", "camera:gate:latest (JPEG in base64)"}
    assert report.outcome == "not allowed"
