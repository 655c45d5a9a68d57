"""Sends emails through a mail server, with TLS and a login.

What the server says before it takes an email concerns all emails; what it says of one email
concerns only that one. An email that the server finds too large, or whose picture it rejects, is
offered again with less in it.
"""

import re
import smtplib
import ssl
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from enum import IntEnum
from threading import Lock
from typing import Any, Final

from pycturestream.blur.faces import FaceModelError
from pycturestream.config.settings import Settings
from pycturestream.domain.notifications.notification import Message
from pycturestream.domain.notifications.recipient import Recipient
from pycturestream.logging_setup import get_logger
from pycturestream.notifications.deadline import Deadline
from pycturestream.notifications.email_rendering import Link, Links, render_email
from pycturestream.notifications.evidence import FetchEvidence
from pycturestream.notifications.message_wording import Cameras
from pycturestream.notifications.sender import (
    DeferredError,
    RejectedError,
    SendError,
    UnavailableError,
)

_log = get_logger(__name__)
_PERMANENT = 500
"""SMTP replies from here on are permanent; those below are worth another attempt."""
_NO_LOGIN: Final = {530, 534, 535, 538}
"""Replies that ask for a login or for TLS (RFC 4954), whichever command they follow."""
_TOO_LARGE_CODES: Final = {523, 552}
_TOO_LARGE = re.compile(r"\b5\.(3\.4|2\.3)\b|too (large|big)|size (limit|exceeds)", re.IGNORECASE)
"""RFC 1870 and 3463; some servers say it in words only, after a 554."""
_NO_ROOM: Final = 452
"""At the announcement of an email and its size (RFC 1870)."""
_QUIT_S = 2.0
"""How long to wait for a server's goodbye, which changes nothing."""
_UNANSWERED_LIMIT = 8
"""After how many attempts without a reply to a complete email it is given up: each may have been
delivered. With the waits between them, that is after twenty minutes."""
_REMEMBERED = 1_000
"""Messages whose lost connections are remembered."""


class Parts(IntEnum):
    """What an email has in it, from the most to the least."""

    ALL = 0
    NO_PICTURE = 1
    TEXT_ONLY = 2


