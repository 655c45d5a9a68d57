"""Tokens with an expiry: of the alert API, for some cameras or all, or of the seeing aid.

A token of the API may be for reading only. One of the seeing aid (an eye token) is of one person,
whose phone is the one camera that it opens; neither opens what is the other's.

A token's text is shown once, when it is made. Only its name and a hash are stored: 256 random bits
can't be guessed, so a plain SHA-256 is enough, and failed attempts need no limit.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from pycturestream.config.private_files import private_folder, write_private
from pycturestream.config.settings import Settings
from pycturestream.domain.cameras.eye import eye_camera_id
from pycturestream.domain.times import Millis
from pycturestream.errors import AccessError
from pycturestream.locks import wait_for_lock

_PREFIX = "pyc"
"""Lets tools that scan for leaked secrets recognise a token."""


TokenKind = Literal["api", "eye"]

_ID_BYTES: dict[TokenKind, int] = {"api": 4, "eye": 8}
"""The id of an eye token is that of a camera too, which must never be given twice."""
_OPENS: dict[TokenKind, str] = {"api": "the alert API", "eye": "the seeing aid"}


class TokenError(AccessError):
    """A token can't be made, or does not give access; the message is for its holder."""


class TokenFileError(TokenError):
    """The tokens can't be read; the message names the file, and is not for everybody."""


@dataclass(frozen=True, slots=True)
class Token:
    """What is stored of a token."""

    id: str
    name: str
    digest: str
    """SHA-256 of its secret, in hexadecimal."""
    cameras: tuple[str, ...]
    """Only these; empty: all."""
    read_only: bool
    created_at: Millis
    expires_at: Millis
    kind: TokenKind = "api"
    """Files of older programs have only tokens of the API."""

    @property
    def camera_id(self) -> str:
        """The camera of an eye token."""
        return eye_camera_id(self.id)

    def covers(self, camera_id: str) -> bool:
        return not self.cameras or camera_id in self.cameras


_Version = tuple[int, int, int]
"""Tells one state of the file from the next."""


class Tokens:
    """The tokens of a file. Each request looks whether it has changed: revoking works at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[_Version, list[Token]] | None = None

    def create(
        self,
        name: str,
        now: Millis,
        life_ms: Millis,
        *,
        cameras: Iterable[str] = (),
        read_only: bool = False,
        kind: TokenKind = "api",
    ) -> tuple[Token, str]:
        """Return a new token and its text. Raises TokenError for a name that is taken.

        An eye token is for its own camera only, whatever `cameras` and `read_only` say.
        """
        secret, token_id = secrets.token_hex(32), secrets.token_hex(_ID_BYTES[kind])
        if kind == "eye":
            # Programs of before eye tokens take it for one of the API: let it open next to nothing.
            cameras, read_only = [eye_camera_id(token_id)], True
        token = Token(
            id=token_id,
            name=name,
            digest=_digest(secret),
            cameras=tuple(cameras),
            read_only=read_only,
            created_at=now,
            expires_at=now + life_ms,
            kind=kind,
        )
        with wait_for_lock(self._path):
            known = self.all()
            if any(other.name == name for other in known):
                raise TokenError(f"there is a token {name}: revoke it, or choose another name")
            self._write([*known, token])
        return token, f"{_PREFIX}_{token.id}_{secret}"

    def revoke(self, name: str) -> None:
        """Remove a token. Raises TokenError where none has this name."""
        with wait_for_lock(self._path):
            known = self.all()
            kept = [token for token in known if token.name != name]
            if kept == known:
                names = ", ".join(sorted(token.name for token in known)) or "none"
                raise TokenError(f"there is no token {name}; there are: {names}")
            self._write(kept)

    @property
    def exist(self) -> bool:
        """Whether there is a file of tokens: without one, nobody can say that a token is wrong."""
        return self._path.exists()

    def all(self) -> list[Token]:
        """Return all tokens, the oldest first; the same list until the file changes.

        Raises TokenFileError for an unreadable file.
        """
        try:
            found = self._path.stat()
            # The file is replaced as a whole, so a change has another number, or another time.
            version = found.st_ino, found.st_mtime_ns, found.st_size
            if self._read is None or self._read[0] != version:
                tokens = msgspec.json.decode(self._path.read_bytes(), type=list[Token])
                self._read = version, tokens
            return self._read[1]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise TokenFileError(f"{self._path} can't be read: {error.strerror}") from error
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise TokenFileError(f"{self._path} can't be read: {error}") from error

    def holder(self, text: str, now: Millis, kind: TokenKind = "api") -> Token:
        """Return the token with this text.

        Raises TokenError where it is not valid, expired or of another kind, and TokenFileError:
        for an eye token also where the file is missing, since a phone forgets a link that is said
        to be wrong, and the folder may only not be mounted.
        """
        if kind == "eye" and not self.exist:
            raise TokenFileError(f"{self._path} is missing")
        prefix, _, rest = text.partition("_")
        token_id, _, secret = rest.partition("_")
        token = next((token for token in self.all() if token.id == token_id), None)
        digest = token.digest if token else _digest("")
        # In constant time, also where no token has this id.
        is_right = hmac.compare_digest(_digest(secret), digest)
        if token is None or not is_right or prefix != _PREFIX:
            raise TokenError("the token is not valid: it is mistyped, or was revoked")
        if token.expires_at <= now:
            raise TokenError("the token has expired: ask for a new one")
        if token.kind != kind:
            raise TokenError(f"the token is for {_OPENS[token.kind]}, not for {_OPENS[kind]}")
        return token

    def _write(self, tokens: list[Token]) -> None:
        write_private(self._path, msgspec.json.format(msgspec.json.encode(tokens), indent=2))


def tokens_of(settings: Settings) -> Tokens:
    """Return the tokens of this system. Lets OSError through."""
    return Tokens(private_folder(settings) / "tokens.json")


def eye_link(address: str, text: str) -> str:
    """Return what a person opens on their phone. A fragment reaches no server, and so no log."""
    return f"{address}/eye#{text}"


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
