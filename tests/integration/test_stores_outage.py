import threading
from contextlib import closing, contextmanager

import pytest
import redis

from pycturestream.contracts.topics import COUNTS, DETECTIONS
from pycturestream.localstack.launch import halt, launch
from pycturestream.stores.batch_writer import BatchWriter, Done
from pycturestream.stores.redis import RedisStore
from pycturestream.stores.redis_view import RedisView
from pycturestream.stores.write_block import redis_write_block
from tests.builders import count_record, detection_record, message
from tests.own_redis import own_redis
from tests.store_contract import now
from tests.waiting import eventually

pytestmark = pytest.mark.integration

CAMERAS = [f"camera-{number}" for number in range(50)]


@pytest.fixture(scope="module")
def own_server(stack_settings):
    """A Redis server that these tests may stop and spoil."""
    with own_redis(stack_settings) as server:
        yield server


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
    writing = threading.Thread(
        target=lambda: outcomes.extend(writer.write(bundle(last))), daemon=True
    )

    writing.start()
    writing.join(timeout=2)
    assert writing.is_alive()
    launch(own_server)
    writing.join(timeout=30)
    writer.close()

    assert outcomes == [Done.WRITTEN] * len(CAMERAS)
    assert RedisView(own_server.settings).cameras() == dict.fromkeys(sorted(CAMERAS), last)


@contextmanager
def configured(client, **values):
    """Configure the server so, and as it was afterwards."""
    names = {name: name.replace("_", "-") for name in values}
    before = {name: client.config_get(setting)[setting] for name, setting in names.items()}
    for name, value in values.items():
        client.config_set(names[name], value)
    try:
        yield
    finally:
        for name, value in before.items():
            client.config_set(names[name], value)


@contextmanager
def out_of_memory(client, _folder):
    with configured(client, maxmemory_policy="noeviction", maxmemory="1"):
        yield


@contextmanager
def too_few_replicas(client, _folder):
    with configured(client, min_replicas_to_write="1"):
        yield


@contextmanager
def read_only(client, _folder):
    client.replicaof("127.0.0.1", "1")
    try:
        yield
    finally:
        client.replicaof("NO", "ONE")


@contextmanager
def without_its_master(client, folder):
    with configured(client, replica_serve_stale_data="no"), read_only(client, folder):
        yield


@contextmanager
def disk_not_writable(client, folder):
    blocked = folder / "redis" / "dump.rdb"  # a file can't take a folder's place
    blocked.mkdir()
    with configured(client, save="3600 1"):
        client.bgsave()
        assert eventually(lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err")
        yield
        blocked.rmdir()
        client.bgsave()
        assert eventually(lambda: client.info("persistence")["rdb_last_bgsave_status"] == "ok")


@contextmanager
def another_password(client, _folder):
    with configured(client, requirepass="changed"):
        client.client_kill_filter(_type="normal", skipme=True)
        yield


@contextmanager
def forbidden(client, commands):
    client.execute_command(f"ACL SETUSER default -{commands}")
    try:
        yield
    finally:
        client.execute_command("ACL SETUSER default +@all")


def no_rights(client, _folder):
    return forbidden(client, "@write")


def no_rights_to_scripts(client, _folder):
    return forbidden(client, "evalsha")


@contextmanager
def busy_with_a_script(client, _folder):
    def run():
        with (
            closing(redis.Redis(**client.connection_pool.connection_kwargs)) as other,
            pytest.raises(redis.ResponseError, match="killed"),
        ):
            other.eval("while true do end", 0)

    with configured(client, lua_time_limit="50"):
        running = threading.Thread(target=run)
        running.start()
        assert eventually(lambda: _refuses(client))
        try:
            yield
        finally:
            client.script_kill()
            running.join()


def _refuses(client):
    try:
        client.get("x")
    except redis.ResponseError:
        return True
    return False


@pytest.mark.parametrize(
    "state",
    [
        out_of_memory,
        too_few_replicas,
        read_only,
        without_its_master,
        disk_not_writable,
        another_password,
        no_rights,
        no_rights_to_scripts,
        busy_with_a_script,
    ],
)
def test_what_the_server_can_not_take_now_is_written_when_it_can(own_server, state, caplog):
    writer = BatchWriter(RedisStore(own_server.settings), longest_wait_s=0.2)
    writer.write(bundle(now()))
    last, outcomes = now(), []
    writing = threading.Thread(
        target=lambda: outcomes.extend(writer.write(bundle(last))), daemon=True
    )

    with redis.Redis.from_url(own_server.settings.redis) as client:
        client.ping()
        with state(client, own_server.settings.data_folder):
            writing.start()
            assert eventually(lambda: writer.retries >= 2)
            assert outcomes == []
            assert redis_write_block(own_server.settings) or state is no_rights_to_scripts
    writing.join(timeout=30)
    assert redis_write_block(own_server.settings) == ""
    writer.close()

    assert outcomes == [Done.WRITTEN] * len(CAMERAS)
    with closing(RedisView(own_server.settings)) as view:
        assert view.cameras() == dict.fromkeys(sorted(CAMERAS), last)
    assert any("waiting for the store" in entry.message for entry in caplog.records)


@pytest.mark.parametrize("kept", ["no JSON", "[" * 2_000 + "]" * 2_000, "5", "{}", '{"at": []}'])
def test_a_key_that_holds_what_can_not_be_compared_takes_the_next_record(own_server, kept):
    window_start = now() // 60_000 * 60_000 - 60_000
    record = count_record(camera_id="spoilt", window_start=window_start)
    with (
        redis.Redis.from_url(own_server.settings.redis) as client,
        closing(BatchWriter(RedisStore(own_server.settings))) as writer,
        closing(RedisView(own_server.settings)) as view,
    ):
        client.hset("camera:spoilt:counts", record["label"], kept)

        assert writer.write([message(COUNTS, record)]) == [Done.WRITTEN]
        assert view.counts("spoilt") == {record["label"]: record}
