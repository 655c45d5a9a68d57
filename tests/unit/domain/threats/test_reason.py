"""The reasons of alerts in each language: the tables are for native readers."""

import pytest

from pycturestream.domain.alerts.wording import in_words as reason_in_words
from pycturestream.domain.cameras.camera import Camera, Crossing, Rule, Zone
from pycturestream.domain.cameras.schedule import Period, in_words
from pycturestream.domain.threats import reason
from pycturestream.languages.catalog import LANGUAGES
from tests.scenes import LEFT_HALF, MIDDLE, NINE, CameraRun, empty, frame, guarded, person, walk

HOUR_S = 3_600_000


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        (
            "en",
            [
                (
                    "A person in the yard between 08:00 and 18:00, there for 2 s, seen in 3 "
                    "pictures since 09:00:01, highest score 0.80."
                ),
                "Ended at 09:00:02.",
            ],
        ),
        (
            "de",
            [
                (
                    "Eine Person im Bereich „yard“ zwischen 08:00 und 18:00 Uhr, dort seit "
                    "2 s, auf 3 Bildern seit 09:00:01 Uhr, höchster Wert 0,80."
                ),
                "Beendet um 09:00:02 Uhr.",
            ],
        ),
        (
            "fr",
            [
                (
                    "Une personne dans la zone « yard » entre 08:00 et 18:00, sur place depuis "
                    "2 s, sur 3 images depuis 09:00:01, meilleur score 0,80."
                ),
                "Fin à 09:00:02.",
            ],
        ),
        (
            "es",
            [
                (
                    "Una persona en la zona «yard» entre las 08:00 y las 18:00, allí desde hace "
                    "2 s, en 3 imágenes desde las 09:00:01, puntuación máxima 0,80."
                ),
                "Terminó a las 09:00:02.",
            ],
        ),
    ],
)
def test_an_alert_says_why_in_the_language_of_its_camera(language, texts):
    rule = Rule(
        "nobody-here",
        ("person",),
        zones=("yard",),
        schedule=(Period(from_minute=480, to_minute=1_080),),
        dwell_ms=1_000,
    )
    yard = Zone("yard", LEFT_HALF.polygon)
    run = CameraRun(guarded(rule, zones=(yard,), language=language))
    run.see(*walk(0.1, 0.0, 6)).see(*empty(40, at=NINE + 3_000))
    raised, cleared = [change.alert.reason for change in run.alerts]
    assert [raised, cleared] == [texts[0], f"{texts[0]} {texts[1]}"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Two people crossed the line middle inwards"),
        ("de", "Zwei Personen überquerten die Linie middle nach innen"),
        ("fr", "Deux personnes ont franchi la ligne middle vers l'intérieur"),
        ("es", "Dos personas cruzaron la línea middle hacia dentro"),
    ],
)
def test_several_who_cross_a_line_have_a_verb_of_their_own(language, text):
    rule = Rule("over", ("person",), frames=1, count=2, crosses=(Crossing("middle", "any"),))
    run = CameraRun(guarded(rule, lines=(MIDDLE,), language=language))
    for number in range(14):
        x = 0.7 - 0.03 * number
        run.see(frame([person(x, 0.1), person(x, 0.6)], at=NINE + number * 500))
    assert run.alerts[0].alert.reason.startswith(text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The camera's clock has been wrong since 09:00:00: 2 h ahead."),
        ("de", "Die Uhr der Kamera geht seit 09:00:00 Uhr falsch, mit einem Vorsprung von 2 h."),
        ("fr", "L'horloge de la caméra est fausse depuis 09:00:00 : 2 h d'avance."),
        ("es", "El reloj de la cámara está mal desde las 09:00:00: 2 h de adelanto."),
    ],
)
def test_a_wrong_clock_is_told_in_each_language(language, text):
    facts = reason.of_clock(NINE, 2 * HOUR_S, Camera("gate"))
    assert reason_in_words(facts, language) == text


def test_days_have_their_case_in_german():
    facts = reason.of_clock(NINE, -48 * HOUR_S, Camera("gate"))
    assert reason_in_words(facts, "de").endswith("mit einem Rückstand von 2 Tagen.")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "No picture since 09:00:00: the camera is offline."),
        ("de", "Kein Bild seit 09:00:00 Uhr: Die Kamera ist nicht erreichbar."),
        ("fr", "Aucune image depuis 09:00:00 : la caméra est hors ligne."),
        ("es", "Sin imágenes desde las 09:00:00: la cámara no está disponible."),
    ],
)
def test_an_absence_is_told_in_each_language(language, text):
    assert reason_in_words(reason.of_absence(NINE, Camera("gate")), language) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Unusually quiet: no people in the hour from 09:00, usually 20."),
        ("de", "Ungewöhnlich ruhig: keine Personen in der Stunde ab 09:00 Uhr, sonst 20."),
        ("fr", "Calme inhabituel : 0 personne dans l'heure à partir de 09:00, d'habitude 20."),
        ("es", "Calma inusual: 0 personas en la hora desde las 09:00, normalmente 20."),
    ],
)
def test_an_unusual_hour_is_told_in_each_language(language, text):
    rule = Rule("quiet", ("person",), about="unusually-quiet")
    facts = reason.of_unusual_hour(rule, NINE, 0, 20, Camera("gate"))
    assert reason_in_words(facts, language) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "between 22:00 and 06:00 on Mon, Sun"),
        ("de", "zwischen 22:00 und 06:00 Uhr am Mo, So"),
        ("fr", "entre 22:00 et 06:00 (lun., dim.)"),
        ("es", "entre las 22:00 y las 06:00 (lun, dom)"),
    ],
)
def test_a_period_has_the_days_of_each_language(language, text):
    assert in_words(Period((1, 7), 1_320, 360), language) == text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("ms", [1_000, 180_000, 3 * HOUR_S, 72 * HOUR_S])
def test_every_span_has_its_unit(language, ms):
    assert "{" not in reason_in_words(reason.of_clock(NINE, -ms, Camera("gate")), language)
