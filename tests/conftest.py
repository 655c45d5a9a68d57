"""Real servers for tests: started when first asked for, on free ports, stopped at the end."""

import gc
import re
import secrets
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadFileScheduling

from benchmarks.own_stack import settings_in_environment
from pycturestream.application.stack import start_stack
from pycturestream.config.settings import Ports, Settings
from pycturestream.localstack.elasticsearch import ElasticsearchServer
from pycturestream.localstack.flink import JobManagerServer, TaskManagerServer
from pycturestream.localstack.kafka import KafkaServer
from pycturestream.localstack.launch import halt, launch
from pycturestream.localstack.left_folders import mark_temporary
from pycturestream.localstack.ports import is_free
from pycturestream.localstack.redis import RedisServer
from pycturestream.localstack.server import Server
from pycturestream.localstack.stack import stop_stack

# A busy machine is not a failure (`deadline`). `make test` tries the same examples each time, so
# that what fails is what was changed, and few of them, since the same ones find nothing new;
# `make test-slow` looks for new ones (profile `explore`).
hypothesis.settings.register_profile("same", deadline=None, derandomize=True, max_examples=20)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=300)
hypothesis.settings.load_profile("same")


@pytest.hookimpl(trylast=True)  # after they were shuffled
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, and blame no test for another one's sockets."""
    # What shares a system comes after other end-to-end tests, or both would run at the same time.
    items.sort(
        key=lambda item: (
            not _is_of_the_whole_system(item.nodeid),
            isinstance(item, pytest.Function) and "shared_system" in item.fixturenames,
        )
    )
    # kafka-python leaves sockets to the garbage collector when a connection fails.
    ignored = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
    for item in items:
        if {"unit", "simulation"}.isdisjoint(item.path.parts):
            item.add_marker(ignored)


def _is_of_the_whole_system(nodeid: str) -> bool:
    return nodeid.startswith("tests/end_to_end/")


class ServerScheduling(LoadFileScheduling):
    """Has few servers started: files that share them go to one worker, which starts each once.

    The tests of the whole system go to one worker too; all others are given out file by file.
    """

    SHARED = re.compile(r"\b(redis|kafka|elasticsearch)_server\b|\bflink_cluster\b|\blocal_stack\b")
    """The fixtures below that start a server once in a test process. A fixture elsewhere that uses
    one of them belongs here too: it is the text of a file that is searched."""

    def _split_scope(self, nodeid: str) -> str:
        if _is_of_the_whole_system(nodeid):
            return "the whole system"
        file = super()._split_scope(nodeid)
        return "shared servers" if self._shares_servers(file) else file

    @cache  # noqa: B019 - there is one in a test run
    def _shares_servers(self, file: str) -> bool:
        return self.SHARED.search((self.config.rootpath / file).read_text()) is not None


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ServerScheduling | None:
    """Distribute tests by it where `--dist loadfile` is asked for."""
    return ServerScheduling(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_sessionfinish() -> None:
    """Collect the last of these sockets, which no test could be blamed for."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def free_port_offset(host: str = "127.0.0.1") -> int:
    """Return an offset whose ports are all free, below those that the system hands out."""
    while True:
        offset = 3_000 + 10 * secrets.randbelow(2_000)
        if all(is_free(host, port) for port in vars(Ports(offset)).values()):
            return offset


@contextmanager
def data_folder() -> Iterator[Path]:
    """Yield a new folder that unprivileged servers can reach too; it is deleted at the end."""
    folder = Path(tempfile.mkdtemp(prefix="pycturestream-"))
    folder.chmod(0o755)
    mark_temporary(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def own_environment() -> Iterator[Settings]:
    """Yield settings with new addresses, which are in the environment too, for subprocesses."""
    with data_folder() as folder, settings_in_environment(folder, free_port_offset()) as own:
        yield own


@pytest.fixture(scope="session")
def stack_settings() -> Iterator[Settings]:
    """Addresses of this test run; its servers are shared by all tests."""
    with own_environment() as own:
        yield own


@pytest.fixture(scope="module")
def module_settings() -> Iterator[Settings]:
    """Addresses for one module alone, which needs a system without other tests' records."""
    with own_environment() as own:
        yield own


@pytest.fixture
def own_settings() -> Iterator[Settings]:
    """Settings of a copy for this test alone."""
    with data_folder() as folder:
        yield Settings(
            data_folder=folder, port_offset=free_port_offset(), reference_folder="", archive=""
        )


other_settings = own_settings


@contextmanager
def _up(server: Server) -> Iterator[Settings]:
    try:
        launch(server)
        yield server.settings
    finally:
        halt(server)


@pytest.fixture(scope="session")
def redis_server(stack_settings: Settings) -> Iterator[Settings]:
    with _up(RedisServer(stack_settings)) as running:
        yield running


@pytest.fixture(scope="session")
def kafka_server(stack_settings: Settings) -> Iterator[Settings]:
    with _up(KafkaServer(stack_settings)) as running:
        yield running


@pytest.fixture(scope="session")
def elasticsearch_server(stack_settings: Settings) -> Iterator[Settings]:
    with _up(ElasticsearchServer(stack_settings)) as running:
        yield running


@pytest.fixture(scope="session")
def flink_cluster(stack_settings: Settings) -> Iterator[Settings]:
    with _up(JobManagerServer(stack_settings)), _up(TaskManagerServer(stack_settings)) as running:
        yield running


@pytest.fixture(scope="session")
def local_stack(stack_settings: Settings) -> Iterator[Settings]:
    """All servers, with topics and index templates, without jobs."""
    started = start_stack(stack_settings, jobs=())
    try:
        yield stack_settings
    finally:
        stop_stack(stack_settings, only=started)
