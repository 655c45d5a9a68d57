"""A Redis server that a test may stop and spoil."""

from collections.abc import Iterator
from contextlib import contextmanager

from pycturestream.config.settings import Settings
from pycturestream.localstack.launch import halt, launch
from pycturestream.localstack.redis import RedisServer
from tests.conftest import data_folder, free_port_offset


@contextmanager
def own_redis(settings: Settings) -> Iterator[RedisServer]:
    """Run a server with these settings, but with a folder and ports of its own."""
    with data_folder() as folder:
        own = {"data_folder": folder, "port_offset": free_port_offset()}
        server = RedisServer(settings.model_copy(update=own))
        launch(server)
        yield server
        halt(server)
