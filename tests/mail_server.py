"""A real mail server that rejects, stalls and hangs up when a test wants it."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from pycturestream.config.settings import Settings

USER, PASSWORD = "pycture", "correct horse"


@dataclass
class Inbox:
    """What arrived, and how the server behaves."""

    emails: list = field(default_factory=list)
    rcpt_answers: dict = field(default_factory=dict)
    """By address, instead of accepting it."""
    data_answers: list = field(default_factory=list)
    """To the next emails, instead of accepting them: an answer, or `hang up` after accepting."""
    judge: Callable | None = None
    """Returns the answer to an email, as in `data_answers`, or None to accept it."""
    room: float = float("inf")
    """Bytes; to the announcement of a larger email the answer is that there is no room now."""
    quit_answer: str = ""
    """Instead of a goodbye: an answer, `hang up`, or `stall` for none."""
    stall: threading.Event | None = None
    """While it is not set, no data is answered, even if it was accepted."""
    logins: list = field(default_factory=list)

    async def handle_MAIL(self, _server, _session, envelope, address, options):  # noqa: N802 - aiosmtpd's
        size = next((int(one[5:]) for one in options if one.startswith("SIZE=")), 0)
        if size > self.room:
            return "452 4.3.1 insufficient system storage"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 - aiosmtpd's
        if answer := self.rcpt_answers.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, _session, envelope):  # noqa: N802 - aiosmtpd's
        answer = self.data_answers.pop(0) if self.data_answers else "250 taken"
        email = message_from_bytes(envelope.content, policy=default)
        if self.judge and (judgement := self.judge(email)):
            answer = judgement
        if answer[0] in "2h":
            self.emails.append(email)
        if self.stall:
            await asyncio.to_thread(self.stall.wait)
        if answer == "hang up":
            server.transport.abort()
        return answer

    async def handle_QUIT(self, server, _session, _envelope):  # noqa: N802 - aiosmtpd's
        if self.quit_answer == "hang up":
            server.transport.abort()
        if self.quit_answer == "stall":
            await asyncio.sleep(60)
        return self.quit_answer or "221 bye"

    def authenticate(self, _server, _session, _envelope, _mechanism, login):
        assert isinstance(login, LoginPassword)
        self.logins.append(login.login.decode())
        right = (login.login, login.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)


class _Server(Controller):
    """Takes a port that is free."""

    def _create_server(self):
        rate_control = socket.create_server(("127.0.0.1", 0))
        self.port = rate_control.getsockname()[1]
        return self.loop.create_server(self._factory_invoker, sock=rate_control)


@contextmanager
def mail_server(folder, **options):
    """Yield the inbox of a server with STARTTLS and a login, and settings that lead there.

    `options` are those of aiosmtpd's server, such as `data_size_limit`.
    """
    authority, certificates = trustme.CA(), folder / "ca.pem"
    authority.cert_pem.write_to_path(str(certificates))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    inbox = Inbox()
    server = _Server(
        inbox,
        hostname="127.0.0.1",
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=inbox.authenticate,
        **options,
    )
    server.start()
    try:
        yield (
            inbox,
            Settings(
                smtp_host="127.0.0.1",
                smtp_port=server.port,
                smtp_user=USER,
                smtp_password=PASSWORD,
                smtp_sender="alerts@example.org",
                smtp_ca_file=str(certificates),
                send_backoff_ms=1_000,
                send_backoff_max_ms=4_000,
            ),
        )
    finally:
        if inbox.stall:
            inbox.stall.set()
        server.stop()
