"""Where the use cases of alerts read and write: Elasticsearch and the topic `alert-commands`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from elasticsearch import Elasticsearch

from pycturestream.clock import now
from pycturestream.config.settings import Settings
from pycturestream.domain.alerts.alert_command import AlertCommand, AlertCommands, alert_key
from pycturestream.domain.alerts.alert_event import false_alarm_event
from pycturestream.domain.times import Millis
from pycturestream.log.alert_commands import publish_alert_command, take_back_alert_commands
from pycturestream.log.alert_events import publish_alert_events
from pycturestream.stores.search import (
    Scope,
    count_alerts_by_day,
    count_seen_windows_by_day,
    find_alert,
    find_alerts,
    find_frames,
)

Json = dict[str, Any]
CountsByDay = dict[tuple[str, Millis], int]
"""By camera and the beginning of each 24 hours."""


class DaySearch(Protocol):
    """Counts what there was on each day."""

    def alerts_by_day(self, scope: Scope, offset_ms: int) -> CountsByDay:
        """Return how many alerts were raised; `offset_ms` lies between a day's start and 0:00."""
        ...

    def seen_windows_by_day(self, scope: Scope, offset_ms: int) -> CountsByDay:
        """Return in how many accounting windows a frame was processed."""
        ...


class AlertSearch(DaySearch, Protocol):
    """Finds alerts and what belongs to them."""

    def find(
        self, scope: Scope, limit: int, *, label: str | None = None, only_open: bool = False
    ) -> Iterable[Json]:
        """Return alerts by the time they were raised, the newest first."""
        ...

    def get(self, alert_id: str) -> Json | None:
        """Return a live alert as it is now; None where there is none."""
        ...

    def frames(self, frame_ids: Sequence[str]) -> Iterable[Json]:
        """Return the live detections records of these frames, as far as they are still kept."""
        ...


class CommandLog(Protocol):
    """Keeps the newest command about each alert, camera and rule."""

    def current(self) -> AlertCommands:
        """Return the commands that hold now."""
        ...

    def publish(self, command: AlertCommand) -> None:
        """Return when the command is in the log."""
        ...

    def take_back(self, keys: Iterable[str]) -> None:
        """Remove the commands with these keys."""
        ...


@dataclass(frozen=True, slots=True)
class ElasticsearchAlerts:
    """AlertSearch in Elasticsearch.

    Lets elasticsearch.ApiError and elasticsearch.TransportError through.
    """

    client: Elasticsearch

    def find(
        self, scope: Scope, limit: int, *, label: str | None = None, only_open: bool = False
    ) -> Iterable[Json]:
        return find_alerts(self.client, scope, limit, label=label, only_open=only_open)

    def get(self, alert_id: str) -> Json | None:
        return find_alert(self.client, alert_id)

    def frames(self, frame_ids: Sequence[str]) -> Iterable[Json]:
        return find_frames(self.client, frame_ids)

    def alerts_by_day(self, scope: Scope, offset_ms: int) -> CountsByDay:
        return count_alerts_by_day(self.client, scope, offset_ms)

    def seen_windows_by_day(self, scope: Scope, offset_ms: int) -> CountsByDay:
        return count_seen_windows_by_day(self.client, scope, offset_ms)


@dataclass(frozen=True, slots=True)
class KafkaCommandLog:
    """CommandLog in Kafka. Lets kafka.errors.KafkaError through."""

    settings: Settings
    read: Callable[[], AlertCommands]
    """Returns the commands that hold now: read once, or followed."""

    def current(self) -> AlertCommands:
        return self.read()

    def publish(self, command: AlertCommand) -> None:
        publish_alert_command(self.settings, command)
        if command.command == "wrong":
            publish_alert_events(self.settings, [false_alarm_event(command)])

    def take_back(self, keys: Iterable[str]) -> None:
        keys, marks = list(keys), alert_key("wrong", "")
        # Only who takes back a false alarm needs to know when it was marked.
        known = self.read().by_key if any(key.startswith(marks) for key in keys) else {}
        take_back_alert_commands(self.settings, keys)
        events = [
            false_alarm_event(known[key], now())
            for key in keys
            if key.startswith(marks) and key in known
        ]
        publish_alert_events(self.settings, events)
