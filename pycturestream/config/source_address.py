"""The address of a camera in the network, and what in it is secret.

A file names secrets as `${NAME}`; their values stand in the environment of the process that
opens the source, and nowhere else.
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlsplit

from pycturestream.errors import ConfigurationError

SCHEMES = ("rtsp", "rtsps", "rtmp", "rtmps", "http", "https", "rtp", "udp", "tcp", "srt")

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SECRET_KEY = re.compile(r"pass|pwd|token|secret|key|auth", re.IGNORECASE)


class UnsetError(ConfigurationError):
    """The environment lacks a variable that an address names; the message is one line."""


def is_address(text: str) -> bool:
    """Whether a source is a camera in the network."""
    scheme, separator, _ = text.partition("://")
    return bool(separator) and scheme.lower() in SCHEMES


def fault_of(text: str) -> str | None:
    """Return why a source with `://` in it is no address, or None."""
    if "://" not in text:
        return None
    if not is_address(text):
        return f"must begin with one of {', '.join(f'{scheme}://' for scheme in SCHEMES)}"
    if "${" in _VARIABLE.sub("", text):
        return "must name variables as ${NAME}, of letters, digits and _"
    try:
        place = urlsplit(f"//{_VARIABLE.sub('x', _place(text))}")
        host, _ = place.hostname, place.port
    except ValueError as error:
        return f"must be an address: {error}"
    if not host or any(sign.isspace() for sign in text):
        return "must name a host, and hold no spaces"
    return None


def unset_variables(text: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the variables that an address names and the environment lacks."""
    return tuple(name for name in _VARIABLE.findall(text) if not environment.get(name))


def resolve(text: str, environment: Mapping[str, str]) -> str:
    """Return an address with the values of its variables. Raises UnsetError.

    Values are percent-encoded: a password may hold any sign.
    """
    if missing := unset_variables(text, environment):
        raise UnsetError(f"{', '.join(missing)}: not set in the environment")
    return _VARIABLE.sub(lambda name: quote(environment[name[1]], safe=""), text)


def holds_password(text: str) -> bool:
    """Whether an address has a password written plainly in it."""
    if not is_address(text):
        return False
    plain = _VARIABLE.sub("", text)
    _, _, password = plain.partition("://")[2].rpartition("@")[0].partition(":")
    query = parse_qsl(plain.partition("?")[2])
    return bool(password) or any(_SECRET_KEY.search(key) for key, value in query if value)


def without_secrets(text: str) -> str:
    """Return an address without user, password and query, where cameras take passwords too."""
    scheme, separator, _ = text.partition("://")
    return f"{scheme}://{_place(text)}".partition("?")[0] if separator else text


def _place(address: str) -> str:
    # A password may hold any sign, so that all up to the last @ may be part of it.
    return address.partition("://")[2].rpartition("@")[2]
