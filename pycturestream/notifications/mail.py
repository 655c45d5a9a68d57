"""Sends emails through a mail server, with TLS and a login."""

import smtplib
import ssl
from collections.abc import Callable, Sequence
from email.message import EmailMessage

from pycturestream.config.settings import Settings
from pycturestream.domain.notifications.notification import Message
from pycturestream.domain.notifications.recipient import Recipient
from pycturestream.notifications.email_rendering import Cameras, Link, Links, render_email
from pycturestream.notifications.evidence import FetchEvidence
from pycturestream.notifications.sender import DeferredError, RejectedError, UnavailableError

_PERMANENT = 500
"""SMTP replies from here on are permanent; those below are worth another attempt."""


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

    def send(self, message: Message, recipient: Recipient) -> None:
        """Return when the mail server has accepted it. Raises SendError."""
        links: Sequence[Link] = ()
        picture, cameras = None, self._cameras()
        if message.kind not in {"digest", "test"}:
            [alert] = message.alerts
            links = self._links(alert, recipient.name)
            camera = cameras.get(alert.camera_id)
            if message.kind != "cleared" and camera and camera.evidence:
                picture = self._evidence(alert)
        sender = self._settings.smtp_sender
        email = render_email(message, recipient, sender, cameras, links, picture)
        self._submit(email, recipient.mail)

    def _submit(self, email: EmailMessage, address: str) -> None:
        try:
            with self._connect() as server:
                # Without these the library would take the addresses from the headers.
                server.send_message(email, self._settings.smtp_sender, [address])
        except smtplib.SMTPRecipientsRefused as error:
            [(code, answer)] = error.recipients.values()
            raise _outcome(code, answer) from error
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPSenderRefused) as error:
            # A wrong login or sender is for the operator to fix; the email itself is good.
            raise UnavailableError(
                _text(error.smtp_code, error.smtp_error), for_all=True
            ) from error
        except (smtplib.SMTPConnectError, smtplib.SMTPHeloError) as error:
            raise UnavailableError(
                _text(error.smtp_code, error.smtp_error), for_all=True
            ) from error
        except smtplib.SMTPResponseException as error:
            raise _outcome(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            raise UnavailableError(str(error), for_all=True, place=self._place) from error
        except UnicodeError as error:
            # The library encodes logins as ASCII.
            raise UnavailableError(
                "the mail server's user or password is not ASCII", for_all=True
            ) from error
        except (smtplib.SMTPException, ssl.SSLError, OSError) as error:
            cause = str(error) or type(error).__name__
            raise UnavailableError(cause, for_all=True, place=self._place) from error

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        if not settings.smtp_host:
            raise UnavailableError("PYCTURESTREAM_SMTP_HOST names no mail server", for_all=True)
        place = settings.smtp_host, settings.smtp_port
        timeout = settings.smtp_timeout_ms / 1000
        if settings.smtp_security == "none":
            if settings.smtp_user:
                raise UnavailableError(
                    "a login needs TLS: set PYCTURESTREAM_SMTP_SECURITY to starttls or tls",
                    for_all=True,
                )
            return smtplib.SMTP(*place, timeout=timeout)
        context = ssl.create_default_context()
        if settings.smtp_ca_file:
            context.load_verify_locations(settings.smtp_ca_file)
        server: smtplib.SMTP
        if settings.smtp_security == "tls":
            server = smtplib.SMTP_SSL(*place, timeout=timeout, context=context)
        else:
            server = smtplib.SMTP(*place, timeout=timeout)
        try:
            if settings.smtp_security == "starttls":
                server.starttls(context=context)
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        except BaseException:
            server.close()
            raise
        return server

    @property
    def _place(self) -> str:
        return f"{self._settings.smtp_host}:{self._settings.smtp_port}"


def _outcome(code: int, answer: bytes | str) -> RejectedError | DeferredError:
    kind = RejectedError if code >= _PERMANENT else DeferredError
    return kind(_text(code, answer))


def _text(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {' '.join(text.split())}"
