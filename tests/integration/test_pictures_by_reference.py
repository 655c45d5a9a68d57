"""Pictures beside the log are fetched from the reference folder."""

import uuid

import pytest
from kafka import KafkaProducer

from pycturestream.clock import SystemClock
from pycturestream.contracts.topics import FRAMES
from pycturestream.domain.frames.missing import Missing
from pycturestream.log.create_topics import create_topics
from pycturestream.pictures.frame_pictures import fetch_pictures
from pycturestream.stores.reference_folder import References
from tests import jpegs
from tests.builders import NOON, detection_record

pytestmark = pytest.mark.integration


@pytest.fixture
def camera_id():
    return f"camera-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def publish(kafka_server, camera_id):
    """Return a function that publishes a frame by reference, and returns its result."""
    create_topics(kafka_server)
    producer = KafkaProducer(bootstrap_servers=kafka_server.kafka)

    def send(captured_at, reference):
        headers = [("captured_at", b"%d" % captured_at), ("reference", reference.encode())]
        key = camera_id.encode()
        place = producer.send(FRAMES, key=key, value=b"", headers=headers).get(30)
        record = detection_record(camera_id=camera_id, captured_at=captured_at, offset=place.offset)
        record["picture"] |= {"partition": place.partition, "reference": reference}
        return record

    yield send
    producer.close()


def test_a_picture_by_reference_is_fetched_while_it_exists(
    kafka_server, publish, tmp_path, camera_id
):
    settings = kafka_server.model_copy(update={"reference_folder": str(tmp_path)})
    written = References(camera_id, 60_000, settings, SystemClock()).write(
        NOON, jpegs.encoded(640, 480)
    )
    records = [publish(NOON, written), publish(NOON + 1, f"{camera_id}/gone.jpg")]

    [(_, large), (_, gone)] = fetch_pictures(settings, records)
    assert jpegs.pixels_of(large).shape == (480, 640, 3)
    assert gone is Missing.NO_REFERENCE
    # Without a folder, none is found.
    assert [jpeg for _, jpeg in fetch_pictures(kafka_server, records)] == 2 * [Missing.NO_REFERENCE]