class Mail:
    """Sends messages as emails."""

    def __init__(
        self,
        settings: Settings,
        cameras: Callable[[], Cameras],
        links: Links = lambda _alert, _recipient: (),
        evidence: FetchEvidence = lambda _alert: None,
    ) -> None:
        """`links` returns the actions on an alert, `evidence` the picture to show of it."""
        self._settings = settings
        self._cameras = cameras
        self._links = links
        self._evidence = evidence
        self._losses: OrderedDict[str, int] = OrderedDict()
        """By message: how often the connection was lost while it was sent."""
        self._lock = Lock()

    def send(self, message: Message, recipient: Recipient) -> None:
        """Return when the mail server has accepted it. Raises SendError."""
        links, picture = self._links_of(message, recipient), self._picture_of(message)
        # A server may hang up on what it does not like: when it has done so twice, it gets less.
        least = min(max(self._losses.get(message.id, 0) - 1, 0), Parts.TEXT_ONLY)
        for parts in list(Parts)[least:]:
            if parts is Parts.NO_PICTURE and picture is None and least < parts:
                continue  # tried already
            less = parts < Parts.TEXT_ONLY
            try:
                email = render_email(
                    message,
                    recipient,
                    self._settings.smtp_sender,
                    self._cameras(),
                    links,
                    picture if parts is Parts.ALL else None,
                    text_only=parts is Parts.TEXT_ONLY,
                )
            except Exception as error:
                cause = f"can't be made: {type(error).__name__}: {error}"
                if not less:
                    raise RejectedError(" ".join(cause.split())) from error
                self._report(recipient, cause)
                continue
            try:
                self._submit(email, recipient.mail, message.id)
            except (_TooLargeError, _TooLargeNowError) as error:
                if not less:
                    raise
                self._report(recipient, str(error))
            except _ContentRejectedError as error:
                if picture is None or parts is not Parts.ALL:
                    raise
                self._report(recipient, str(error))
            else:
                return

    def _report(self, recipient: Recipient, cause: str) -> None:
        _log.warning(
            f"mail to {recipient.name}: {cause}: trying it with less in it",
            recipient=recipient.name,
        )

    def _links_of(self, message: Message, recipient: Recipient) -> Sequence[Link]:
        """Return the actions on the alert; an email without them is better than none."""
        if message.kind in {"digest", "test"}:
            return ()
        try:
            return self._links(message.alerts[0], recipient)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it
            _log.warning(f"mail to {recipient.name}: no links: {type(error).__name__}")
            return ()

    def _picture_of(self, message: Message) -> bytes | None:
        """Return the picture to show; an email without it is better than none."""
        if message.kind in {"digest", "test", "cleared"}:
            return None
        alert = message.alerts[0]
        camera = self._cameras().get(alert.camera_id)
        if camera is None or not camera.evidence:
            return None
        try:
            return self._evidence(alert)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it
            why = str(error) if isinstance(error, FaceModelError) else type(error).__name__
            _log.warning(f"{alert.camera_id}: no picture: {why}")
            return None

    def _submit(self, email: EmailMessage, address: str, message_id: str) -> None:
        deadline = Deadline(self._settings.smtp_exchange_ms / 1000)
        with self._connected(deadline) as server:
            try:
                # Without these the library would take the addresses from the headers.
                server.send_message(email, self._settings.smtp_sender, [address])
            except (smtplib.SMTPException, OSError, UnicodeError) as error:
                if deadline.expired or not isinstance(error, _ANSWERS):
                    raise self._loss(error, server, deadline, message_id) from error
                if not _is_accepted(error):
                    raise _outcome(error) from error
        self._forget_losses(message_id)

    def _loss(
        self, error: Exception, server: "_Server", deadline: Deadline, message_id: str
    ) -> SendError:
        """Return what it means that the connection ended before the server's reply."""
        losses = self._remember_loss(message_id)
        if server.has_sent_all and losses >= _UNANSWERED_LIMIT:
            return RejectedError(
                f"no reply to the complete email after {losses} attempts: it may have arrived "
                "several times"
            )
        # The server may be well: only messages to this recipient wait for it.
        return UnavailableError(_cause(error, deadline), for_all=False, place=self._place)

    @contextmanager
    def _connected(self, deadline: Deadline) -> Iterator["_Server"]:
        """Yield a server that is ready for an email, for so long; how it parts does not matter."""
        server = self._server()
        with deadline.of(lambda: server.sock):
            try:
                try:
                    self._log_in(server)
                except smtplib.SMTPResponseException as error:
                    answer = _text(error.smtp_code, error.smtp_error)
                    if deadline.expired:  # the beginning of one
                        answer = _cause(error, deadline)
                    raise UnavailableError(answer, for_all=True) from error
                except UnicodeError as error:
                    # The library encodes logins as ASCII.
                    raise UnavailableError(
                        "the mail server's user or password is not ASCII", for_all=True
                    ) from error
                except (smtplib.SMTPException, OSError) as error:
                    raise UnavailableError(
                        _cause(error, deadline), for_all=True, place=self._place
                    ) from error
                yield server
                with suppress(smtplib.SMTPException, OSError):
                    if server.sock:
                        server.sock.settimeout(_QUIT_S)
                    server.quit()
            finally:
                with suppress(OSError):
                    server.close()

    def _server(self) -> "_Server":
        """Return a server that is not connected yet. Raises UnavailableError."""
        settings = self._settings
        if not settings.smtp_host:
            raise UnavailableError("PYCTURESTREAM_SMTP_HOST names no mail server", for_all=True)
        if settings.smtp_security == "none" and settings.smtp_user:
            raise UnavailableError(
                "a login needs TLS: set PYCTURESTREAM_SMTP_SECURITY to starttls or tls",
                for_all=True,
            )
        timeout = settings.smtp_timeout_ms / 1000
        server: _Server
        if settings.smtp_security == "tls":
            server = _TlsServer(timeout=timeout, context=self._tls_context())
        else:
            server = _Server(timeout=timeout)
        # For the check of its certificate: the library sets it only where it connects at once,
        # and a deadline needs the server before.
        server._host = settings.smtp_host  # type: ignore[attr-defined] # noqa: SLF001
        return server

    def _log_in(self, server: "_Server") -> None:
        settings = self._settings
        code, answer = server.connect(settings.smtp_host, settings.smtp_port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, answer)
        if settings.smtp_security == "starttls":
            server.starttls(context=self._tls_context())
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        else:
            server.ehlo_or_helo_if_needed()

    def _tls_context(self) -> ssl.SSLContext:
        """Return what verifies the server. Raises UnavailableError."""
        context = ssl.create_default_context()
        if self._settings.smtp_ca_file:
            try:
                context.load_verify_locations(self._settings.smtp_ca_file)
            except OSError as error:  # no file, or none with certificates
                raise UnavailableError(
                    f"{self._settings.smtp_ca_file}: {error}", for_all=True
                ) from error
        return context

    def _remember_loss(self, message_id: str) -> int:
        """Return how many there were."""
        with self._lock:
            losses = self._losses[message_id] = self._losses.pop(message_id, 0) + 1
            while len(self._losses) > _REMEMBERED:
                self._losses.popitem(last=False)
        return losses

    def _forget_losses(self, message_id: str) -> None:
        with self._lock:
            self._losses.pop(message_id, None)

    @property
    def _place(self) -> str:
        return f"{self._settings.smtp_host}:{self._settings.smtp_port}"


