"""What a listener can hear in each language: kept as files, and what holds for all of them."""

import re

import pytest

from pycturestream.languages.catalog import LANGUAGES
from tests.unit.languages.heard import LABELS, ZONES, file_of, transcript

every_language = pytest.mark.parametrize("language", LANGUAGES)


def lines(language):
    """Return the lines of a language: what each is, and its words."""
    found = transcript(language).splitlines()
    return [line.partition(": ")[::2] for line in found if not line.startswith("###")]


@every_language
def test_what_is_heard_is_what_was_read_by_people(language):
    assert transcript(language) == file_of(language).read_text("utf-8")


@every_language
def test_every_language_has_the_same_lines(language):
    def names(of):
        return [name for name, _ in lines(of) if name not in ZONES[of]]

    assert names(language) == names("en")
    assert set(LABELS) <= set(names(language))


@every_language
def test_nothing_is_left_unfilled_or_untranslated(language):
    heard, english = set(lines(language)), set(lines("en"))
    assert not any("{" in words for _, words in heard)
    if language != "en":
        alike = {name for name, words in heard & english if words}
        assert alike <= {"start", "pause", "vibration", "verbosity_normal"}


@every_language
def test_there_is_nothing_that_a_voice_would_spell(language):
    for name, words in lines(language):
        assert not re.search(r"_|\d ?(s|min|h|d|m|km)\b", words), name


@every_language
def test_a_description_by_the_clock_repeats_no_phrase(language):
    phrases = re.split(r"[,.] ", dict(lines(language))["everything, clock"])
    assert len(phrases) == len(set(phrases)) > 2
