"""One word for one thing: words that docs/glossary.md has replaced do not come back."""

import re
import tokenize
from pathlib import Path

import pytest

from pycturestream.config.settings import PROJECT_FOLDER

RETIRED = {
    "adrift": "lost",
    "bookkeeping": "accounting",
    "breach": "violation",
    "correspondence": "recipient state",
    "courier": "sender",
    "deed": "zone event",
    "forsake": "drop",
    "ledger": "account",
    "looker": "detector",
    "notebook": "notification state",
    "passage": "zone event",
    "persons": "people",
    "refusal": "rejection",
    "twins": "duplicates",
    "verdict": "outcome",
    "whereabouts": "zone state",
    "wish": "rate request",
}
ROOMS = ("pycturestream", "producers", "udfs", "jobs", "benchmarks")


def words(file: Path) -> set[str]:
    """Return the words that a file's names are made of: `read_rateRequest` has three."""
    with file.open("rb") as source:
        names = [t.string for t in tokenize.tokenize(source.readline) if t.type == tokenize.NAME]
    parts = [*file.with_suffix("").parts, *(part for name in names for part in name.split("_"))]
    return {
        word.lower() for part in parts for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", part)
    }


@pytest.mark.parametrize("room", ROOMS)
def test_names_use_the_words_of_the_glossary(room):
    found = {
        f"{file.relative_to(PROJECT_FOLDER)}: {word} is called {RETIRED[singular]}"
        for file in sorted((PROJECT_FOLDER / room).rglob("*.py"))
        for word in words(file)
        if (singular := word if word in RETIRED else word.removesuffix("s")) in RETIRED
    }
    assert not found


def test_a_retired_word_would_be_found(tmp_path):
    file = tmp_path / "x.py"
    file.write_text("def read_verdicts(BreachKind): ...\n", "utf-8")
    assert words(file) >= {"read", "verdicts", "breach", "kind"}
