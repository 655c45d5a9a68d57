"""What requests need, for servers of benchmarks that nobody asks for alerts."""

from collections.abc import Iterator
from contextlib import contextmanager

from pycturestream.api.access import ApplicationContext
from pycturestream.api.tokens import Tokens
from pycturestream.application.alert_ports import ElasticsearchAlerts, KafkaCommandLog
from pycturestream.application.alerts import AlertService
from pycturestream.clock import SystemClock
from pycturestream.config.settings import Settings
from pycturestream.domain.alerts.alert_command import AlertCommands
from pycturestream.stores.elasticsearch import connect


@contextmanager
def context_without_alerts(
    chosen: Settings, tokens: Tokens, *, is_open: bool = False
) -> Iterator[ApplicationContext]:
    """Yield a context whose alert service looks for no server until it is asked for alerts."""
    with connect(chosen) as client:
        log = KafkaCommandLog(chosen, AlertCommands)
        alerts = AlertService(ElasticsearchAlerts(client), log, dict, chosen.count_window_ms)
        yield ApplicationContext(alerts, tokens, SystemClock().now, is_open)