class _Server(smtplib.SMTP):
    """A mail server, to which everything of an email may have been sent."""

    has_sent_all = False

    def send(self, s: Any) -> None:
        super().send(s)
        self.has_sent_all = not isinstance(s, str)  # commands are text, content is bytes


class _TlsServer(smtplib.SMTP_SSL, _Server):
    """The same, encrypted from the first byte."""


class _TooLargeError(RejectedError):
    """The server takes no email of this size."""


class _TooLargeNowError(DeferredError):
    """The server has no room for an email of this size."""


class _ContentRejectedError(RejectedError):
    """The server takes no email with this content."""


_ANSWERS: Final = (
    smtplib.SMTPResponseException,
    smtplib.SMTPRecipientsRefused,
    # Found out before anything is sent.
    smtplib.SMTPNotSupportedError,
    UnicodeError,
)
"""What the library raises for an email, where the connection is well."""


def _is_accepted(error: Exception) -> bool:
    """Whether the server has accepted the email, whatever else it says than 250."""
    return isinstance(error, smtplib.SMTPDataError) and 200 <= error.smtp_code < 300


def _outcome(error: Exception) -> SendError:
    """Return what a reply means for an email."""
    answer: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        [(code, answer)] = error.recipients.values()
    elif isinstance(error, smtplib.SMTPResponseException):
        code, answer = error.smtp_code, error.smtp_error
    else:
        return RejectedError(f"the mail server can't take this address: {error}")
    text = _text(code, answer)
    about_address = isinstance(error, smtplib.SMTPRecipientsRefused)
    if not about_address and _is_too_large(code, answer):
        return _TooLargeError(text)
    if code == _NO_ROOM and isinstance(error, smtplib.SMTPSenderRefused):
        return _TooLargeNowError(text)
    # A wrong login or sender is for the operator to fix; the email itself is good.
    if code in _NO_LOGIN or isinstance(error, smtplib.SMTPSenderRefused):
        return UnavailableError(text, for_all=True)
    if code < _PERMANENT:
        return DeferredError(text)
    return RejectedError(text) if about_address else _ContentRejectedError(text)


def _is_too_large(code: int, answer: bytes | str) -> bool:
    if code < _PERMANENT:
        return False
    return code in _TOO_LARGE_CODES or _TOO_LARGE.search(_text(code, answer)) is not None


def _cause(error: Exception, deadline: Deadline) -> str:
    if deadline.expired:
        return f"timed out after {deadline.seconds:g} s in all"
    return str(error) or type(error).__name__


def _text(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {' '.join(text.split())}"
