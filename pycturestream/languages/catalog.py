"""The words and sentences of a language, from its file.

The files are part of the program, so what is made of them depends on nothing but the arguments, and
the words that a model brings for its labels (`model_words`).
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

from fluent.runtime import FluentBundle, FluentResource
from fluent.runtime.types import fluent_number
from fluent.syntax.ast import Resource

Argument = str | int | float

Language = Literal["en", "de", "fr", "es"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
DEFAULT_LANGUAGE: Language = "en"
ARGUMENT_LENGTH = 1_000
"""Characters: the library takes no longer ones. Names of records may have any length."""

_put_before: dict[str, Resource] = {}
"""By language; set when a program starts."""


def is_known(language: str) -> bool:
    return language in LANGUAGES


def has(language: str, name: str) -> bool:
    """Whether the file of a language has a message of this name."""
    return _bundle(language).has_message(name)


def text(language: str, name: str, arguments: Mapping[str, Argument] | None = None) -> str:
    """Return a message of a language, filled in; fractions with two decimals.

    A language without a file is spoken as English: records of the past may name any. Raises
    ValueError for a message or an argument that is missing, which is a mistake of the program.
    """
    bundle = _bundle(language)
    pattern = bundle.get_message(name).value if bundle.has_message(name) else None
    if pattern is None:
        raise ValueError(f"{language}.ftl: no message {name}")
    values = {key: _value(value) for key, value in (arguments or {}).items()}
    filled, errors = bundle.format_pattern(pattern, values)
    if errors:
        raise ValueError(f"{language}.ftl, {name}: {errors[0]}")
    return str(filled)


def texts(language: str) -> Callable[..., str]:
    """Return `text` of one language, as templates call it: `text("digest-more", number=3)`."""

    def of(name: str, /, **arguments: Argument) -> str:
        return text(language, name, arguments)

    return of


def words(language: str, name: str) -> tuple[str, ...]:
    """Return a message that is a list of words."""
    return tuple(text(language, name).split())


def put_before(language: str, messages: Resource) -> None:
    """Use these messages before those of the same names in a language's file."""
    _put_before[language] = messages
    _loaded.cache_clear()


def _value(argument: Argument) -> object:
    """Return an argument as the library takes it."""
    match argument:
        case float():
            # Rounded here: the library rounds a half to the even digit.
            return fluent_number(float(f"{argument:.2f}"), minimumFractionDigits=2)
        case str() if len(argument) > ARGUMENT_LENGTH:
            return f"{argument[: ARGUMENT_LENGTH - 1]}…"
    return argument


def _bundle(language: str) -> FluentBundle:
    return _loaded(language if is_known(language) else DEFAULT_LANGUAGE)


@cache
def _loaded(language: str) -> FluentBundle:
    # Isolating marks are for text of both directions on a screen; a voice may read them aloud.
    bundle = FluentBundle([language], use_isolating=False)
    source = (files(__package__) / f"{language}.ftl").read_text("utf-8")
    bundle.add_resource(FluentResource(source))
    if language in _put_before:
        bundle.add_resource(_put_before[language], allow_overrides=True)
    return bundle
