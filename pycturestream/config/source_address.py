"""The address of a network camera, and the secrets in it.

A file names secrets as `${NAME}`; only the environment of the process that opens the source holds
their values.
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlsplit

from pycturestream.errors import ConfigurationError

SCHEMES = ("rtsp", "rtsps", "rtmp", "rtmps", "http", "https", "rtp", "udp", "tcp", "srt")

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SECRET_KEY = re.compile(r"pass|pwd|token|secret|key|auth", re.IGNORECASE)


class UnsetError(ConfigurationError):
    """An address names a variable that is not set in the environment."""


def is_address(text: str) -> bool:
    """Whether a source is the address of a network camera."""
    scheme, separator, _ = text.partition("://")
    return bool(separator) and scheme.lower() in SCHEMES


def fault_of(text: str) -> str | None:
    """Return why a source with `://` in it is no valid address; None if it is one."""
    if "://" not in text:
        return None
    if not is_address(text):
        return f"must begin with one of {', '.join(f'{scheme}://' for scheme in SCHEMES)}"
    if "${" in _VARIABLE.sub("", text):
        return "must name variables as ${NAME}, with letters, digits and _"
    try:
        place = urlsplit(f"//{_VARIABLE.sub('x', _host_and_path(text))}")
        host, _ = place.hostname, place.port
    except ValueError as error:
        return f"must be an address: {error}"
    if not host or any(sign.isspace() for sign in text):
        return "must name a host, and contain no spaces"
    return None


def unset_variables(text: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the variables that an address names and that are not set."""
    return tuple(name for name in _VARIABLE.findall(text) if not environment.get(name))


def resolve(text: str, environment: Mapping[str, str]) -> str:
    """Return an address with the values of its variables. Raises UnsetError.

    Values are percent-encoded: a password may contain any character.
    """
    if missing := unset_variables(text, environment):
        raise UnsetError(f"{', '.join(missing)}: not set in the environment")
    return _VARIABLE.sub(lambda name: quote(environment[name[1]], safe=""), text)


def holds_password(text: str) -> bool:
    """Whether an address holds a password in plain text."""
    if not is_address(text):
        return False
    plain = _VARIABLE.sub("", text)
    _, _, password = plain.partition("://")[2].rpartition("@")[0].partition(":")
    query = parse_qsl(plain.partition("?")[2])
    return bool(password) or any(_SECRET_KEY.search(key) for key, value in query if value)


def without_secrets(text: str) -> str:
    """Return an address without user, password and query; some cameras take passwords there."""
    scheme, separator, _ = text.partition("://")
    return f"{scheme}://{_host_and_path(text)}".partition("?")[0] if separator else text


def _host_and_path(address: str) -> str:
    # A password may contain any character: all up to the last @ may be part of it.
    return address.partition("://")[2].rpartition("@")[2]
