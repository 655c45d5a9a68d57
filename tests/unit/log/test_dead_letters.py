from dataclasses import dataclass, field

import pytest
from kafka.errors import KafkaTimeoutError, MessageSizeTooLargeError
from structlog.testing import capture_logs

from pycturestream.config.settings import Settings
from pycturestream.domain.frames.admission import Arrival, Place, reject
from pycturestream.domain.frames.dead_letter import DeadLetter
from pycturestream.domain.frames.rejection import Rejection
from pycturestream.log import dead_letters
from pycturestream.log.dead_letters import DeadLetterWriter


class Answer:
    def __init__(self, error=None):
        self._error = error

    def get(self, _timeout_s):
        if self._error:
            raise self._error


@dataclass
class Broker:
    """Takes values up to its limit; the client's own is higher."""

    limit: int = 1_000
    client_limit: int = 10_000
    away: bool = False
    taken: list = field(default_factory=list)

    def __call__(self, _settings, _role, **_options):
        return self

    def send(self, topic, *, key, value, headers=()):
        if key is None and value is None:
            raise ValueError("Need at least one: key or value")  # as kafka-python does
        if self.away:
            return Answer(KafkaTimeoutError("away"))
        size = len(value or b"")
        if size > self.client_limit:
            raise MessageSizeTooLargeError
        if size > self.limit:
            return Answer(MessageSizeTooLargeError())
        self.taken.append((topic, key, value, dict(headers)))
        return Answer()

    def letters(self):
        return [record[1:] for record in self.taken if record[0] == "frames.dead-letter"]


@pytest.fixture
def broker(monkeypatch):
    broker = Broker()
    monkeypatch.setattr(dead_letters, "producer", broker)
    return broker


def letter(value, key=b"gate"):
    arrival = Arrival(Place("pycturestream", 0, 7), 1_000, key, value, None, None)
    return DeadLetter(reject(arrival, "gate", Rejection("too-large", "it is")), key, value)


@pytest.mark.parametrize("size", [5_000, 50_000], ids=["broker", "client"])
def test_what_is_too_large_for_good_is_delivered_without_its_bytes(broker, size):
    large, small = letter(bytes(size)), letter(b"small")

    assert DeadLetterWriter(Settings()).deliver([large, small])

    first, second = sorted(broker.letters(), key=lambda each: each[1] is None)
    assert first[:2] == (b"gate", b"small")
    assert second[:2] == (None, b"")
    assert second[2]["size"] == str(size).encode()
    assert second[2]["kept"] == b"0"
    assert [record[0] for record in broker.taken].count("camera-events") == 2


@pytest.mark.parametrize("value", [None, b"what a camera masks"])
def test_without_key_and_bytes_there_is_a_letter_all_the_same(broker, value):
    arrival = Arrival(Place("pycturestream", 0, 7), 1_000, None, value, None, None)
    rejected = reject(arrival, "", Rejection("bad-record", "no JSON"))
    nameless = DeadLetter.of(rejected, None, value, may_mask=True)

    assert DeadLetterWriter(Settings()).deliver([nameless])

    [(key, kept, headers)] = broker.letters()
    assert (key, kept, headers["reason"]) == (None, b"", b"bad-record")


def test_what_is_too_large_even_so_is_logged_and_given_up(broker):
    with capture_logs() as logs:
        writer = DeadLetterWriter(Settings())
        broker.send = lambda topic, **_: (
            Answer(MessageSizeTooLargeError()) if topic == "frames.dead-letter" else Answer()
        )
        assert writer.deliver([letter(b"small")])
    assert "takes no dead letter" in logs[0]["event"]


def test_a_broker_that_is_away_gets_them_again(broker):
    broker.away = True
    assert not DeadLetterWriter(Settings()).deliver([letter(b"small")])
