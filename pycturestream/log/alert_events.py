"""The topic `alert-events`: writes what became of alerts."""

from collections.abc import Iterable

from pycturestream.config.settings import Settings
from pycturestream.contracts.alert_events import alert_event_record
from pycturestream.contracts.codec import encode_record
from pycturestream.contracts.topics import ALERT_EVENTS
from pycturestream.domain.alerts.alert_event import AlertEvent
from pycturestream.log.compacted_topic import write_records


def publish_alert_events(settings: Settings, events: Iterable[AlertEvent]) -> None:
    """Write events, and return when the broker has all of them.

    Lets kafka.errors.KafkaError through.
    """
    records = [(event.camera_id, encode_record(alert_event_record(event))) for event in events]
    if records:
        write_records(settings, ALERT_EVENTS, records)
