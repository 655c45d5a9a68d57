"""The address of a network camera, and the secrets in it.

A file names secrets as `${NAME}`; only the environment of the process that opens the source holds
their values.
"""

import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from pycturestream.errors import ConfigurationError
from pycturestream.public_address import SCHEMES, is_mistyped, split

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_NAMED_SECRET = re.compile(
    r"""
    (?: pass | pwd | psw | pswd | token | secret | credential | auth | key | signature
      | pas(?=[=:]) | (?<![a-z]) (?: pw | sig ) )
    [a-z0-9.-]{0,20}
    [=:]
    (?! _?[a-z]+= )  # the next name: this one has no value
    [^&;,?\#/]
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""In the path of some cameras names and values stand as in a query, with `_` or `;` in between."""
_NO_SECRET = re.compile(r"key(?:frame|int)|passive|author[=:]", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z0-9]{12,}")
_TURN = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
_TOKEN_TURNS = 4
"""How often letters and digits, or small letters and capitals, take turns in what is no word."""


class UnsetError(ConfigurationError):
    """An address names a variable that is not set in the environment."""


def is_address(text: str) -> bool:
    """Whether a source is the address of a network camera."""
    scheme, separator, _ = text.partition("://")
    return bool(separator) and scheme.lower() in SCHEMES


def fault_of(text: str) -> str | None:
    """Return why a source that is no file and no device is no valid address; None if it is one."""
    if "://" not in text and not is_mistyped(text):
        return None
    if not is_address(text):
        return f"must begin with one of {', '.join(f'{scheme}://' for scheme in SCHEMES)}"
    if "${" in _VARIABLE.sub("", text):
        return "must name variables as ${NAME}, with letters, digits and _"
    if any(sign.isspace() for sign in text):
        return "must name a host, and contain no spaces"
    rest = _VARIABLE.sub("x", text.partition("://")[2])
    # A password may contain any character: all up to the last @ may be part of it.
    faults = [_fault_of_host(place) for place in (rest, rest.rpartition("@")[2])]
    return None if None in faults else faults[-1]


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
    """Whether an address holds in plain text what seems to be a password or a token."""
    if not is_address(text):
        return False
    plain = _VARIABLE.sub("", text)
    login, host = split(plain)
    rest = plain.partition("://")[2].removeprefix(f"{login}@").removeprefix(host)
    return (
        bool(login.partition(":")[2])
        or _names_secret(rest)
        or any(len(_TURN.findall(word)) >= _TOKEN_TURNS for word in _WORD.findall(login + rest))
    )


def _names_secret(text: str) -> bool:
    return any(not _NO_SECRET.match(found[0]) for found in _NAMED_SECRET.finditer(text))


def _fault_of_host(rest: str) -> str | None:
    try:
        place = urlsplit(f"//{rest}")
        host, _ = place.hostname, place.port
    except ValueError:  # whose message quotes what may be a password
        return "must be an address: no valid host and port"
    return None if host else "must name a host, and contain no spaces"
