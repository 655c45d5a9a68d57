"""The live pages of `pycturestream serve`."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

from elasticsearch import Elasticsearch
from fastapi import APIRouter

from pycturestream.api.live_hub import LiveHub
from pycturestream.api.pages.live import live_pages, live_paths
from pycturestream.application.live_pictures import RedisLivePictures
from pycturestream.application.live_ports import (
    ElasticsearchHistory,
    KafkaCameraEvents,
    RedisLiveResults,
)
from pycturestream.application.live_view import LiveView
from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.log.alert_commands import FollowedAlertCommands
from pycturestream.log.cameras import FollowedCameras


@contextmanager
def open_live_pages(
    settings: Settings,
    client: Elasticsearch,
    cameras: FollowedCameras,
    commands: FollowedAlertCommands,
    clock: Clock,
) -> Iterator[tuple[LiveHub, Sequence[APIRouter]]]:
    """Yield the hub of the live pages, and their routes; before one opens, it follows nothing."""
    view = LiveView(lambda: cameras.cameras, lambda: commands.known, settings.offline_after_ms)
    with (
        closing(RedisLiveResults(settings)) as results,
        closing(RedisLivePictures(settings)) as pictures,
        closing(KafkaCameraEvents(settings)) as events,
    ):
        hub = LiveHub(results, pictures, events, view, clock)
        yield hub, (live_pages(hub), live_paths(ElasticsearchHistory(client)))
