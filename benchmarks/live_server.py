"""The live pages without the rest of `pycturestream serve`, for as long as their cost is measured.

Run as a process of its own, so that nothing else uses its processor time:
`python -m benchmarks.live_server`. It prints its port, and serves until it is ended. Results come
from Redis; no pictures come, and no camera events.
"""

import socket
from collections.abc import Callable
from contextlib import closing
from typing import Any

import uvicorn
from fastapi import FastAPI

from benchmarks.application_context import context_without_alerts
from pycturestream.api.live_hub import LiveHub
from pycturestream.api.pages.live import live_pages
from pycturestream.api.server import server_config
from pycturestream.api.tokens import tokens_of
from pycturestream.application.live_pictures import RedisLivePictures
from pycturestream.application.live_ports import RedisLiveResults
from pycturestream.application.live_view import LiveView
from pycturestream.clock import SystemClock
from pycturestream.config.settings import settings
from pycturestream.domain.alerts.alert_command import AlertCommands
from pycturestream.domain.cameras.camera import Camera


class NoEvents:
    """Stands for the topic `camera-events`."""

    def start(self, handle: Callable[[dict[str, Any]], None]) -> None: ...


def serve() -> None:
    chosen, clock = settings(), SystemClock()
    commands, cameras = AlertCommands(), dict[str, Camera]()
    with (
        context_without_alerts(chosen, tokens_of(chosen), is_open=True) as context,
        closing(RedisLiveResults(chosen)) as results,
        closing(RedisLivePictures(chosen)) as pictures,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        view = LiveView(lambda: cameras, lambda: commands, chosen.offline_after_ms)
        app = FastAPI()
        app.state.context = context
        app.include_router(live_pages(LiveHub(results, pictures, NoEvents(), view, clock)))
        print(listener.getsockname()[1], flush=True)
        uvicorn.Server(server_config(app, chosen)).run(sockets=[listener])


if __name__ == "__main__":
    serve()
