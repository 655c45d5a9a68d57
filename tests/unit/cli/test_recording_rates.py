"""`pycturestream serve` records alert rates beside its pages, from what Elasticsearch has."""

import json
import threading
from contextlib import contextmanager

import pytest
from jsonschema import Draft202012Validator
from kafka.errors import KafkaTimeoutError

from pycturestream.cli.composition import rates
from pycturestream.clock import now
from pycturestream.config.settings import Settings
from pycturestream.contracts.alert_events import daily_rate_record
from pycturestream.contracts.codec import encode_record
from pycturestream.contracts.schemas import schema
from pycturestream.domain.erasure import NO_ERASURES
from pycturestream.domain.times import DAY_MS
from tests.waiting import eventually


class Days:
    """Three alerts of yesterday, and accounting windows in which the camera was seen."""

    def __init__(self, windows):
        self.windows = windows

    def alerts_by_day(self, _scope, _offset_ms):
        return {("gate", yesterday()): 3}

    def seen_windows_by_day(self, _scope, _offset_ms):
        return {("gate", yesterday()): self.windows}


def yesterday():
    return now() // DAY_MS * DAY_MS - DAY_MS


@pytest.fixture
def reported(monkeypatch):
    reported = []

    @contextmanager
    def sender(_settings):
        yield reported.append

    monkeypatch.setattr(rates, "event_sender", sender)
    # What stands for the client is what is searched.
    monkeypatch.setattr(rates, "ElasticsearchAlerts", lambda days: days)
    return reported


def test_the_rates_of_the_last_days_are_recorded_while_the_pages_are_served(reported):
    with rates.recorded_rates(Settings(), Days(windows=720), lambda: NO_ERASURES):
        assert eventually(lambda: reported)
        running = {thread.name for thread in threading.enumerate()}

    assert [(one.camera_id, one.alerts, one.hours) for one in reported] == [("gate", 3, 12.0)]
    assert "alert rates" in running
    assert "alert rates" not in {thread.name for thread in threading.enumerate()}


def test_a_day_has_24_hours_also_where_the_window_was_shorter_before(reported):
    with rates.recorded_rates(Settings(), Days(windows=8_640), lambda: NO_ERASURES):
        assert eventually(lambda: reported)

    (rate,) = reported
    Draft202012Validator(schema("alert-events")).validate(
        json.loads(encode_record(daily_rate_record(rate)))
    )
    assert rate.hours == 24


def test_none_is_recorded_before_it_is_known_what_is_erased(reported):
    tried = threading.Event()

    def erased():
        tried.set()
        raise KafkaTimeoutError

    with rates.recorded_rates(Settings(), Days(windows=720), erased):
        assert tried.wait(30)

    assert reported == []
