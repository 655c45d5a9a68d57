"""What a listener can hear, in every language, kept as files beside this one.

Run as `python -m tests.unit.languages.heard` to write them again: only for a change that is meant
to change words, and read what has become of them, with the checklist in docs/narration.md.
"""

import json
from collections.abc import Iterator
from datetime import date
from itertools import accumulate
from pathlib import Path
from typing import get_args

from babel.dates import format_date

import pycturestream.api
from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.domain.cameras.camera import Places
from pycturestream.domain.narration import finding
from pycturestream.domain.narration.on_request import answer, describe
from pycturestream.domain.narration.sentence import WORD_LIMITS, Group, Kind, Place, Sentence
from pycturestream.domain.narration.wording import in_words
from pycturestream.languages.catalog import LANGUAGES, Language, text
from pycturestream.languages.phrases import noun, things
from tests.scenes import NINE
from tests.unit.domain.narration.objects import thing

FOLDER = Path(__file__).parent / "heard"
LABELS = tuple((PROJECT_FOLDER / "models/nanodet/labels.txt").read_text("utf-8").splitlines())
PAGE_TEXTS = Path(pycturestream.api.__file__).parent / "eye/texts"
FOREIGN_LABELS = ("tree", "box", "battery", "safety_vest", "delivery_man", "goggles")
"""Of a model that brings no words for them."""
ZONES: dict[Language, tuple[str, ...]] = {
    "en": (
        "driveway",
        "the yard",
        "Hall 2",
        "lawn",
        "front_door",
        "on the lawn",
        "behind the gate",
    ),
    "de": ("Einfahrt", "der Hof", "Halle 2", "auf dem Rasen", "am Tor", "hinter dem Haus"),
    "fr": ("allée", "la cour", "Hall 2", "sur la pelouse", "à l'entrée", "derrière la maison"),
    "es": ("entrada", "el patio", "Nave 2", "en el césped", "junto a la puerta", "tras la casa"),
}
ROOM = (
    thing("chair", 0.1, 0.1),
    thing("chair", 0.1, 0.5),
    thing("dining table", 0.5, 0.9),
    thing("person", 0.9, 0.5, approaching=True),
    thing("tv", 0.5, 0.1, certainty=0.4),
)


def file_of(language: Language) -> Path:
    return FOLDER / f"{language}.txt"


def transcript(language: Language) -> str:
    """Return everything that is heard in a language, in sections, with what each line is."""
    parts = []
    for name, lines in _sections(language):
        parts.append("\n".join([f"### {name}", *(f"{what}: {words}" for what, words in lines)]))
    return "\n\n".join(parts) + "\n"


def _sections(language: Language) -> Iterator[tuple[str, Iterator[tuple[str, str]]]]:
    yield "Objects: one and two, many, unsure, and the word to find one by", _objects(language)
    yield "Labels of another model, which have no word", _foreign(language)
    yield "Numbers", _numbers(language)
    yield "Places", _places(language)
    yield "Several groups", _joined(language)
    yield "What comes closer", _approaching(language)
    yield "Alerts", _alerts(language)
    yield "Alerts in zones", _zones(language)
    yield "Whole sentences", _whole_sentences(language)
    yield (
        "Finding a chair: at the left, more to the middle, there; then at the right",
        _found(language),
    )
    yield "Answers about a room", _answers(language)
    yield "The phone page", _page(language)


def _objects(language: Language) -> Iterator[tuple[str, str]]:
    for label in (*LABELS, "face", "object"):
        yield label, " | ".join([*_forms(label, language), noun(label, language)])


def _foreign(language: Language) -> Iterator[tuple[str, str]]:
    for label in FOREIGN_LABELS:
        yield label, " | ".join([*_forms(label, language), noun(label, language)])


def _forms(label: str, language: Language) -> Iterator[str]:
    one, two = Group(1, label, "left"), Group(2, label, "right")
    yield _said(language, one, two)
    yield _said(language, Group(15, label, "several"))
    yield _said(language, Group(1, label, "center", sure=False))


