"""Sentences in each language: the tables are for native readers."""

from itertools import pairwise, product
from typing import get_args

import pytest

from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.domain.narration.sentence import (
    WORD_LIMITS,
    Group,
    Place,
    Sentence,
    within,
)
from pycturestream.domain.narration.wording import in_words
from pycturestream.languages.catalog import LANGUAGES
from pycturestream.languages.phrases import word_count

PLACES = get_args(Place)

TABLE = [
    (
        [Group(6, "person", "left")],
        {
            "en": "Six people on the left.",
            "de": "Sechs Personen links.",
            "fr": "Six personnes à gauche.",
            "es": "Seis personas a la izquierda.",
        },
    ),
    (
        [Group(1, "dog", "center")],
        {
            "en": "A dog in the center.",
            "de": "Ein Hund in der Mitte.",
            "fr": "Un chien au centre.",
            "es": "Un perro en el centro.",
        },
    ),
    (
        [Group(1, "car", "right", motion="approaching")],
        {
            "en": "A car, coming closer, on the right.",
            "de": "Ein Auto rechts kommt näher.",
            "fr": "Une voiture à droite s'approche.",
            "es": "Un coche a la derecha se acerca.",
        },
    ),
    (
        [Group(2, "cow", "bottom left", motion="approaching"), Group(3, "bench", "top")],
        {
            "en": "Two cows, coming closer, at the bottom left. Three benches at the top.",
            "de": "Zwei Kühe unten links kommen näher. Drei Bänke oben.",
            "fr": "Deux vaches en bas à gauche s'approchent. Trois bancs en haut.",
            "es": "Dos vacas abajo a la izquierda se acercan. Tres bancos arriba.",
        },
    ),
    (
        [Group(1, "cat", "right", motion="approaching", sure=False)],
        {
            "en": "Perhaps a cat, coming closer, on the right.",
            "de": "Vielleicht kommt rechts eine Katze näher.",
            "fr": "Peut-être un chat à droite qui s'approche.",
            "es": "Quizás un gato a la derecha que se acerca.",
        },
    ),
    (
        [
            Group(2, "bus", "top right"),
            Group(1, "umbrella", "bottom"),
            Group(1, "dog", "center", sure=False),
        ],
        {
            "en": "Two buses at the top right, an umbrella at the bottom and perhaps a dog in the "
            "center.",
            "de": "Zwei Busse oben rechts, ein Regenschirm unten und vielleicht ein Hund in der "
            "Mitte.",
            "fr": "Deux bus en haut à droite, un parapluie en bas et peut-être un chien au centre.",
            "es": "Dos autobuses arriba a la derecha, un paraguas abajo y quizás un perro en el "
            "centro.",
        },
    ),
    (
        [Group(15, "sheep", "several")],
        {
            "en": "15 sheep in several places.",
            "de": "15 Schafe an mehreren Stellen.",
            "fr": "15 moutons à plusieurs endroits.",
            "es": "15 ovejas en varios sitios.",
        },
    ),
    (
        [Group(1, "scissors", "left"), Group(1, "skis", "right")],
        {
            "en": "A pair of scissors on the left and a pair of skis on the right.",
            "de": "Eine Schere links und ein Paar Ski rechts.",
            "fr": "Une paire de ciseaux à gauche et une paire de skis à droite.",
            "es": "Unas tijeras a la izquierda y un par de esquís a la derecha.",
        },
    ),
    (
        [Group(2, "person", "left", zone="driveway", danger=3)],
        {
            "en": "Danger: two people in the driveway.",
            "de": "Gefahr: zwei Personen im Bereich „driveway“.",
            "fr": "Danger : deux personnes dans la zone « driveway ».",
            "es": "Peligro: dos personas en la zona «driveway».",
        },
    ),
    (
        [
            Group(1, "person", "left", danger=2),
            Group(1, "truck", "right", danger=1, sure=False),
        ],
        {
            "en": "Warning: a person on the left and perhaps a truck on the right.",
            "de": "Warnung: eine Person links und vielleicht ein Lastwagen rechts.",
            "fr": "Attention : une personne à gauche et peut-être un camion à droite.",
            "es": "Atención: una persona a la izquierda y quizás un camión a la derecha.",
        },
    ),
    (
        [Group(2, "tree", "top left")],
        {
            "en": "Two trees at the top left.",
            "de": "Zwei „tree“ oben links.",
            "fr": "Deux « tree » en haut à gauche.",
            "es": "Dos «tree» arriba a la izquierda.",
        },
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("groups", "texts"), TABLE, ids=[texts["en"] for _, texts in TABLE])
def test_groups_become_a_sentence_in_each_language(groups, texts, language):
    assert in_words(Sentence("groups", tuple(groups)), language) == texts[language]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "A chair at two o'clock."),
        ("de", "Ein Stuhl auf zwei Uhr."),
        ("fr", "Une chaise à deux heures."),
        ("es", "Una silla a las dos."),
    ],
)
def test_a_place_may_be_an_hour(language, text):
    said = Sentence("groups", (Group(1, "chair", "right", hour=2),))
    assert in_words(said, language, "clock") == text


