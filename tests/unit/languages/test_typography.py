import pytest

from pycturestream.languages.typography import unbroken


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Danger : la zone « Hall » ?", "Danger_: la zone «_Hall_»_?"),
        ("Site :", "Site_:"),
        ("at 12:00: a : b", "at 12:00: a_: b"),
        ("https://x/a ?b", "https://x/a ?b"),
        ("la zone «Hall»", "la zone «Hall»"),
    ],
)
def test_signs_stay_with_their_word(text, shown):
    assert unbroken(text) == shown.replace("_", "\N{NO-BREAK SPACE}")


def test_what_is_no_text_stays_as_it_is():
    assert [unbroken(value) for value in (3, None)] == [3, None]
