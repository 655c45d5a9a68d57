"""What the HTTP application needs of the rest of the system."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from pycturestream.domain.alerts.alert_command import AlertCommand, AlertCommands
from pycturestream.domain.reports.alert_rates import CameraRate
from pycturestream.domain.reports.false_alarm import Suggestion, WrongAlert
from pycturestream.domain.times import Millis
from pycturestream.stores.search import Scope

Json = dict[str, Any]


class Desk(Protocol):
    """Alerts with what people say of them: `application.alerts.AlertDesk`, or a test's own."""

    def alerts(
        self, scope: Scope, limit: int, *, label: str | None = None, only_open: bool = False
    ) -> list[Json]: ...

    def alert(self, alert_id: str) -> Json | None: ...

    def rules(self) -> Mapping[str, tuple[str, ...]]: ...

    def commands(self) -> AlertCommands: ...

    def say(self, command: AlertCommand) -> None: ...

    def take_back(self, keys: Iterable[str]) -> None: ...

    def wrong_alerts(self, scope: Scope) -> tuple[list[WrongAlert], list[Suggestion]]: ...

    def rates(self, since: Millis, until: Millis) -> list[CameraRate]: ...
