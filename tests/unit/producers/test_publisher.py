import pytest
from kafka.future import Future

from producers import publisher as publish
from producers.publisher import Publisher
from producers.sender_name import sender_name
from pycturestream.config.settings import Settings
from pycturestream.contracts.proofs import FrameSigner, is_proven
from pycturestream.domain.frames.admission import Arrival, Place
from pycturestream.domain.frames.frame import Frame
from pycturestream.domain.frames.sender import read_sender, sender_header

SPOKEN = "a token of the gate"


class Broker:
    """Acknowledges everything at once."""

    def __init__(self, *_arguments, **_options):
        self.records = []

    def send(self, _topic, **record):
        self.records.append(record)
        return Future().success(None)

    def flush(self, _timeout):
        pass

    def close(self):
        pass


@pytest.fixture(params=["live", "replay"])
def publisher(request, clock, monkeypatch):
    monkeypatch.setattr(publish, "producer", Broker)
    return Publisher(Settings(), request.param, clock)


def test_a_picture_that_can_not_be_sent_is_counted_and_the_others_go(publisher):
    broken, good = publisher.open_account(), publisher.open_account()
    frames = [Frame("gate", 1, b"jpeg", source="caf\udce9.mp4#0"), Frame("yard", 2, b"jpeg")]

    for frame, account in zip(frames, (broken, good), strict=True):
        publisher.publish(frame, account)

    assert broken.settle(timeout_s=30)
    assert good.settle(timeout_s=30)
    assert broken.counts().dropped == {"not-delivered": 1}
    assert good.counts().published == 1
    publisher.close()


def test_each_picture_says_who_sends_it(publisher, clock):
    account = publisher.open_account()
    publisher.publish(Frame("gate", 1, b"jpeg"), account)
    assert account.settle(timeout_s=30)
    publisher.close()
    (record,) = publisher._kafka.records
    header = dict(record["headers"])["sender"]
    assert read_sender(header) == f"{sender_name(Settings())}:{clock.now()}"


def test_a_producer_with_a_token_proves_what_it_sends(clock, monkeypatch):
    monkeypatch.setattr(publish, "producer", Broker)
    publisher = Publisher(Settings(sender_token=SPOKEN), "live", clock)
    account = publisher.open_account()
    publisher.publish(Frame("gate", clock.now(), b"jpeg"), account)
    assert account.settle(timeout_s=30)
    publisher.close()
    (record,) = publisher._kafka.records
    headers = dict(record["headers"])
    assert SPOKEN.encode() not in b"".join(headers.values())
    arrival = Arrival(
        Place("frames", 0, 0),
        clock.now(),
        record["key"],
        record["value"],
        headers["captured_at"],
        headers["sent_at"],
        proof=headers["proof"],
    )
    assert is_proven(arrival, FrameSigner(SPOKEN).sender_key, 0)


class TestSenderName:
    def test_it_stays_when_a_program_is_started_again(self):
        assert sender_name(Settings()) == sender_name(Settings())

    def test_copies_on_one_computer_have_different_ones(self, tmp_path):
        assert sender_name(Settings()) != sender_name(Settings(data_folder=tmp_path))

    @pytest.mark.parametrize("host", ["gate.local", "x" * 200, "", "tür", "-"])
    def test_a_header_can_hold_it_whatever_the_computer_is_called(self, monkeypatch, host):
        monkeypatch.setattr("socket.gethostname", lambda: host)
        name = f"{sender_name(Settings())}.bridge"
        assert read_sender(sender_header(name, 5)) == f"{name}:5"

    def test_it_can_be_set(self):
        assert sender_name(Settings(sender="north-gate")) == "north-gate"
