import threading

import pytest

from pycturestream.contracts.topics import DETECTIONS
from pycturestream.localstack.launch import halt, launch
from pycturestream.localstack.redis import RedisServer
from pycturestream.stores.batch_writer import BatchWriter, Done
from pycturestream.stores.redis import RedisStore
from pycturestream.stores.redis_view import RedisView
from tests.builders import detection_record, message
from tests.conftest import data_folder, free_port_offset
from tests.store_contract import now

pytestmark = pytest.mark.integration

CAMERAS = [f"camera-{number}" for number in range(50)]


@pytest.fixture
def own_server(stack_settings):
    """A Redis server that this test may stop."""
    with data_folder() as folder:
        server = RedisServer(
            stack_settings.model_copy(
                update={"data_folder": folder, "port_offset": free_port_offset()}
            )
        )
        launch(server)
        yield server
        halt(server)


def bundle(captured_at):
    return [
        message(DETECTIONS, detection_record(camera_id=camera_id, captured_at=captured_at))
        for camera_id in CAMERAS
    ]


def test_nothing_is_lost_while_a_store_is_unavailable(own_server):
    writer = BatchWriter(RedisStore(own_server.settings), longest_wait_s=0.2)
    writer.write(bundle(now()))
    halt(own_server)
    last = now()
    outcomes = []
    writing = threading.Thread(target=lambda: outcomes.extend(writer.write(bundle(last))))

    writing.start()
    writing.join(timeout=2)
    assert writing.is_alive()
    launch(own_server)
    writing.join(timeout=30)
    writer.close()

    assert outcomes == [Done.WRITTEN] * len(CAMERAS)
    assert RedisView(own_server.settings).cameras() == dict.fromkeys(sorted(CAMERAS), last)
