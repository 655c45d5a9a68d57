from datetime import datetime

import pytest

from pycturestream.domain.times import time_zone, to_local
from pycturestream.languages.catalog import LANGUAGES
from pycturestream.languages.times import duration, moment
from tests.builders import NOON


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "21 November 2026, 13:00:00 (Europe/Vienna)"),
        ("de", "21. November 2026, 13:00:00 Uhr (Europe/Vienna)"),
        ("fr", "21 novembre 2026 à 13:00:00 (Europe/Vienna)"),
        ("es", "21 de noviembre de 2026 a las 13:00:00 (Europe/Vienna)"),
    ],
)
def test_a_moment_has_the_usual_form_of_its_language(language, text):
    assert moment(to_local(NOON, "Europe/Vienna"), language) == text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kathmandu", "UTC"])
def test_a_moment_is_told_as_the_local_clock_shows_it(language, zone):
    local = datetime(2026, 7, 3, 4, 5, 6, tzinfo=time_zone(zone))
    assert "04:05:06" in moment(local, language).replace(" 4:", " 04:")
    assert "04:05" in moment(local, language, "short").replace(" 4:", " 04:")
    assert f"({zone})" in moment(local, language)


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (-1, "0 seconds"),
        (999, "0 seconds"),
        (1_000, "1 second"),
        (45_000, "45 seconds"),
        (180_000, "3 minutes"),
        (190_000, "3 minutes 10 seconds"),
        (3_600_000, "1 hour"),
        (5_400_000, "1 hour 30 minutes"),
        (3_610_000, "1 hour"),
        (2 * 86_400_000 + 3_600_000, "2 days 1 hour"),
    ],
)
def test_a_duration_has_its_two_largest_units(ms, text):
    assert duration(ms, "en") == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "1 Tag 2 Stunden"),
        ("fr", "1\N{NO-BREAK SPACE}jour 2\N{NO-BREAK SPACE}heures"),
        ("es", "1 día 2 horas"),
    ],
)
def test_a_duration_has_the_units_of_its_language(language, text):
    assert duration(26 * 3_600_000, language) == text
