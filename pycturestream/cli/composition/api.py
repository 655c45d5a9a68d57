"""The process of `pycturestream serve`."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from elasticsearch import Elasticsearch
from fastapi import APIRouter
from prometheus_client.core import Metric
from pydantic import SecretStr
from starlette.types import ASGIApp

from producers.publisher import Publisher
from pycturestream.api.answer_counts import CountedAnswers
from pycturestream.api.application import application
from pycturestream.api.camera_api import camera_paths
from pycturestream.api.camera_settings_api import camera_settings_paths, snapshot_paths
from pycturestream.api.chart_api import chart_paths
from pycturestream.api.eye_gateway import EyeGateway
from pycturestream.api.links import links_of
from pycturestream.api.pages.report import report_page
from pycturestream.api.pages.search import search_page
from pycturestream.api.pages.zones import zones_page
from pycturestream.api.picture_api import picture_paths
from pycturestream.api.picture_search_api import picture_search_paths
from pycturestream.api.picture_turns import PictureTurns
from pycturestream.api.tokens import Tokens, tokens_of
from pycturestream.application.alert_ports import ElasticsearchAlerts, KafkaCommandLog
from pycturestream.application.alerts import AlertService
from pycturestream.application.camera_editing import KafkaCameraSettings, RecordedSnapshots
from pycturestream.application.eye_cameras import EyeCameras
from pycturestream.application.eye_ports import KafkaCameraTopic, KafkaPictures, RedisPushes
from pycturestream.application.picture_index import ElasticsearchPictures
from pycturestream.application.recipients import RecipientService
from pycturestream.application.report_ports import ElasticsearchReports
from pycturestream.application.reports import ReportService
from pycturestream.application.shown_pictures import ShownPictures
from pycturestream.cli.composition.live import open_live_pages
from pycturestream.cli.composition.metrics import (
    answer_metrics,
    exported,
    eye_metrics,
    live_page_metrics,
)
from pycturestream.cli.composition.notifier import open_recipients
from pycturestream.cli.composition.rates import recorded_rates
from pycturestream.clock import Clock, SystemClock
from pycturestream.config.private_files import private_folder, read_or_make
from pycturestream.config.settings import Settings
from pycturestream.contracts.proofs import FrameSigner
from pycturestream.detector.registry import ModelError, read_description
from pycturestream.domain.alerts.alert_command import AlertCommands
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.erasure import Erasures
from pycturestream.errors import CommandError
from pycturestream.languages.model_words import use_words_of_model
from pycturestream.log.alert_commands import FollowedAlertCommands
from pycturestream.log.cameras import FollowedCameras
from pycturestream.log.erasures import FollowedErasures
from pycturestream.logging_setup import get_logger
from pycturestream.pictures.blurred_pictures import BlurredPictures
from pycturestream.stores.elasticsearch import connect

_log = get_logger(__name__)


@contextmanager
def api_application(
    settings: Settings, recipients: Path | None, *, is_open: bool = False
) -> Iterator[ASGIApp]:
    """Yield the HTTP application of `pycturestream serve`. Raises CommandError.

    `recipients` is a file of recipients; None: the application knows none. `is_open`: this machine
    needs no token. It starts while servers are away, and what needs them answers 503.
    """
    for problem in use_words_of_model(settings.model_folder / settings.model):
        _log.warning(problem)
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
        _erasures(settings) as erased,
        recorded_rates(settings, client, erased),
        closing(BlurredPictures(settings, erased)) as source,
        closing(PictureTurns()) as turns,  # closed before its source
        _eye_gateway(settings, tokens, cameras, clock) as eye,
        open_live_pages(settings, client, cameras, commands, clock) as (live_hub, live),
    ):

        def current_commands() -> AlertCommands:
            # Before the topic was read, nothing can be said about who handles an alert.
            commands.require_since_start(timeout_s)
            return commands.known

        def current_cameras() -> Mapping[str, Camera]:
            cameras.require_since_start(timeout_s)
            return cameras.cameras

        alerts = AlertService(
            ElasticsearchAlerts(client),
            KafkaCommandLog(settings, current_commands),
            current_cameras,
            settings.count_window_ms,
        )
        search = ElasticsearchReports(client, settings.count_window_ms)
        reports = ReportService(search, alerts, settings.count_window_ms)
        pages = [
            camera_paths(current_cameras),
            *_picture_paths(client, cameras, source, turns),
            search_page(),
            report_page(),
            chart_paths(reports),
            *live,
            zones_page(),
            camera_settings_paths(KafkaCameraSettings(cameras, settings, clock), _labels(settings)),
            snapshot_paths(RecordedSnapshots(settings), turns),
        ]
        app = CountedAnswers(
            application(
                alerts,
                tokens,
                links,
                clock.now,
                service,
                eye,
                pages,
                is_open=is_open,
                web_address=settings.web_address,
            )
        )

        def metrics() -> Iterable[Metric]:
            return (
                *eye_metrics(eye.connection_count),
                *live_page_metrics(live_hub.page_count),
                *answer_metrics(app.counts),
            )

        with exported(settings, settings.ports.serve_metrics, metrics):
            yield app


def _labels(settings: Settings) -> tuple[str, ...]:
    """Return the labels to choose from in rules; none where the model can't be read."""
    try:
        return read_description(settings.model_folder / settings.model).labels
    except ModelError as error:
        _log.warning(f"no labels to choose from: {error}")
        return ()


@contextmanager
def _erasures(settings: Settings) -> Iterator[Callable[[], Erasures]]:
    """Yield what returns the erasures in force; it lets kafka.errors.KafkaError through."""
    timeout_s = settings.store_timeout_ms / 1000

    def erased() -> Erasures:
        # Before the topic was read, no picture may leave, and no rate be recorded.
        erasures.require_since_start(timeout_s)
        return erasures.known

    with closing(FollowedErasures(settings)) as erasures:
        yield erased


def _picture_paths(
    client: Elasticsearch, cameras: FollowedCameras, source: BlurredPictures, turns: PictureTurns
) -> Sequence[APIRouter]:
    """Return the paths that find and hand out pictures."""
    index = ElasticsearchPictures(client)
    shown = ShownPictures(index, source, lambda: cameras.cameras)
    return picture_search_paths(index), picture_paths(shown, turns)


@contextmanager
def _eye_gateway(
    settings: Settings, tokens: Tokens, cameras: FollowedCameras, clock: Clock
) -> Iterator[EyeGateway]:
    """Yield the gateway of the seeing aid. Raises CommandError."""
    token = settings.sender_token.get_secret_value() or _eye_key(settings)
    signing = settings.model_copy(update={"sender_token": SecretStr(token)})
    topic = KafkaCameraTopic(cameras, settings, clock)
    with (
        closing(Publisher(signing, "live", clock)) as publisher,
        closing(RedisPushes(settings)) as pushes,
        closing(EyeCameras(topic, FrameSigner(token).sender_key)) as eye_cameras,
    ):
        yield EyeGateway(tokens, KafkaPictures(publisher), pushes, eye_cameras, clock, settings)


def _eye_key(settings: Settings) -> str:
    """Return what signs the pictures of phones: made once, in the data folder."""
    try:
        key = read_or_make(private_folder(settings) / "eye-key", secrets.token_hex(32).encode())
    except OSError as error:
        raise CommandError(f"{error.filename}: {error.strerror}") from error
    return key.decode("ascii")
