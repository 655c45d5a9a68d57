"""`pycturestream serve` records alert rates beside its pages, from what Elasticsearch has."""

import threading
from contextlib import contextmanager

import pytest
from kafka.errors import KafkaTimeoutError

from pycturestream.cli.composition import rates
from pycturestream.clock import now
from pycturestream.config.settings import Settings
from pycturestream.domain.erasure import NO_ERASURES
from pycturestream.domain.times import DAY_MS
from tests.waiting import eventually


class Elasticsearch:
    """Has three alerts of yesterday, and twelve hours of minutes."""

    def __init__(self):
        self.asked = []

    def options(self, **_):
        return self

    def search(self, *, index, **_):
        self.asked.append(index)
        today = now() // DAY_MS * DAY_MS
        number = 3 if index == "alerts" else 720
        bucket = {"key": {"camera": "gate", "day": today - DAY_MS}, "doc_count": number}
        return Reply({"aggregations": {"groups": {"buckets": [bucket]}}})


class Reply:
    def __init__(self, body):
        self.body = body


@pytest.fixture
def reported(monkeypatch):
    reported = []

    @contextmanager
    def sender(_settings):
        yield reported.append

    monkeypatch.setattr(rates, "event_sender", sender)
    return reported


def test_the_rates_of_the_last_days_are_recorded_while_the_pages_are_served(reported):
    with rates.recorded_rates(Settings(), Elasticsearch(), lambda: NO_ERASURES):
        assert eventually(lambda: reported)
        running = {thread.name for thread in threading.enumerate()}

    assert [(one.camera_id, one.alerts, one.hours) for one in reported] == [("gate", 3, 12.0)]
    assert "alert rates" in running
    assert "alert rates" not in {thread.name for thread in threading.enumerate()}


def test_none_is_recorded_before_it_is_known_what_is_erased(reported):
    store = Elasticsearch()
    tried = threading.Event()

    def erased():
        tried.set()
        raise KafkaTimeoutError

    with rates.recorded_rates(Settings(), store, erased):
        assert tried.wait(30)

    assert reported == []
