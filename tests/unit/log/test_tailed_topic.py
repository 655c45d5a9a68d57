"""How a topic is read on, with a broker that goes away, from where it was."""

import threading
import time
from types import SimpleNamespace

import pytest
from kafka import TopicPartition
from kafka.errors import KafkaConnectionError

from pycturestream.config.settings import Settings
from pycturestream.log import tailed_topic
from pycturestream.log.tailed_topic import TailedTopic

TIMEOUT_S = 10
PARTITION = TopicPartition("alerts", 0)


class Broker:
    """A topic of one partition; each connection reads one record after the other."""

    def __init__(self, monkeypatch) -> None:
        self.values = []
        self.recent = 0
        """The offset of the first record that is not too old; None: there is none."""
        self.is_away = False
        self.breaks_at = None
        """The offset before which a connection breaks, once."""
        monkeypatch.setattr(tailed_topic, "connect", lambda _settings: Connection(self))
        monkeypatch.setattr(tailed_topic, "_RETRY_S", 0.001)


class Connection:
    def __init__(self, broker) -> None:
        if broker.is_away:
            raise KafkaConnectionError
        self._broker = broker

    def partitions_for_topic(self, _topic):
        return {0}

    def assign(self, partitions):
        assert partitions == [PARTITION]

    def offsets_for_times(self, times):
        recent = self._broker.recent
        found = None if recent is None else SimpleNamespace(offset=recent)
        return dict.fromkeys(times, found)

    def end_offsets(self, partitions):
        return dict.fromkeys(partitions, len(self._broker.values))

    def seek(self, _partition, offset):
        self._offset = offset

    def poll(self, _timeout_ms):
        if self._offset == self._broker.breaks_at:
            self._broker.breaks_at = None
            raise KafkaConnectionError
        if self._offset >= len(self._broker.values):
            time.sleep(0.001)
            return {}
        self._offset += 1
        offset = self._offset - 1
        message = SimpleNamespace(offset=offset, value=self._broker.values[offset])
        return {PARTITION: [message]}

    def close(self):
        return


@pytest.fixture
def broker(monkeypatch):
    return Broker(monkeypatch)


@pytest.fixture
def read():
    """Read until a value has come, and return all that came."""

    def read(until, *, fails_at=None):
        seen, complete = [], threading.Event()
        left = [fails_at]

        def handle(message):
            seen.append(message.value)
            if message.value in left:
                left.clear()
                raise OSError("storage away")
            if message.value == until:
                complete.set()

        tail = TailedTopic(Settings(), "alerts", 60_000, handle)
        tail.start()
        try:
            assert complete.wait(TIMEOUT_S), seen
        finally:
            tail.close()
        return seen

    return read


def test_it_begins_at_the_first_record_that_is_not_too_old(broker, read):
    broker.values, broker.recent = list("abcd"), 2
    assert read("d") == ["c", "d"]


def test_where_all_is_too_old_it_waits_for_what_comes(broker, read):
    broker.values, broker.recent = list("ab"), None
    timer = threading.Timer(0.05, broker.values.append, ("c",))
    timer.start()
    assert read("c") == ["c"]
    timer.join()


def test_after_an_interruption_it_goes_on_where_it_was(broker, read):
    broker.values, broker.breaks_at = list("abcd"), 2
    assert read("d") == list("abcd")


def test_what_could_not_be_handled_comes_again(broker, read):
    broker.values = list("abc")
    assert read("c", fails_at="b") == list("abbc")


def test_it_waits_for_a_broker_that_is_away(broker, read):
    broker.values, broker.is_away = ["a"], True
    timer = threading.Timer(0.05, setattr, (broker, "is_away", False))
    timer.start()
    assert read("a") == ["a"]
    timer.join()
