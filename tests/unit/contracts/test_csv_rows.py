"""Rows as CSV: what people have written is a text in every spreadsheet."""

import csv
import io

import pytest

from pycturestream.contracts.csv_rows import csv_text, write_csv

FORMULAS = ('=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "\n=1")


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_text_is_a_formula(formula):
    file = io.StringIO()
    write_csv(file, [["site"], [formula]])
    for text in (file.getvalue(), csv_text([{"site": formula}])):
        [_, [cell]] = csv.reader(io.StringIO(text, newline=""))
        assert cell == f"'{formula}"


def test_no_text_begins_a_row():
    for text in ("a\r=1", "\r=1"):
        file = io.StringIO()
        write_csv(file, [["site"], [text]])
        [_, [cell]] = csv.reader(io.StringIO(file.getvalue(), newline=""))
        assert cell.endswith("a\n=1" if text[0] == "a" else "'\n=1")


def test_numbers_stay_numbers_and_what_is_missing_is_empty():
    text = csv_text([{"change": -1.5, "why": None}, {"change": 0, "zones": ["=x", "lawn"]}])
    assert text == 'change,why,zones\r\n-1.5,,\r\n0,,"[""=x"",""lawn""]"\r\n'
