"""Bearer tokens: for some cameras or all, with an expiry, and optionally for reading only.

A token's text is shown once, when it is made. Only its name and a hash are stored: 256 random bits
can't be guessed, so a plain SHA-256 is enough, and failed attempts need no limit.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from pycturestream.config.private_files import private_folder, write_private
from pycturestream.config.settings import Settings
from pycturestream.domain.times import Millis
from pycturestream.errors import AccessError
from pycturestream.locks import wait_for_lock

_PREFIX = "pyc"
"""Lets tools that scan for leaked secrets recognise a token."""


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

    def covers(self, camera_id: str) -> bool:
        return not self.cameras or camera_id in self.cameras


class Tokens:
    """The tokens of a file. It is read for each request, so that revoking works at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def create(
        self,
        name: str,
        now: Millis,
        life_ms: Millis,
        *,
        cameras: Iterable[str] = (),
        read_only: bool = False,
    ) -> tuple[Token, str]:
        """Return a new token and its text. Raises TokenError for a name that is taken."""
        secret = secrets.token_hex(32)
        token = Token(
            id=secrets.token_hex(4),
            name=name,
            digest=_digest(secret),
            cameras=tuple(cameras),
            read_only=read_only,
            created_at=now,
            expires_at=now + life_ms,
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

    def all(self) -> list[Token]:
        """Return all tokens, the oldest first. Raises TokenFileError for an unreadable file."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=list[Token])
        except FileNotFoundError:
            return []
        except OSError as error:
            raise TokenFileError(f"{self._path} can't be read: {error.strerror}") from error
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise TokenFileError(f"{self._path} can't be read: {error}") from error

    def holder(self, text: str, now: Millis) -> Token:
        """Return the token with this text.

        Raises TokenError where it is not valid or expired, and TokenFileError.
        """
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
        return token

    def _write(self, tokens: list[Token]) -> None:
        write_private(self._path, msgspec.json.format(msgspec.json.encode(tokens), indent=2))


def tokens_of(settings: Settings) -> Tokens:
    """Return the tokens of this system. Lets OSError through."""
    return Tokens(private_folder(settings) / "tokens.json")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
