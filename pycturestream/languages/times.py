"""Times and time spans in the form that a language usually has."""

from datetime import datetime
from typing import Literal

from babel import dates
from babel.units import format_unit

from pycturestream.languages.catalog import Language, text

Precision = Literal["medium", "short"]
"""To the second, or to the minute."""

_LOCALES: dict[Language, str] = {"en": "en_GB", "de": "de", "fr": "fr", "es": "es"}
"""English is the one that counts 24 hours a day, as all its other sentences do."""
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def moment(local: datetime, language: Language, precision: Precision = "medium") -> str:
    """Return an aware local time: `21 November 2026, 13:00:00 (Europe/Vienna)`."""
    locale = _LOCALES[language]
    said = {
        "date": dates.format_date(local, "long", locale),
        # Without a zone of its own the library would convert it to UTC.
        "time": dates.format_time(local, precision, tzinfo=local.tzinfo, locale=locale),
        "zone": str(local.tzinfo),
    }
    return text(language, "moment", said)


def duration(ms: int, language: Language) -> str:
    """Return a time span: `45 seconds`, `3 minutes 10 seconds`, `1 hour`, `2 days`.

    The largest unit that is not zero and the one after it, where that is not zero either.
    """
    seconds = max(ms, 0) // 1000
    first = next((i for i, (_, size) in enumerate(_UNITS) if seconds >= size), len(_UNITS) - 1)
    words: list[str] = []
    for unit, size in _UNITS[first : first + 2]:
        number, seconds = divmod(seconds, size)
        if number or not words:
            words.append(format_unit(number, f"duration-{unit}", "long", locale=_LOCALES[language]))
    return " ".join(words)
