"""Where a page of a search ends, as a text that the next request hands back.

It is checked, not signed: it holds nothing that its holder may not choose. Which cameras may be
searched is decided by the token of each request.
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

import msgspec
from msgspec import Struct

from pycturestream.domain.search.order import Key
from pycturestream.domain.search.words import SearchWords, WordsError
from pycturestream.domain.times import EARLIEST, LATEST, Millis
from pycturestream.stores.picture_search import Position

LENGTH_LIMIT: Final = 500
_LARGEST: Final = 2**63
_DIGEST_CHARACTERS: Final = 12


class Cursor(Struct, frozen=True, array_like=True):
    """A place in a search."""

    searched_at: Millis
    """When the first page was asked for: `2h` means the same on all pages."""
    digest: str
    """Of the words of the search."""
    position: Position


def encode_cursor(words: SearchWords, searched_at: Millis, position: Position) -> str:
    """Return the text of a cursor."""
    cursor = Cursor(searched_at, _digest(words), position)
    return urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def decode_cursor(text: str, words: SearchWords, key: Key) -> Cursor:
    """Return the cursor of a search that is ordered by `key`.

    Raises WordsError for a text that is none, and for one of another search.
    """
    try:
        padded = text + "=" * (-len(text) % 4)
        cursor = msgspec.json.decode(urlsafe_b64decode(padded), type=Cursor)
    except (ValueError, msgspec.MsgspecError) as error:
        raise WordsError("after", _NONE) from error
    if cursor.digest != _digest(words) or not EARLIEST <= cursor.searched_at < LATEST:
        raise WordsError("after", "it belongs to another search: ask for its first page again")
    if not _is_position(cursor.position, key):
        raise WordsError("after", _NONE)
    return cursor


_NONE: Final = "it is no cursor: hand back `next` of the page before"


def _is_position(position: Position, key: Key) -> bool:
    """Whether these are values that a search is sorted by: as `sort_keys` has them."""
    kinds: dict[Key, tuple[type, ...]] = {"captured": (int, str), "camera": (str, int, str)}
    expected = kinds.get(key, (float, int, str))
    return len(position) == len(expected) and all(
        _is_value(value, kind) for value, kind in zip(position, expected, strict=True)
    )


def _is_value(value: object, kind: type) -> bool:
    if kind is str:
        return isinstance(value, str)
    if kind is float and isinstance(value, float):
        return True
    return type(value) is int and abs(value) < _LARGEST


def _digest(words: SearchWords) -> str:
    return hashlib.sha256(msgspec.json.encode(words)).hexdigest()[:_DIGEST_CHARACTERS]