def _numbers(language: Language) -> Iterator[tuple[str, str]]:
    for label in ("person", "dog"):
        counts = (*range(1, 14), 21, 31, 100)
        yield label, ", ".join(things(label, count, language) for count in counts)


def _places(language: Language) -> Iterator[tuple[str, str]]:
    for place in get_args(Place):
        yield place, _said(language, Group(5 if place == "several" else 1, "dog", place))
    for hour in (9, 10, 11, 12, 1, 2, 3):
        yield f"clock {hour}", _said(language, Group(1, "dog", "left", hour=hour), places="clock")


def _joined(language: Language) -> Iterator[tuple[str, str]]:
    groups = (
        Group(2, "person", "left"),
        Group(1, "orange", "center"),
        Group(1, "umbrella", "top right"),
        Group(2, "dog", "right", sure=False),
    )
    for some in list(accumulate(groups, lambda said, group: (*said, group), initial=()))[2:]:
        yield str(len(some)), _said(language, *some)


def _approaching(language: Language) -> Iterator[tuple[str, str]]:
    for count, sure in ((1, True), (2, True), (1, False), (2, False)):
        what = f"{count}{'' if sure else ', unsure'}"
        for label in ("car", "dog"):
            group = Group(count, label, "top left", 2, motion="approaching", sure=sure)
            yield f"{what}, {label}", _said(language, group)
            yield f"{what}, {label}, clock", _said(language, group, places="clock")


def _alerts(language: Language) -> Iterator[tuple[str, str]]:
    for level in (1, 2, 3):
        yield f"level {level}", _said(language, Group(1, "person", "left", danger=level))
    yield "several labels", _said(language, Group(3, "object", "center", danger=2))
    several = Group(2, "person", "left", danger=2), Group(1, "car", "right", danger=3, sure=False)
    yield "two groups", _said(language, *several)


def _zones(language: Language) -> Iterator[tuple[str, str]]:
    for zone in ZONES[language]:
        yield zone, _said(language, Group(1, "person", "left", zone=zone, danger=3))


def _whole_sentences(language: Language) -> Iterator[tuple[str, str]]:
    groups = (
        Group(1, "person", "left", danger=3),
        Group(1, "bicycle", "right", motion="approaching"),
        Group(2, "bench", "center"),
    )
    yield "an alert, what comes closer, what is there", _said(language, *groups)
    for kind in get_args(Kind):
        if kind != "groups":
            yield kind, in_words(Sentence(kind), language)
    yield "no recent picture", text(language, "no-picture")


def _found(language: Language) -> Iterator[tuple[str, str]]:
    state, number = finding.FindState(), 0
    for x in (0.1, 0.2, 0.5, 0.9, 0.8):
        at = NINE + number * finding.PAUSE_MS
        state, said = finding.step(state, "chair", [thing("chair", x, track_id="a")], at)
        if said:
            number += 1
            yield str(number), in_words(said, language)


def _answers(language: Language) -> Iterator[tuple[str, str]]:
    for verbosity in WORD_LIMITS:
        yield verbosity, in_words(answer(ROOM, verbosity=verbosity), language)
    yield "clock", in_words(answer(ROOM), language, "clock")
    yield "everything", in_words(describe(ROOM), language)
    yield "everything, clock", in_words(describe(ROOM), language, "clock")


def _page(language: Language) -> Iterator[tuple[str, str]]:
    filled = {
        "word": noun("chair", language),
        "count": "3",
        "date": format_date(date(2027, 1, 31), "long", locale=language),
    }
    texts = json.loads((PAGE_TEXTS / f"{language}.json").read_text("utf-8"))
    for key, words in texts.items():
        yield key, words.format(**filled)


def _said(language: Language, *groups: Group, places: Places = "sectors") -> str:
    return in_words(Sentence("groups", groups), language, places)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name in LANGUAGES:
        file_of(name).write_text(transcript(name), "utf-8")
