import os
import socket

import pytest

from pycturestream.localstack import StackError
from pycturestream.localstack.ports import check_free, is_free

HOST = "127.0.0.1"


@pytest.fixture
def listener():
    with socket.create_server((HOST, 0)) as server:
        yield server.getsockname()[1]


def test_a_port_that_someone_listens_on_is_not_free(listener):
    assert not is_free(HOST, listener)


def test_a_port_without_a_listener_is_free():
    with socket.create_server((HOST, 0)) as closed:
        port = closed.getsockname()[1]
    assert is_free(HOST, port)


def test_a_taken_port_is_reported_with_purpose_holder_and_remedy(listener):
    with pytest.raises(StackError) as raised:
        check_free("kafka", HOST, {listener: "Kafka"})
    line = str(raised.value)
    assert f"port {listener} (Kafka) is taken by" in line
    assert f"pid {os.getpid()}" in line
    assert "PYCTURESTREAM_PORT_OFFSET" in line
    assert "\n" not in line