def test_what_has_no_one_hour_is_told_by_its_place():
    said = Sentence("groups", (Group(4, "chair", "several"),))
    assert in_words(said, "en", "clock") == "Four chairs in several places."


def test_what_would_sound_the_same_by_the_clock_is_said_once():
    groups = (
        Group(1, "chair", "left", hour=11),
        Group(2, "chair", "top left", hour=11),
        Group(1, "chair", "bottom", hour=12),
        Group(1, "chair", "bottom left", hour=11, sure=False),
    )
    assert in_words(Sentence("groups", groups), "en", "clock") == (
        "Three chairs at eleven o'clock, a chair at twelve o'clock and perhaps a chair at eleven "
        "o'clock."
    )


def test_alerts_in_zones_are_not_told_by_the_clock():
    groups = (
        Group(1, "dog", "left", hour=11, zone="yard", danger=1),
        Group(1, "dog", "left", hour=11, zone="garage", danger=1),
    )
    assert in_words(Sentence("groups", groups), "en", "clock") == (
        "Notice: a dog in the yard and a dog in the garage."
    )


@pytest.mark.parametrize(
    ("language", "zone", "text"),
    [
        ("en", "on the lawn", "Notice: a dog on the lawn."),
        ("en", "the yard", "Notice: a dog in the yard."),
        ("en", "Hall 2", "Notice: a dog in Hall 2."),
        ("en", "lawn", "Notice: a dog on the lawn."),
        ("en", "the lawn", "Notice: a dog on the lawn."),
        ("en", "lawn chairs", "Notice: a dog in the lawn chairs."),
        ("en", "back_door", "Notice: a dog at the back door."),
        ("de", "auf dem Rasen", "Hinweis: ein Hund auf dem Rasen."),
        ("de", "Einfahrt", "Hinweis: ein Hund im Bereich „Einfahrt“."),
        ("fr", "sur la pelouse", "À noter : un chien sur la pelouse."),
        ("es", "en el césped", "Aviso: un perro en el césped."),
        ("es", "el patio", "Aviso: un perro en el patio."),
        ("es", "patio", "Aviso: un perro en la zona «patio»."),
        ("en", "bad\x07\nname {$x}", "Notice: a dog in the bad  name {$x}."),
    ],
)
def test_a_zone_may_bring_its_preposition(language, zone, text):
    said = Sentence("groups", (Group(1, "dog", "left", zone=zone, danger=1),))
    assert in_words(said, language) == text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "kind", ["nothing", "dark", "blurred", "covered", "towards-left", "towards-right"]
)
def test_what_has_no_groups_is_a_whole_sentence(kind, language):
    text = in_words(Sentence(kind), language)
    assert text[0].isupper()
    assert text.endswith(".")


def test_a_language_that_is_not_known_is_spoken_as_english():
    assert in_words(Sentence("nothing"), "tlh") == "Nothing in view."


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("verbosity", WORD_LIMITS)
def test_several_groups_are_never_longer_than_the_limit(language, verbosity):
    labels = (PROJECT_FOLDER / "models/nanodet/labels.txt").read_text("utf-8").splitlines()
    limit = WORD_LIMITS[verbosity]
    for label, other in pairwise([*labels, "tree"]):
        for danger, motion, sure in ((0, "", True), (0, "approaching", False), (1, "", False)):
            groups = [
                Group(count, name, place, motion=motion, danger=danger, sure=sure)
                for count, name, place in product((1, 12), (label, other), PLACES)
            ]
            chosen = within(tuple(groups), limit)
            text = in_words(Sentence("groups", chosen), language)
            assert len(chosen) == 1 or word_count(text) <= limit, text


def test_one_group_is_told_whatever_its_length():
    group = Group(1, "person", "left", zone=" ".join("abcdefghijklmn"), danger=1)
    assert within((group, group), 13) == (group,)


def test_words_of_a_zone_are_counted_as_they_are_spoken():
    group = Group(1, "person", "left", zone="_".join("abcdefgh"), danger=1)
    assert within((group, group), 22) == (group,)
    assert within((group, group), 30) == (group, group)


def test_two_groups_in_corners_are_told_together():
    groups = (Group(2, "car", "top right"), Group(2, "person", "bottom left"))
    assert within(groups, WORD_LIMITS["normal"]) == groups


def test_every_place_is_named_in_every_language():
    for place, language in product(PLACES, LANGUAGES):
        assert in_words(Sentence("groups", (Group(1, "cat", place),)), language)
