import time

import pytest

from pycturestream.cli.options import moment
from pycturestream.domain.times import parse_rfc3339
from pycturestream.errors import UsageError


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("10m", 600), ("2h", 7_200), ("3d", 259_200)]
)
def test_a_relative_time_is_so_long_ago(text, seconds):
    before = time.time_ns() // 1_000_000
    at = moment(text)
    after = time.time_ns() // 1_000_000

    assert before <= at + seconds * 1_000 <= after


def test_an_absolute_time_has_its_zone():
    assert moment("2026-11-21T10:00:00+01:00") == parse_rfc3339("2026-11-21T09:00:00.000Z")


@pytest.mark.parametrize("text", ["", "10", "m", "-5m", "1w", "yesterday", "2026-11-21T10:00:00"])
def test_anything_else_is_wrong_use_and_the_error_shows_what_is_right(text):
    with pytest.raises(UsageError, match="10m"):
        moment(text)
