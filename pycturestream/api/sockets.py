"""What the sockets of phones and of pages share: to do several things at once, and to end."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from pycturestream.logging_setup import get_logger

_log = get_logger(__name__)


class SocketEndError(Exception):
    """A connection is to be closed."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


async def until_one_ends(*works: Coroutine[Any, Any, None]) -> None:
    """Do several things at once; where one ends or raises, all do."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def close_socket(websocket: WebSocket, code: int, reason: str, within_s: float) -> None:
    """Close a connection; whoever does not take even that is left."""
    try:
        async with asyncio.timeout(within_s):
            await websocket.close(code, reason)
    except (TimeoutError, RuntimeError, WebSocketDisconnect, OSError):
        _log.debug("the other side was gone before its connection was closed")
