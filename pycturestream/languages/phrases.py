"""Objects with their number, and zones with their preposition, in the words of a language.

Labels and names of zones come from outside and may contain anything. They are put in as they are
and never interpreted as a format.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from pycturestream.languages import catalog
from pycturestream.languages.english import article, plural

_UNUSUAL = re.compile(r"[^A-Za-z0-9]+")


def message_of(label: str) -> str:
    """Return the name of the message that a file may have for a label."""
    return f"label-{_UNUSUAL.sub('-', label)}"


def is_listed(label: str, language: str) -> bool:
    """Whether a language has its own word for a label."""
    return bool(label) and catalog.has(language, message_of(label))


@lru_cache(maxsize=1_000)
def things(label: str, count: int, language: str) -> str:
    """Return e.g. `a person`, `six people`, `15 cars`, `eine Katze`.

    A label that the language has no word for is used as it is; in English, as an English word.
    """
    numbers = catalog.words(language, "numbers")
    number = numbers[count] if 0 <= count < len(numbers) else str(count)
    label = spoken(label)
    arguments: dict[str, str | int] = {"count": count, "number": number}
    if is_listed(label, language):
        return catalog.text(language, message_of(label), arguments)
    name = {"label": label, "plural": plural(label), "article": article(label)}
    return catalog.text(language, "unlisted", {**arguments, **name})


def noun(label: str, language: str) -> str:
    """Return the word for one object, without its article: `person`, `Katze`."""
    one = things(label, 1, language)
    article, _, word = one.partition(" ")
    return word if word and article in catalog.words(language, "articles") else one


@lru_cache(maxsize=1_000)
def counted(label: str, count: int, language: str) -> str:
    """Return the same with the number in digits: `1 person`, `6 people`."""
    if count == 1:
        return f"1 {noun(label, language)}"
    # All languages write a number as large as this in digits.
    several = max(count, len(catalog.words(language, "numbers")))
    return f"{count} {things(label, several, language).partition(' ')[2]}"


@lru_cache(maxsize=1_000)
def most_words(label: str) -> int:
    """Return how many words an object or two have, in the language that needs the most."""
    return max(
        word_count(things(label, count, language))
        for count in (1, 2)
        for language in catalog.LANGUAGES
    )


def forget() -> None:
    """Forget what was made of words that have changed."""
    things.cache_clear()
    counted.cache_clear()
    most_words.cache_clear()


def word_count(text: str) -> int:
    """Return how many words are spoken: quotation marks and colons between spaces are none."""
    return sum(any(map(str.isalnum, part)) for part in text.split())


def in_zones(names: Iterable[str], language: str) -> str:
    """Return e.g. `in the driveway`, or `in the hall and at the door`; empty without names.

    A name may bring its own preposition, such as `on the lawn` or `auf dem Rasen`, in the language
    of the sentence. Another one gets what the language puts before a name.
    """
    return joined([_in_zone(name, language) for name in names], language)


def _in_zone(name: str, language: str) -> str:
    name = spoken(name)
    first = name.partition(" ")[0].lower()
    kind = "plain"
    if first in catalog.words(language, "prepositions"):
        kind = "place"
    elif first in catalog.words(language, "articles"):
        kind = "article"
    elif not name[:1].islower():
        kind = "named"
    last = name.rpartition(" ")[2].lower()
    return catalog.text(language, "zone", {"kind": kind, "name": name, "last": last})


def spoken(name: str) -> str:
    """Return a name without what can't be spoken: control characters and `_` are spaces."""
    letters = (letter if letter.isprintable() and letter != "_" else " " for letter in name)
    return "".join(letters).strip()


def joined(parts: Sequence[str], language: str) -> str:
    """Return e.g. `one, two and three`; empty for no parts."""
    if len(parts) < 2:
        return "".join(parts)
    *others, one, last = parts
    text = catalog.text(language, "join", {"first": one, "second": last})
    for other in reversed(others):
        text = catalog.text(language, "list", {"first": other, "second": text})
    return text


def sentence(text: str) -> str:
    """Return a text with a capital letter in front."""
    return f"{text[:1].upper()}{text[1:]}"
