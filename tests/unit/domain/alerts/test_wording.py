"""Alerts of every kind of rule in words: the tables are for native readers."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pycturestream.domain.alerts.facts import CrossedLine, Facts, LabelCount
from pycturestream.domain.alerts.wording import headline, in_words, level_name, reason, title
from pycturestream.domain.cameras.camera import About
from pycturestream.domain.cameras.schedule import Period
from pycturestream.domain.times import EARLIEST, LATEST, rfc3339
from pycturestream.languages.catalog import LANGUAGES
from tests.alerts import alert
from tests.alerts_of_each_kind import FACTS, alert_of

TITLES = {
    "a person in a zone": (
        "Warning: a person in Driveway, camera gate",
        "Warnung: eine Person im Bereich „Driveway“, Kamera gate",
        "Attention : une personne dans la zone « Driveway », caméra gate",
        "Atención: una persona en la zona «Driveway», cámara gate",
    ),
    "some who stay at night": (
        "Warning: two people and a dog in Driveway and in Garden, camera gate",
        (
            "Warnung: zwei Personen und ein Hund im Bereich „Driveway“ und im Bereich „Garden“, "
            "Kamera gate"
        ),
        (
            "Attention : deux personnes et un chien dans la zone « Driveway » et dans la zone "
            "« Garden », caméra gate"
        ),
        (
            "Atención: dos personas y un perro en la zona «Driveway» y en la zona «Garden», "
            "cámara gate"
        ),
    ),
    "one who loiters": (
        "Warning: a person, camera gate",
        "Warnung: eine Person, Kamera gate",
        "Attention : une personne, caméra gate",
        "Atención: una persona, cámara gate",
    ),
    "two who cross a line": (
        "Warning: two bicycles crossed the line Kerb inwards, camera gate",
        "Warnung: zwei Fahrräder überquerten die Linie Kerb nach innen, Kamera gate",
        "Attention : deux vélos ont franchi la ligne Kerb vers l'intérieur, caméra gate",
        "Atención: dos bicicletas cruzaron la línea Kerb hacia dentro, cámara gate",
    ),
    "more than are there at once": (
        "Warning: seven objects (car, truck) crossed the line Kerb outwards, camera gate",
        (
            "Warnung: sieben Objekte (Auto, Lastwagen) überquerten die Linie Kerb nach außen, "
            "Kamera gate"
        ),
        (
            "Attention : sept objets (voiture, camion) ont franchi la ligne Kerb vers l'extérieur, "
            "caméra gate"
        ),
        "Atención: siete objetos (coche, camión) cruzaron la línea Kerb hacia fuera, cámara gate",
    ),
    "what no file has a word for": (
        "Warning: two forklifts in the yard, camera gate",
        "Warnung: zwei „forklift“ in the yard, Kamera gate",
        "Attention : deux « forklift » dans la zone « in the yard », caméra gate",
        "Atención: dos «forklift» en la zona «in the yard», cámara gate",
    ),
    "offline": (
        "Warning: no picture, camera gate",
        "Warnung: kein Bild, Kamera gate",
        "Attention : pas d'image, caméra gate",
        "Atención: sin imágenes, cámara gate",
    ),
    "clock-wrong": (
        "Warning: wrong clock, camera gate",
        "Warnung: Uhr geht falsch, Kamera gate",
        "Attention : horloge déréglée, caméra gate",
        "Atención: reloj desajustado, cámara gate",
    ),
    "covered": (
        "Warning: view covered, camera gate",
        "Warnung: Sicht verdeckt, Kamera gate",
        "Attention : vue masquée, caméra gate",
        "Atención: vista tapada, cámara gate",
    ),
    "blurred": (
        "Warning: blurred picture, camera gate",
        "Warnung: Bild unscharf, Kamera gate",
        "Attention : image floue, caméra gate",
        "Atención: imagen borrosa, cámara gate",
    ),
    "moved": (
        "Warning: different view, camera gate",
        "Warnung: andere Ansicht, Kamera gate",
        "Attention : vue différente, caméra gate",
        "Atención: vista distinta, cámara gate",
    ),
    "unusually-quiet": (
        "Warning: unusually quiet, camera gate",
        "Warnung: ungewöhnlich ruhig, Kamera gate",
        "Attention : calme inhabituel, caméra gate",
        "Atención: calma inusual, cámara gate",
    ),
    "unusually-busy": (
        "Warning: unusually busy, camera gate",
        "Warnung: ungewöhnlich viel los, Kamera gate",
        "Attention : affluence inhabituelle, caméra gate",
        "Atención: actividad inusual, cámara gate",
    ),
}
"""In the order of LANGUAGES; the reasons of the same alerts are in
tests/unit/notifications/messages."""


def test_there_is_an_alert_of_every_kind_of_rule():
    assert {facts.about for facts in FACTS.values()} == set(get_args(About))
    assert set(TITLES) == set(FACTS)


@pytest.mark.parametrize("name", FACTS)
def test_a_title_says_what_and_where_in_each_language(name):
    one = alert_of(FACTS[name])
    assert tuple(title(one, language) for language in LANGUAGES) == TITLES[name]


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", ["Notice", "Warning", "Danger"]),
        ("de", ["Hinweis", "Warnung", "Gefahr"]),
        ("fr", ["À noter", "Attention", "Danger"]),
        ("es", ["Aviso", "Atención", "Peligro"]),
    ],
)
def test_levels_have_names(language, names):
    assert [level_name(level, language) for level in (1, 2, 3)] == names
    for level, name in zip((1, 2, 3), names, strict=True):
        one = alert_of(FACTS["offline"], level=level)
        assert headline(one, language).startswith(name)


def test_of_an_hour_without_any_object_no_label_is_told():
    facts = replace(FACTS["unusually-busy"], about="unusually-quiet", count=0)
    assert in_words(facts, "en") == (
        "Unusually quiet: no objects in the hour from 13:00, usually 12."
    )


def test_where_a_rule_names_zones_the_title_leaves_out_the_line():
    facts = replace(FACTS["two who cross a line"], zones=("Driveway",))
    assert title(alert_of(facts), "en") == "Warning: two bicycles in Driveway, camera gate"
    assert in_words(facts, "en").startswith("Two bicycles crossed the line Kerb inwards in Drive")


def test_times_are_those_of_the_camera_or_of_who_reads_them():
    facts = FACTS["some who stay at night"]
    assert "on Sat, Sun, there for 45 s, seen in 3 pictures since 13:00:00" in in_words(facts, "en")
    assert "on Sat, Sun (Europe/Vienna), there for 45 s, seen in 3 pictures since 12:00:00" in (
        in_words(facts, "en", "Europe/London")
    )


def test_a_period_with_a_zone_of_its_own_keeps_it():
    facts = replace(FACTS["offline"], about="things", period=Period(timezone="UTC"))
    assert "(UTC)" in in_words(facts, "en", "Europe/London")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_alert_of_an_older_job_has_its_text_and_the_title_of_its_label(language):
    old = alert()
    assert reason(old, language, "Europe/London") == old.reason
    assert title(old, language).count("gate") == 1
    assert title(alert(label=None, zones=()), language).partition(", ")[0].endswith("rule-a")


names = st.text(max_size=80)
numbers = st.integers(0, 2**53 - 1)
figures = st.floats(0, 1e9)
times = st.integers(EARLIEST, LATEST - 1).map(rfc3339)
any_facts = st.builds(
    Facts,
    about=st.sampled_from(get_args(About)),
    since=times,
    timezone=st.sampled_from(["UTC", "Europe/Vienna", "Asia/Kathmandu"]),
    count=numbers,
    label_counts=st.lists(st.builds(LabelCount, names, numbers), max_size=4).map(tuple),
    crossed=st.lists(st.builds(CrossedLine, names, st.sampled_from(["in", "out"])), max_size=4).map(
        tuple
    ),
    zones=st.lists(names, max_size=4).map(tuple),
    period=st.none() | st.just(Period((1, 7), 1_320, 360)),
    dwell_ms=numbers,
    loitering_ms=numbers,
    frames=numbers,
    score=figures,
    clock_off_ms=st.integers(-(2**53) + 1, 2**53 - 1),
    now=figures,
    usual=figures,
    likeness=figures,
    expected=numbers,
    seen_until=st.just("") | times,
    rule_removed=st.booleans(),
)


@given(facts=any_facts, level=st.sampled_from([1, 2, 3]))
def test_any_facts_can_be_worded_in_every_language(facts, level):
    marks = [*(one.label for one in facts.label_counts), *facts.zones]
    marks += [one.line for one in facts.crossed]
    for language in LANGUAGES:
        one = replace(alert_of(facts), level=level)
        words = f"{title(one, language)} {reason(one, language, 'America/New_York')}"
        assert words.endswith(".")
        assert "{ $" not in words or any("{ $" in mark for mark in marks)
