"""One connection of the seeing aid, to a phone that does not read or is gone."""

import asyncio
import json
from types import SimpleNamespace

import pytest
from starlette.websockets import WebSocketDisconnect

from pycturestream.api import eye_connection
from pycturestream.api.eye_connection import OUTBOX_LIMIT, CloseCode, EyeConnection
from pycturestream.config.settings import Settings
from pycturestream.contracts.eye_messages import Seen
from pycturestream.domain.narration.sentence import SPOKEN_WITHIN_MS, Sentence
from tests.builders import NOON
from tests.unit.api.eye_server import HOUR, SetClock


class DeafPhone:
    """Says hello, and takes nothing."""

    def __init__(self, token):
        self._messages = [
            {"type": "websocket.receive", "text": f'{{"type":"hello","token":"{token}"}}'}
        ]
        self.closed_with = None

    async def receive(self):
        if self._messages:
            return self._messages.pop()
        return await asyncio.Event().wait()

    async def send_text(self, _text):
        await asyncio.Event().wait()

    async def close(self, code, _reason):
        self.closed_with = code


@pytest.fixture
def context(tokens):
    return SimpleNamespace(
        tokens=tokens, clock=SetClock(), settings=Settings(), admit=lambda _: None
    )


@pytest.fixture
def token(tokens):
    return tokens.create("anna", NOON, HOUR, kind="eye")[1]


def test_a_phone_that_takes_nothing_is_ended(context, token, monkeypatch):
    monkeypatch.setattr(eye_connection, "SEND_S", 0.05)
    phone = DeafPhone(token)

    async def serve():
        await EyeConnection(phone, context).run()

    asyncio.run(serve())
    assert phone.closed_with == CloseCode.TRY_LATER


def test_so_is_one_for_which_too_much_waits(context, token):
    phone = DeafPhone(token)

    async def serve():
        admitted = asyncio.Event()
        context.admit = lambda _: admitted.set()
        connection = EyeConnection(phone, context)
        serving = asyncio.create_task(connection.run())
        await admitted.wait()
        for number in range(2 * OUTBOX_LIMIT):
            connection._put(Seen(number))
        await serving
        return connection

    assert len(asyncio.run(serve())._outbox) <= OUTBOX_LIMIT
    assert phone.closed_with == CloseCode.TRY_LATER


def test_a_sentence_that_waited_for_too_long_is_not_sent(context, token):
    class SlowPhone(DeafPhone):
        def __init__(self, token):
            super().__init__(token)
            self.ready, self.may_go_on = asyncio.Event(), asyncio.Event()
            self.taken = []

        async def send_text(self, text):
            self.ready.set()
            await self.may_go_on.wait()
            self.taken.append(read_type(text))

    async def serve():
        phone = SlowPhone(token)
        connection = EyeConnection(phone, context)
        serving = asyncio.create_task(connection.run())
        await phone.ready.wait()
        connection.hear(NOON, Sentence("nothing"))
        connection._put(Seen(NOON))
        context.clock.at += SPOKEN_WITHIN_MS + 1
        phone.may_go_on.set()
        connection.end(CloseCode.NO_TOKEN, "done")
        await serving
        return phone.taken

    assert asyncio.run(serve()) == ["ready", "seen"]


def read_type(text):
    return json.loads(text)["type"]


@pytest.mark.parametrize("error", [WebSocketDisconnect(), OSError(), RuntimeError()])
def test_one_that_is_gone_needs_no_farewell(context, error):
    class Gone(DeafPhone):
        async def close(self, _code, _reason):
            raise error

    async def serve():
        await EyeConnection(Gone("wrong"), context).run()

    asyncio.run(serve())
