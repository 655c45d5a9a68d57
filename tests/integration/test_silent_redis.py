"""A Redis that is connected and says nothing, as after its machine has lost its power."""

import os
import signal
import threading
from contextlib import closing

import pytest

from pycturestream.application.eye_ports import RedisPushes
from pycturestream.application.live_pictures import LivePictureRequests
from pycturestream.localstack import processes
from pycturestream.stores.live_pictures import LivePictureChannels
from tests.own_redis import own_redis
from tests.waiting import eventually

pytestmark = pytest.mark.integration


@pytest.fixture
def server(stack_settings):
    with own_redis(stack_settings) as server:
        yield server


@pytest.fixture
def hold(server):
    """Return what stops the server where it is, and what lets it go on."""
    record = processes.read_process_record(server.settings.data_folder.resolve(), server.name)

    def signal_it(number):
        for process in processes.members(record, server.settings.data_folder.resolve()):
            os.kill(process.pid, number)

    yield lambda: signal_it(signal.SIGSTOP), lambda: signal_it(signal.SIGCONT)
    signal_it(signal.SIGCONT)


def test_a_broken_line_is_noticed_and_requests_are_heard_again(server, hold, capfd):
    stop, go_on = hold
    heard = threading.Event()
    printed = []

    def says(text):
        printed.append("".join(capfd.readouterr()))
        return text in "".join(printed)

    def ask():
        with closing(LivePictureChannels(server.settings)) as channels:
            channels.request({"gate": ["small"]})
        return heard.is_set()

    with closing(LivePictureRequests(server.settings)) as requests:
        requests.start(lambda _: heard.set())
        assert eventually(ask)
        stop()
        assert eventually(lambda: says("the picture service waits for Redis"), timeout_s=60)
        go_on()
        heard.clear()
        assert eventually(ask)
    assert "Traceback" not in "".join(printed)


def test_pushes_of_results_notice_it_and_come_again(server, hold):
    stop, go_on = hold
    with closing(RedisPushes(server.settings)) as pushes:
        pushes.start(lambda _: True, lambda *_: None)
        assert eventually(lambda: pushes.is_connected)
        stop()
        assert eventually(lambda: not pushes.is_connected)
        go_on()
        assert eventually(lambda: pushes.is_connected)
