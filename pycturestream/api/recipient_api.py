"""Recipients by HTTP: list them, and send a test message to one."""

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

TIMEOUT_S = 30
"""How long a test message waits for the one before it."""


def recipient_paths(recipient_service: RecipientService | None) -> APIRouter:
    """Return the routes; without a recipient service each responds what is missing.

    Both require a token for all cameras: recipients belong to the whole system.
    """
    router = APIRouter(prefix="/api/recipients", tags=["recipients"])
    limit = RateLimit()
    # A mail server that hangs occupies one thread, not all those that serve alerts.
    turn = asyncio.Lock()

    @router.get("", response_model=list[Recipient], responses=responses(409))
    def recipients(caller: Reader) -> list[Json]:
        """List the recipients with their channels and alerts, without addresses."""
        return [
            {
                "name": recipient.name,
                "channels": recipient.channels,
                "language": recipient.language,
                "alerts": msgspec.to_builtins(recipient.alerts),
            }
            for recipient in _recipient_service(caller, recipient_service).recipients().values()
        ]

    # A name may contain a slash, like the id of an alert.
    @router.post(
        "/{name:path}/test",
        response_model=SentTestMessage,
        responses=responses(404, 409, 429, 503) | responses(502, body=RejectedTestMessage),
    )
    async def send_test(caller: Writer, name: str) -> Json | JSONResponse:
        """Send a test message on each channel of a recipient, and wait for the results."""
        service = _recipient_service(caller, recipient_service)
        recipient = (await run_in_threadpool(service.recipients)).get(name)
        if recipient is None:
            raise HTTPException(
                404, f"there is no recipient {name}: GET /api/recipients lists them"
            )
        if wait := limit.claim(name, caller.now):
            raise HTTPException(
                429,
                f"{name} got {TEST_MESSAGES_PER_HOUR} test messages within an hour: "
                f"try again in {ceil(wait / MINUTE_MS)} minutes",
                {"Retry-After": str(ceil(wait / 1000))},
            )
        message = new_test_message(name, caller.now, recipient.language)
        try:
            async with asyncio.timeout(TIMEOUT_S):
                await turn.acquire()
        except TimeoutError as error:
            raise HTTPException(
                503,
                "another test message is waiting for its mail server or receiver: try again later",
                {"Retry-After": str(TIMEOUT_S)},
            ) from error
        try:
            attempts = await run_in_threadpool(service.send_test, message, recipient)
        finally:
            turn.release()
        taken = [one.channel for one in attempts if one.rejection is None]
        rejected = {one.channel: one.rejection for one in attempts if one.rejection is not None}
        if rejected:
            detail = "; ".join(f"{channel}: {rejection}" for channel, rejection in rejected.items())
            return problem(502, detail, recipient=name, taken=taken, refused=rejected)
        return {"recipient": name, "id": message.id, "taken": taken}

    return router


def _recipient_service(
    caller: Caller, recipient_service: RecipientService | None
) -> RecipientService:
    """Return the recipient service. Raises 403 and 409."""
    caller.check_all_cameras()
    if recipient_service is None:
        raise HTTPException(
            409, "no recipients are configured: start `pycturestream serve --recipients FILE`"
        )
    return recipient_service
