import csv
import io

import pytest
from pyarrow import parquet

from pycturestream.application.picture_columns import COLUMNS, columns
from pycturestream.cli.picture_rows import CsvRows, ParquetRows, TableRows
from tests.builders import detection_record

THREAT = {"rule": "parked", "level": 2, "alert_id": "gate:parked:x"}
FULL = detection_record(labels=("person", "car", "person"), threats=[THREAT])
EMPTY = detection_record(camera_id="yard", labels=())


def test_the_columns_are_those_of_the_header():
    assert tuple(columns(FULL)) == tuple(columns(EMPTY)) == COLUMNS


def test_csv_has_a_header_and_a_row_for_each_picture(capsys):
    rows = CsvRows()
    rows.add([FULL])
    rows.add([EMPTY])
    rows.end()

    full, empty = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (full["shows"], full["count"], full["max_score"]) == ("person 2, car 1", "3", "0.81")
    assert (full["level"], full["threats"]) == ("2", "parked (2)")
    assert (empty["shows"], empty["count"], empty["max_score"]) == ("nothing", "0", "")
    assert empty["camera_id"] == "yard"


def test_no_name_is_a_formula_in_csv(capsys):
    CsvRows().add([EMPTY | {"site": "=1+1"}])
    [row] = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row["site"] == "'=1+1"


def test_csv_without_a_picture_has_its_header(capsys):
    CsvRows().end()
    assert capsys.readouterr().out == ",".join(COLUMNS) + "\n"


def test_a_parquet_file_is_there_when_it_is_complete(tmp_path):
    path = tmp_path / "found.parquet"
    rows = ParquetRows(path)
    rows.add([FULL])
    rows.add([EMPTY])
    assert not path.exists()
    rows.end()
    rows.abandon()

    full, empty = parquet.read_table(path).to_pylist()
    assert full["captured_at"].isoformat() == "2026-11-21T12:00:00+00:00"
    assert [found["label"] for found in full["objects"]] == ["person", "car", "person"]
    assert full["objects"][0]["size"] == 0.14
    assert full["threats"] == [THREAT]
    assert (empty["objects"], empty["max_score"], empty["level"]) == ([], None, None)
    assert [each.name for each in tmp_path.iterdir()] == ["found.parquet"]


def test_a_parquet_file_that_is_not_complete_is_deleted(tmp_path):
    path = tmp_path / "found.parquet"
    path.write_text("of before")
    rows = ParquetRows(path)
    rows.add([FULL])
    rows.abandon()

    assert [each.read_text() for each in tmp_path.iterdir()] == ["of before"]


@pytest.mark.parametrize(
    ("timezone", "shown"),
    [("", "2026-11-21 12:00:00Z"), ("Europe/Vienna", "2026-11-21 13:00:00+01:00")],
)
def test_a_table_shows_the_clock_that_is_meant(timezone, shown, capsys):
    rows = TableRows(timezone)
    rows.add([FULL])
    rows.end()
    assert shown in capsys.readouterr().out


def test_a_table_without_a_picture_says_so(capsys):
    TableRows("").end()
    assert "no matching picture" in capsys.readouterr().out
