"""Phrases that are shown rather than spoken."""

import pytest

from pycturestream.languages.phrases import counted


@pytest.mark.parametrize(
    ("label", "count", "language", "said"),
    [
        ("person", 1, "en", "1 person"),
        ("person", 2, "en", "2 people"),
        ("person", 15, "en", "15 people"),
        ("forklift", 3, "en", "3 forklifts"),
        ("person", 0, "en", "0 people"),
        ("person", 2, "de", "2 Personen"),
    ],
)
def test_where_there_is_little_room_numbers_are_digits(label, count, language, said):
    assert counted(label, count, language) == said
