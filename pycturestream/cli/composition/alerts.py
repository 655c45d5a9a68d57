"""The use cases of alerts for one command."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache

from pycturestream.application.alert_ports import ElasticsearchAlerts, KafkaCommandLog
from pycturestream.application.alerts import (
    AlertNotFoundError,
    AlertService,
    NoSuchRuleError,
    NotFoundError,
    NotSilencedError,
)
from pycturestream.cli.error_mapping import error_mapping
from pycturestream.config.settings import settings
from pycturestream.contracts.cameras import decode_camera_or_default
from pycturestream.domain.alerts.alert_command import AlertCommands
from pycturestream.domain.cameras.camera import Camera
from pycturestream.errors import CommandError
from pycturestream.log.alert_commands import known_alert_commands
from pycturestream.log.cameras import known_cameras
from pycturestream.stores.elasticsearch import connect

_HINTS: Mapping[type[NotFoundError], str] = {
    AlertNotFoundError: "`pycturestream alerts` lists them",
    NoSuchRuleError: "`pycturestream cameras list` shows them",
    NotSilencedError: "`pycturestream alerts silences` lists what is",
}
"""Where a user of the command line looks up what was not found."""


@contextmanager
def alert_service() -> Iterator[AlertService]:
    """Yield the use cases of alerts, for one command: what it needs is read once.

    A server that does not answer and a NotFoundError become a CommandError.
    """
    chosen = settings()

    @cache
    def commands() -> AlertCommands:
        return known_alert_commands(chosen)

    def cameras() -> dict[str, Camera]:
        return {
            name: decode_camera_or_default(data, name)
            for name, data in known_cameras(chosen).items()
        }

    with error_mapping(chosen), connect(chosen) as client:
        try:
            yield AlertService(
                ElasticsearchAlerts(client),
                KafkaCommandLog(chosen, commands),
                cameras,
                chosen.count_window_ms,
            )
        except NotFoundError as error:
            raise CommandError(f"{error}: {_HINTS[type(error)]}") from error
