"""The process of `pycturestream serve`."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from pycturestream.api.application import application
from pycturestream.api.headers import Guarded
from pycturestream.api.links import links_of
from pycturestream.api.tokens import tokens_of
from pycturestream.application.alert_ports import ElasticsearchAlerts, KafkaCommandLog
from pycturestream.application.alerts import AlertService
from pycturestream.application.recipients import RecipientService
from pycturestream.cli.composition.notifier import open_recipients
from pycturestream.clock import SystemClock
from pycturestream.config.settings import Settings
from pycturestream.domain.alerts.alert_command import AlertCommands
from pycturestream.domain.cameras.camera import Camera
from pycturestream.errors import CommandError
from pycturestream.log.alert_commands import FollowedAlertCommands
from pycturestream.log.cameras import FollowedCameras
from pycturestream.stores.elasticsearch import connect


@contextmanager
def api_application(settings: Settings, recipients: Path | None) -> Iterator[Guarded]:
    """Yield the HTTP application of `pycturestream serve`. Raises CommandError.

    `recipients` is a file of recipients; None: the application knows none.
    """
    clock = SystemClock()
    service = RecipientService(open_recipients(recipients), settings, clock) if recipients else None
    try:
        tokens, links = tokens_of(settings), links_of(settings)
    except OSError as error:
        raise CommandError(f"{error.filename}: {error.strerror}") from error
    timeout_s = settings.store_timeout_ms / 1000
    with (
        connect(settings) as client,
        closing(FollowedAlertCommands(settings)) as commands,
        closing(FollowedCameras(settings)) as cameras,
    ):

        def current_commands() -> AlertCommands:
            # Before the topic was read, nothing can be said about who handles an alert.
            commands.require(timeout_s)
            return commands.known

        def current_cameras() -> Mapping[str, Camera]:
            cameras.require(timeout_s)
            return cameras.cameras

        alerts = AlertService(
            ElasticsearchAlerts(client),
            KafkaCommandLog(settings, current_commands),
            current_cameras,
            settings.count_window_ms,
        )
        yield application(alerts, tokens, links, clock.now, service)
