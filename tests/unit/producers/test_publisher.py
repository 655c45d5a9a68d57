import pytest
from kafka.future import Future

from producers import publisher as publish
from producers.publisher import Publisher
from pycturestream.config.settings import Settings
from pycturestream.domain.frames.frame import Frame


class Broker:
    """Acknowledges everything at once."""

    def __init__(self, *_arguments, **_options):
        pass

    def send(self, _topic, **_record):
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
