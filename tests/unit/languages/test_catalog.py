"""The files of the languages: complete, and each message with the same arguments."""

import re

import pytest
from fluent.syntax import FluentParser
from fluent.syntax.visitor import Visitor

from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.languages import catalog
from pycturestream.languages.catalog import LANGUAGES
from pycturestream.languages.phrases import is_listed, things

FOLDER = PROJECT_FOLDER / "pycturestream/languages"
LABEL_FILES = sorted((PROJECT_FOLDER / "models").glob("*/labels.txt"))
OTHERS = [language for language in LANGUAGES if language != "en"]


class Arguments(Visitor):
    """Collects the arguments of each message."""

    def __init__(self, language):
        self.of = {}
        self.names = []
        self.junk = []
        text = (FOLDER / f"{language}.ftl").read_text("utf-8")
        self.visit(FluentParser().parse(text))

    def visit_Message(self, node):  # noqa: N802 - the library's name
        self.names.append(node.id.name)
        self.of[node.id.name] = set()
        self.generic_visit(node)

    def visit_VariableReference(self, node):  # noqa: N802 - the library's name
        self.of[self.names[-1]].add(node.id.name)

    def visit_Junk(self, node):  # noqa: N802 - the library's name
        self.junk.append(node.content)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_has_each_message_once_and_nothing_else(language):
    read = Arguments(language)
    assert not read.junk
    assert len(read.names) == len(set(read.names))


@pytest.mark.parametrize("language", OTHERS)
def test_each_language_has_the_messages_of_english(language):
    assert set(Arguments(language).of) == set(Arguments("en").of)


@pytest.mark.parametrize("language", OTHERS)
def test_a_message_has_no_argument_that_english_lacks(language):
    english, read = Arguments("en").of, Arguments(language).of
    allowed = {name: arguments | {"count", "certainty"} for name, arguments in english.items()}
    assert not {name for name in read if not read[name] <= allowed[name]}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("file", LABEL_FILES, ids=lambda file: file.parent.name)
def test_every_label_of_every_model_has_its_words(file, language):
    labels = [line for line in file.read_text("utf-8").splitlines() if line.strip()]
    assert labels
    assert [label for label in labels if not is_listed(label, language)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_has_an_article_and_two_a_number(language):
    articles = {
        "en": "a|an",
        "de": "ein|eine",
        "fr": "un|une|des",
        "es": "un|una|unas",
    }[language]
    two = catalog.words(language, "numbers")[2]
    labels = (PROJECT_FOLDER / "models/nanodet/labels.txt").read_text("utf-8").splitlines()
    for label in labels:
        assert re.match(rf"({articles}) \w", things(label, 1, language)), label
        assert things(label, 2, language).startswith(f"{two} "), label


@pytest.mark.parametrize(
    ("label", "count", "text"),
    [
        ("person", 1, "a person"),
        ("person", 12, "twelve people"),
        ("person", 13, "13 people"),
        ("person", 0, "no people"),
        ("umbrella", 1, "an umbrella"),
        ("bus", 2, "two buses"),
        ("sheep", 3, "three sheep"),
        ("scissors", 1, "a pair of scissors"),
        ("knife", 2, "two knives"),
        ("broccoli", 2, "two pieces of broccoli"),
        ("igloo", 1, "an igloo"),
        ("tree", 2, "two trees"),
        ("box", 2, "two boxes"),
        ("BUS STOP", 2, "two BUS STOPs"),
        ("walrus", 3, "three walruses"),
        ("battery", 2, "two batteries"),
        ("toy", 2, "two toys"),
        ("delivery man", 2, "two delivery men"),
        ("goggles", 1, "goggles"),
        ("goggles", 2, "two goggles"),
        ("traffic_light", 1, "a traffic light"),
        ("safety_vest", 1, "a safety vest"),
        ("c\u00e1t\x00", 1, "a c\u00e1t"),
        ("{ $count }", 1, "a { $count }"),
    ],
)
def test_things_are_counted_as_people_do(label, count, text):
    assert things(label, count, "en") == text


def test_a_message_that_is_missing_is_a_mistake_of_the_program():
    with pytest.raises(ValueError, match=r"en\.ftl: no message surprise"):
        catalog.text("en", "surprise")


def test_an_argument_that_is_missing_is_a_mistake_of_the_program():
    with pytest.raises(ValueError, match=r"en\.ftl, label-person: "):
        catalog.text("en", "label-person")
