"""What a producer compresses, and what readers of the log get of it, on a real broker.

A broker counts compressed bytes: of zeros, 600 MB fit into a record that it would take.
"""

import pytest
from kafka import KafkaProducer
from kafka.errors import KafkaError, MessageSizeTooLargeError

from pycturestream.contracts import topics
from pycturestream.log.create_topics import create_topics
from pycturestream.log.reader import read_to_end

pytestmark = pytest.mark.integration

TOPICS = (topics.FRAMES, topics.DETECTIONS, topics.ALERTS, topics.CAMERAS, topics.ALERT_COMMANDS)
LARGE, BOMB = 3_000_000, 400_000_000
"""The first would end a job that copies it, the second its reader; the broker has 384 MB."""


@pytest.fixture(scope="module")
def broker(kafka_server):
    create_topics(kafka_server)
    return kafka_server


@pytest.fixture(params=["gzip", "zstd"])
def hostile(broker, request):
    producer = KafkaProducer(
        bootstrap_servers=broker.kafka,
        compression_type=request.param,
        max_request_size=2**31 - 1,
        request_timeout_ms=120_000,
        delivery_timeout_ms=150_000,
        enable_idempotence=False,
    )
    yield producer
    producer.close()


@pytest.fixture
def good(broker):
    producer = KafkaProducer(bootstrap_servers=broker.kafka)
    yield producer
    producer.close()


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("part", ["key", "value", "headers"])
def test_what_is_too_large_when_unpacked_is_refused(broker, hostile, topic, part):
    record = {"key": b"gate", "value": b"", part: bytes(LARGE)}
    if part == "headers":
        record["headers"] = [("captured_at", bytes(LARGE))]

    with pytest.raises(MessageSizeTooLargeError):
        hostile.send(topic, **record).get(120)

    assert all(len(message.key) < LARGE for message in read_to_end(broker, topic))


def test_a_bomb_is_refused_and_the_broker_goes_on(broker, hostile, good):
    with pytest.raises(KafkaError):
        hostile.send(topics.FRAMES, key=b"gate", value=bytes(BOMB)).get(120)

    sent = [good.send(topics.FRAMES, key=b"gate", value=b"%d" % n).get(60) for n in range(20)]
    messages = list(read_to_end(broker, topics.FRAMES))
    assert {message.offset for message in messages} >= {each.offset for each in sent}
    assert all(len(message.value) < LARGE for message in messages)
