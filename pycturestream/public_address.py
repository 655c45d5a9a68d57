"""What may be told of an address: its scheme, host and port.

Secrets stand anywhere in addresses: in front of the host, in a path, behind `?`, `;` and `#`, or a
part of a path is one as a whole. So all else is left out wherever an address is told, known or not.
"""

import re

SCHEMES = ("rtsp", "rtsps", "rtmp", "rtmps", "http", "https", "rtp", "udp", "tcp", "srt")
"""Of network cameras."""
LEFT_OUT = "…"
"""Stands for a host where it can't be told from a secret."""

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_IN_TEXT = re.compile(
    rf"[A-Za-z][A-Za-z0-9+.-]*://\S+|\b(?:{'|'.join(SCHEMES)}):/\S+", re.IGNORECASE
)
"""With one `/` too: paths have no two."""
_CLOSING = re.compile(r"[]:;,.!)}>'\"`…]+$")
"""What follows an address in a sentence."""
_HOST = re.compile(
    r"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\]|[\w.-]*\$\{[A-Za-z_][A-Za-z0-9_]*\}[\w.-]*)"
    r"(?::(?:[0-9]{1,5}|\$\{[A-Za-z_][A-Za-z0-9_]*\}))?"
)
"""Variables are told: they are names, not values."""
_MISTYPED = re.compile(rf"\s*(?:{'|'.join(SCHEMES)})\s*:|\s*//|[^/]*:[^/]*@", re.IGNORECASE)


def without_secrets(text: str) -> str:
    """Return a source as others may see it: of an address its scheme, host and port.

    A file, a folder and the number of a device stay as they are; nothing is told of what looks
    like an address with a mistake.
    """
    if found := _ADDRESS.fullmatch(text):
        return f"{found[1]}://{host_of(text) or LEFT_OUT}"
    return LEFT_OUT if "://" in text or is_mistyped(text) else text


def is_mistyped(text: str) -> bool:
    """Whether a text without `://` seems to be an address all the same, and no file."""
    return "://" not in text and _MISTYPED.match(text) is not None


def host_of(address: str) -> str:
    """Return host and port of an address; empty where they can't be told from a secret."""
    _, host = split(address)
    return host if _HOST.fullmatch(host) else ""


def split(address: str) -> tuple[str, str]:
    """Return what is in front of the host of an address, and the host with its port.

    The host ends where clients say it ends: in front of the first `/`, `?` or `#`. Only where that
    is none, since a password contains such a sign, it is what follows the `@`. It is empty where
    either might be the host, and the other one a secret.
    """
    rest = address.partition("://")[2]
    place = _until_path(rest)
    login, _, host = place.rpartition("@")
    last = _until_path(rest.rpartition("@")[2])
    if "@" not in rest[len(place) :] or _is_remote(host) or not _HOST.fullmatch(last):
        return login, host
    if _HOST.fullmatch(host) or rest.count("@") > 1:
        return login, ""
    return rest.partition("@")[0], last


def hide_addresses(text: str) -> str:
    """Return a text of others, such as a library's message, without the secrets of its addresses.

    Our own messages need it not; it is the last guard at the exits, for what nobody foresaw.
    """
    return _IN_TEXT.sub(_hidden, text) if ":/" in text else text


def _hidden(found: re.Match[str]) -> str:
    address = _CLOSING.sub("", found[0])
    if address.endswith("/") and not address.partition("://")[2]:
        return found[0]  # a scheme alone
    if address.lower().startswith("file:"):
        return found[0]
    return without_secrets(address) + found[0][len(address) :]


def _until_path(rest: str) -> str:
    return re.split(r"[/?#\\]", rest, maxsplit=1)[0]


def _is_remote(place: str) -> bool:
    """Whether it is a host that has a domain or is a number: passwords seldom look like that."""
    return _HOST.fullmatch(place) is not None and ("." in place or place[0] in "[$")
