"""The connection of one phone: what it sends, checked, and what it is told, in time.

Nothing is queued. One picture is under way, and one that comes meanwhile is refused; a sentence
that waits gives way to a newer one, and an old one is not sent.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Protocol

from msgspec import UNSET
from msgspec.structs import asdict
from starlette.websockets import WebSocket, WebSocketDisconnect

from pycturestream.api.eye_checks import PictureRejection, check_picture
from pycturestream.api.eye_rate import Allowance
from pycturestream.api.sockets import SocketEndError, close_socket, until_one_ends
from pycturestream.api.tokens import Token, TokenError, TokenFileError, Tokens
from pycturestream.clock import Clock
from pycturestream.config.settings import Settings
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.detections import InView
from pycturestream.contracts.eye_messages import (
    TEXT_LIMIT,
    Ask,
    Choices,
    Hello,
    PhonePicture,
    Ready,
    Refused,
    RefusedBecause,
    Say,
    Seen,
    ToPhone,
    encode_message,
    read_message,
    read_picture,
)
from pycturestream.domain.frames.frame import Frame
from pycturestream.domain.frames.phone_clock import PhoneClock, receive
from pycturestream.domain.narration.listener import (
    Listener,
    Question,
    answered,
    choose,
    hears,
    led,
    urgency,
)
from pycturestream.domain.narration.sentence import Sentence, may_be_spoken
from pycturestream.domain.narration.wording import in_words
from pycturestream.domain.times import Millis, rfc3339
from pycturestream.logging_setup import get_logger

_log = get_logger(__name__)

HELLO_S = 5.0
"""How long a phone may take to say who it is."""
SEND_S = 5.0
"""How long one message to a phone may take to leave this computer; then the line is as good as
lost, and all that waits is old."""
OUTBOX_LIMIT = 16
"""Messages that wait for a phone: each picture makes two or three."""
MESSAGES_AT_ONCE, MESSAGES_A_SECOND = 40, 10
"""Of any kind, four times what a phone sends that does as it is told; beyond that it is cut off."""
PICTURES_AT_ONCE, PICTURE_HASTE = 3, 1.25
"""A network may hold up a picture and deliver it with the next one. In the long run, they may come
by a quarter faster than they were asked for."""


class CloseCode(IntEnum):
    """Why the gateway closes a connection, as the protocol has it."""

    TRY_LATER = 1013
    BAD_MESSAGE = 4400
    NO_TOKEN = 4401
    NO_HELLO = 4408
    USED_ELSEWHERE = 4409
    IDLE = 4410
    TOO_LARGE = 4413
    FAR_TOO_FAST = 4429


class EyeContext(Protocol):
    """What a connection needs of the gateway around it."""

    tokens: Tokens
    clock: Clock
    settings: Settings

    def admit(self, connection: "EyeConnection") -> None: ...
    def why_unavailable(self, camera_id: str) -> str: ...
    def publish(self, frame: Frame, connection: "EyeConnection") -> None: ...


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """A picture whose result is not there yet."""

    published_as: Millis
    """When it was taken, by our clock: the header of its frame."""
    captured_at: Millis
    """The same by the phone's clock, as the phone wrote it."""
    given_up: asyncio.TimerHandle


