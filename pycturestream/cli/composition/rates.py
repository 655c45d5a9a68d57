"""What records the alert rates of the last days beside the pages."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Thread
from typing import Final

from elasticsearch import Elasticsearch

from pycturestream.application.alert_ports import ElasticsearchAlerts
from pycturestream.application.alerts import daily_alert_rates
from pycturestream.application.rate_recorder import RateRecorder
from pycturestream.cli.composition.notifier import event_sender
from pycturestream.cli.error_mapping import error_mapping
from pycturestream.clock import SystemClock
from pycturestream.config.settings import Settings
from pycturestream.domain.erasure import Erasures
from pycturestream.domain.reports.daily_rate import DailyRate
from pycturestream.domain.times import Millis

_END_S: Final = 1.0
"""How long the end waits for a search that goes on: what it finds is found again."""


@contextmanager
def recorded_rates(
    settings: Settings, client: Elasticsearch, erased: Callable[[], Erasures]
) -> Iterator[None]:
    """Record alert rates in a thread during the block, as soon as servers answer.

    `erased` lets kafka.errors.KafkaError through while it knows nothing.
    """
    clock = SystemClock()

    def in_force() -> Erasures:
        with error_mapping(settings):
            return erased()

    with event_sender(settings) as report:
        recorder = RateRecorder(partial(_find, settings, client), in_force, report, clock)
        thread = Thread(target=recorder.run, name="alert rates", daemon=True)
        thread.start()
        try:
            yield
        finally:
            clock.stop.set()
            thread.join(_END_S)


def _find(settings: Settings, client: Elasticsearch, at: Millis) -> Iterable[DailyRate]:
    """Find the alert rates of the last days. Raises ServiceError."""
    with error_mapping(settings):
        return list(daily_alert_rates(ElasticsearchAlerts(client), at, settings.count_window_ms))
