"""Recipients by HTTP: who is told of alerts, and a test message to one of them."""

import asyncio
from math import ceil
from typing import Any

import msgspec
from fastapi import APIRouter, HTTPException
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from pycturestream.api.access import Caller, Reader, Writer
from pycturestream.api.models import Recipient, RejectedTestMessage, SentTestMessage
from pycturestream.api.problems import problem, responses
from pycturestream.api.rate_limit import TEST_MESSAGES_PER_HOUR, RateLimit
from pycturestream.application.recipients import RecipientService
from pycturestream.domain.notifications.notification import new_test_message
from pycturestream.domain.times import MINUTE_MS

Json = dict[str, Any]

PATIENCE_S = 30
"""How long a test message waits for the one before it."""


def recipient_paths(recipient_service: RecipientService | None) -> APIRouter:
    """Return the paths; without a post room each says what is missing.

    Both are for tokens of all cameras: recipients belong to the whole system.
    """
    router = APIRouter(prefix="/api/recipients", tags=["recipients"])
    limit = RateLimit()
    # A mail server that hangs holds one thread, and not all that alerts are acknowledged in.
    turn = asyncio.Lock()

    @router.get("", response_model=list[Recipient], responses=responses(409))
    def recipients(caller: Reader) -> list[Json]:
        """List who is told of which alerts, by mail or webhook, without addresses."""
        return [
            {
                "name": recipient.name,
                "channels": recipient.channels,
                "alerts": msgspec.to_builtins(recipient.alerts),
            }
            for recipient in _recipient_service(caller, recipient_service).recipients().values()
        ]

    # A name may hold a slash, as the id of an alert does.
    @router.post(
        "/{name:path}/test",
        response_model=SentTestMessage,
        responses=responses(404, 409, 429, 503) | responses(502, body=RejectedTestMessage),
    )
    async def send_test(caller: Writer, name: str) -> Json | JSONResponse:
        """Send a test message by each of a recipient's channels, and wait for what comes of it."""
        room = _recipient_service(caller, recipient_service)
        recipient = (await run_in_threadpool(room.recipients)).get(name)
        if recipient is None:
            raise HTTPException(
                404, f"there is no recipient {name}: GET /api/recipients lists them"
            )
        if wait := limit.enter(name, caller.now):
            raise HTTPException(
                429,
                f"{name} was tried {TEST_MESSAGES_PER_HOUR} times within an hour: "
                f"try again in {ceil(wait / MINUTE_MS)} minutes",
                {"Retry-After": str(ceil(wait / 1000))},
            )
        message = new_test_message(name, caller.now)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await turn.acquire()
        except TimeoutError as error:
            raise HTTPException(
                503,
                "another test message is waiting for its mail server or receiver: try again later",
                {"Retry-After": str(PATIENCE_S)},
            ) from error
        try:
            tried = await run_in_threadpool(room.try_out, message, recipient)
        finally:
            turn.release()
        taken = [one.channel for one in tried if one.rejection is None]
        refused = {one.channel: one.rejection for one in tried if one.rejection is not None}
        if refused:
            detail = "; ".join(f"{channel}: {refusal}" for channel, refusal in refused.items())
            return problem(502, detail, recipient=name, taken=taken, refused=refused)
        return {"recipient": name, "id": message.id, "taken": taken}

    return router


def _recipient_service(
    caller: Caller, recipient_service: RecipientService | None
) -> RecipientService:
    """Return the post room. Raises 403 and 409."""
    caller.check_all_cameras()
    if recipient_service is None:
        raise HTTPException(
            409, "no recipients are known here: start `pycturestream serve --recipients FILE`"
        )
    return recipient_service