class EyeConnection:
    """One phone. Only the event loop uses it."""

    def __init__(self, websocket: WebSocket, context: EyeContext) -> None:
        self._websocket = websocket
        self._context = context
        self._settings = context.settings
        self.token: Token | None = None
        """Of the person; None until the phone has shown it."""
        self.camera_id = ""
        self.listener = Listener()
        now_s = context.clock.seconds()
        self._messages = Allowance(MESSAGES_AT_ONCE, MESSAGES_A_SECOND, now_s)
        self._may_send = Allowance(
            PICTURES_AT_ONCE, PICTURE_HASTE * 1000 / self._settings.eye_interval_ms, now_s
        )
        self._phone_clock = PhoneClock()
        self._last_published = 0
        self._under_way: _UnderWay | None = None
        self._in_view: InView | None = None
        """What the newest picture shows."""
        self._question: Question | None = None
        """Asked, and to be answered with the next result."""
        self._outbox: deque[ToPhone] = deque()
        self._has_mail = asyncio.Event()
        self._ending: asyncio.Future[SocketEndError] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """Serve the phone until either side ends the connection."""
        try:
            await until_one_ends(self._greet(), self._await_end())
            await until_one_ends(self._receive_all(), self._send_all(), self._await_end())
        except SocketEndError as error:
            await self.close(error.code, error.reason)
        except (WebSocketDisconnect, OSError):
            pass  # the phone has gone
        finally:
            self._forget_picture()

    def end(self, code: CloseCode, reason: str) -> None:
        """Close the connection soon."""
        if not self._ending.done():
            self._ending.set_result(SocketEndError(code, reason))

    async def close(self, code: int, reason: str) -> None:
        """Close the connection; a phone that does not take even that is left."""
        await close_socket(self._websocket, code, reason, SEND_S)

    # --- what is pushed -------------------------------------------------------------------------

    def hear(self, captured_at: Millis, said: Sentence) -> None:
        """Take a sentence about what has changed in view."""
        heard = hears(self.listener, said)
        if heard is not None:
            self._say(heard, captured_at)

    def look(self, in_view: InView) -> None:
        """Take what is in view with a picture."""
        under_way = self._under_way
        # The result of an older picture that was given up is of no use any more.
        if under_way and in_view.camera_captured_at == under_way.published_as:
            self._forget_picture()
            self._put(Seen(under_way.captured_at))
        self._in_view = in_view
        self.listener, said = led(self.listener, in_view.objects, in_view.captured_at)
        if said is not None:
            self._say(said, in_view.captured_at)
        self._answer()

    def undelivered(self, published_as: Millis) -> None:
        """Take note that a picture did not reach the broker."""
        if self._under_way and self._under_way.published_as == published_as:
            self._give_up("unavailable", "the picture can't be processed: Kafka does not answer")

    # --- what the phone sends -------------------------------------------------------------------

    async def _greet(self) -> None:
        try:
            async with asyncio.timeout(HELLO_S):
                message = await self._websocket.receive()
        except TimeoutError as error:
            raise SocketEndError(CloseCode.NO_HELLO, "no hello came in time") from error
        hello = self._read_text(message)
        if not isinstance(hello, Hello):
            raise SocketEndError(CloseCode.BAD_MESSAGE, "the first message must be a hello")
        try:
            token = self._context.tokens.holder(hello.token, self._context.clock.now(), "eye")
        except TokenFileError as error:
            _log.error(str(error))
            raise SocketEndError(CloseCode.TRY_LATER, "no token can be checked now") from error
        except TokenError as error:
            raise SocketEndError(CloseCode.NO_TOKEN, str(error)) from error
        self.token, self.camera_id = token, token.camera_id
        self.listener = Listener(hello.language, hello.verbosity, hello.places)
        self._context.admit(self)
        settings = self._settings
        self._put(
            Ready(
                settings.eye_interval_ms,
                settings.eye_byte_limit,
                settings.eye_side_limit,
                rfc3339(token.expires_at),
            )
        )

    async def _receive_all(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._settings.eye_idle_ms / 1000):
                    message = await self._websocket.receive()
            except TimeoutError as error:
                raise SocketEndError(CloseCode.IDLE, "nothing was sent for a long time") from error
            if not self._messages.take(self._context.clock.seconds()):
                raise SocketEndError(CloseCode.FAR_TOO_FAST, "too many messages")
            data = message.get("bytes")
            if data is None:
                self._obey(self._read_text(message))
            else:
                self._take_picture(data)

    def _read_text(self, message: Mapping[str, Any]) -> Hello | Choices | Ask:
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        text = message.get("text")
        if text is None:
            raise SocketEndError(CloseCode.BAD_MESSAGE, "the first message must be a hello")
        if len(text) > TEXT_LIMIT:
            raise SocketEndError(
                CloseCode.TOO_LARGE, f"a message has at most {TEXT_LIMIT} characters"
            )
        try:
            return read_message(text)
        except CodecError as error:
            # What can't be read may hold a token: it is neither logged nor sent back.
            raise SocketEndError(CloseCode.BAD_MESSAGE, "a message can't be read") from error

    def _obey(self, message: Hello | Choices | Ask) -> None:
        if isinstance(message, Choices):
            chosen = {name: value for name, value in asdict(message).items() if value is not UNSET}
            self.listener = choose(self.listener, **chosen)
        elif isinstance(message, Ask):
            self._question = message.what
            self._answer()
        else:
            raise SocketEndError(CloseCode.BAD_MESSAGE, "only the first message may be a hello")

    def _take_picture(self, data: bytes) -> None:
        try:
            picture = read_picture(data)
        except CodecError as error:
            raise SocketEndError(CloseCode.BAD_MESSAGE, str(error)) from error
        try:
            captured_at = self._checked(picture)
        except PictureRejection as rejection:
            self._put(Refused(picture.captured_at, rejection.reason, str(rejection)))
            return
        # By a better guess at the phone's clock, a picture may seem to be older than the last one.
        self._last_published = max(captured_at, self._last_published + 1)
        self._under_way = _UnderWay(
            self._last_published,
            picture.captured_at,
            asyncio.get_running_loop().call_later(
                self._settings.eye_answer_ms / 1000,
                self._give_up,
                "busy",
                "there is no result yet; the next picture may be sent",
            ),
        )
        frame = Frame(self.camera_id, self._last_published, picture.jpeg)
        self._context.publish(frame, self)

    def _checked(self, picture: PhonePicture) -> Millis:
        """Return by our clock when a picture was taken. Raises PictureRejection."""
        is_in_turn = self._may_send.take(self._context.clock.seconds())
        if self._under_way or not is_in_turn:
            interval_ms = self._settings.eye_interval_ms
            raise PictureRejection("too-fast", f"one picture at a time, every {interval_ms} ms")
        check_picture(picture.jpeg, self._settings)
        if why := self._context.why_unavailable(self.camera_id):
            raise PictureRejection("unavailable", why)
        now = self._context.clock.now()
        self._phone_clock, captured_at = receive(
            self._phone_clock, picture.captured_at, picture.sent_at, now
        )
        if not may_be_spoken(captured_at, now):
            raise PictureRejection("too-old", "it came too late to be of use")
        return captured_at

    # --- what the phone is told -----------------------------------------------------------------

    def _answer(self) -> None:
        """Answer a question, if one was asked and what is known is not too old for it."""
        in_view = self._in_view
        if self._question is None or in_view is None:
            return
        if may_be_spoken(in_view.captured_at, self._context.clock.now()):
            said = answered(self.listener, self._question, in_view.objects, in_view.fault)
            self._question = None
            self._say(said, in_view.captured_at, is_answer=True)

    def _say(self, said: Sentence, captured_at: Millis, *, is_answer: bool = False) -> None:
        if not may_be_spoken(captured_at, self._context.clock.now()):
            return
        if text := in_words(said, self.listener.language, self.listener.places):
            say = Say(
                text,
                self.listener.language,
                urgency(said),
                said.kind,
                is_answer,
                captured_at - self._phone_clock.behind_ms,
            )
            # A newer sentence replaces one that waits, unless that is the more urgent one.
            self._outbox = deque(_without_older(self._outbox, say))
            self._put(say)

    def _give_up(self, reason: RefusedBecause, text: str) -> None:
        under_way = self._under_way
        if under_way is not None:
            self._forget_picture()
            self._put(Refused(under_way.captured_at, reason, text))

    def _forget_picture(self) -> None:
        if self._under_way is not None:
            self._under_way.given_up.cancel()
            self._under_way = None

    def _put(self, message: ToPhone) -> None:
        if len(self._outbox) >= OUTBOX_LIMIT:
            self.end(CloseCode.TRY_LATER, "the line is too slow")
            return
        self._outbox.append(message)
        self._has_mail.set()

    async def _send_all(self) -> None:
        while True:
            await self._has_mail.wait()
            self._has_mail.clear()
            while self._outbox:
                message = self._outbox.popleft()
                if isinstance(message, Say) and not self._is_in_time(message):
                    continue
                try:
                    async with asyncio.timeout(SEND_S):
                        await self._websocket.send_text(encode_message(message))
                except TimeoutError as error:
                    raise SocketEndError(CloseCode.TRY_LATER, "the line is too slow") from error

    def _is_in_time(self, say: Say) -> bool:
        captured_at = say.captured_at + self._phone_clock.behind_ms
        return may_be_spoken(captured_at, self._context.clock.now())

    async def _await_end(self) -> None:
        raise await asyncio.shield(self._ending)  # waited for twice: before the hello and after


def _without_older(outbox: Iterable[ToPhone], say: Say) -> Iterable[ToPhone]:
    for message in outbox:
        is_replaced = (
            isinstance(message, Say)
            and not message.answer
            and (say.answer or message.priority <= say.priority)
        )
        if not is_replaced:
            yield message
