import pytest
import redis
import requests
from kafka import KafkaAdminClient

pytestmark = pytest.mark.integration


def test_redis_answers(redis_server):
    with redis.Redis.from_url(redis_server.redis) as client:
        assert client.ping()


def test_kafka_answers(kafka_server):
    client = KafkaAdminClient(bootstrap_servers=kafka_server.kafka)
    assert client.list_topics() is not None
    client.close()


def test_elasticsearch_answers(elasticsearch_server):
    health = requests.get(f"{elasticsearch_server.elasticsearch}/_cluster/health", timeout=5)
    assert health.json()["status"] in {"green", "yellow"}
