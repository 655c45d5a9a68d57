"""What comes on channels, while the line is whole and when it is broken without a word."""

import pytest
import redis

from pycturestream.stores.checked_subscription import PING_S, SILENT_S
from pycturestream.stores.live_pictures import LiveSubscription


class Subscription:
    """One of the client, with what a test puts into it; it may be mute."""

    def __init__(self):
        self.messages = []
        self.is_mute = False
        self.pings = 0
        self.subscribed = False

    def subscribe(self, *_channels):
        self.subscribed = True

    def unsubscribe(self, *_channels):
        self.subscribed = False

    def ping(self):
        self.pings += 1
        if not self.is_mute:
            self.messages.append({"type": "pong", "data": b""})

    def get_message(self, **_options):
        return self.messages.pop(0) if self.messages else None


class Clock:
    at = 0.0

    def __call__(self):
        return self.at


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def line():
    return Subscription()


@pytest.fixture
def subscription(line, clock):
    subscription = LiveSubscription(line, clock)
    subscription.set_channels(["a"])
    return subscription


def read_for(subscription, clock, seconds):
    """Read twice a second; return what came."""
    found = []
    for _ in range(round(2 * seconds)):
        found.append(subscription.read(0.5))
        clock.at += 0.5
    return [each for each in found if each is not None]


def test_messages_are_returned_and_answers_to_pings_are_not(subscription, line, clock):
    line.messages = [{"type": "message", "data": b"one"}, {"type": "subscribe", "data": 1}]
    assert read_for(subscription, clock, 10 * PING_S) == [b"one"]
    assert 10 <= line.pings <= 11


def test_a_line_that_is_broken_without_a_word_is_an_error(subscription, line, clock):
    read_for(subscription, clock, 100)
    line.is_mute = True
    with pytest.raises(redis.TimeoutError):
        read_for(subscription, clock, PING_S + SILENT_S + 1)


def test_who_was_asleep_reads_the_answer_first(subscription, line, clock):
    subscription.read(0.5)
    line.messages = []
    line.is_mute = True
    clock.at += PING_S
    subscription.read(0.5)
    clock.at += 10 * SILENT_S
    line.messages = [{"type": "pong", "data": b""}]
    assert subscription.read(0.5) is None


def test_where_nothing_is_listened_to_no_answer_is_missed(subscription, line, clock):
    line.is_mute = True
    subscription.read(0.5)
    subscription.set_channels([])
    assert read_for(subscription, clock, 10 * SILENT_S) == []
    line.is_mute = False
    subscription.set_channels(["b"])
    assert read_for(subscription, clock, 10 * SILENT_S) == []
