"""Where a service begins to read detections."""

from types import SimpleNamespace

import pytest

from pycturestream.config.settings import Settings
from pycturestream.log import followed_detections
from pycturestream.log.followed_detections import FollowedDetections

SINCE = 1_000
RECENT, END = 50, 90
"""Offsets of the first record since then, and of the end."""


class Consumer:
    def __init__(self):
        self.numbers = {0}
        self.recent = SimpleNamespace(offset=RECENT)
        self.group_offset = None
        self.position = None

    def partitions_for_topic(self, _topic):
        return self.numbers

    def assign(self, partitions):
        self.assigned = partitions

    def offsets_for_times(self, times):
        assert set(times.values()) == {SINCE}
        return dict.fromkeys(times, self.recent)

    def end_offsets(self, partitions):
        return dict.fromkeys(partitions, END)

    def committed(self, _partition):
        return self.group_offset

    def seek(self, _partition, offset):
        self.position = offset


@pytest.fixture
def consumer(monkeypatch):
    consumer = Consumer()
    monkeypatch.setattr(followed_detections, "consumer", lambda *_, **__: consumer)
    return consumer


@pytest.mark.parametrize(
    ("group_offset", "recent", "known", "position"),
    [
        (None, RECENT, {}, RECENT),
        (20, RECENT, {}, RECENT),
        (70, RECENT, {}, 70),
        (70, RECENT, {0: 60}, 60),
        (70, None, {}, END),
        (500, RECENT, {}, END),
    ],
    ids=["new", "long ago", "a moment ago", "connected again", "nothing new", "topic made anew"],
)
def test_it_begins_where_it_was_but_not_long_ago(consumer, group_offset, recent, known, position):
    consumer.group_offset = group_offset
    consumer.recent = SimpleNamespace(offset=recent) if recent else None

    assert FollowedDetections(Settings(), "group").start(SINCE, known)

    assert consumer.position == position


def test_it_does_not_begin_without_a_topic(consumer):
    consumer.numbers = None

    assert not FollowedDetections(Settings(), "group").start(SINCE, {})
