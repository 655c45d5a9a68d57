"""The server of the HTTP application: what it takes from strangers, and for how long."""

import uvicorn
from starlette.types import ASGIApp

from pycturestream.config.settings import Settings
from pycturestream.contracts.eye_messages import HEADER_BYTES

END_S = 5
"""How long requests may take to end after Ctrl-C."""
PING_S = 20.0
"""How often a phone is asked whether it is still there, and how long it may take to answer."""


def server_config(app: ASGIApp, settings: Settings, **tls: str) -> uvicorn.Config:
    """Return how the application is served; `tls` names the files of a certificate and its key."""
    return uvicorn.Config(
        app,
        log_level="warning",
        # Its own set-up would close the handlers of others; without, warnings go to the error
        # output.
        log_config=None,
        access_log=False,  # the addresses of links are secrets
        server_header=False,
        timeout_graceful_shutdown=END_S,
        # It stops reading while a message waits: one phone holds one message in memory.
        ws="websockets-sansio",
        # Twice what is allowed is read, and refused by name; more ends the connection with 1009.
        ws_max_size=HEADER_BYTES + 2 * settings.eye_byte_limit,
        # JPEGs can't be compressed further, and a few bytes could unpack to many.
        ws_per_message_deflate=False,
        ws_ping_interval=PING_S,
        ws_ping_timeout=PING_S,
        **tls,  # type: ignore[arg-type]
    )
