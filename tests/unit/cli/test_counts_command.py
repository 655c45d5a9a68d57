"""What `pycturestream counts` prints, without a store to ask."""

import pytest

from pycturestream.cli import counts as command
from pycturestream.cli.output import console
from pycturestream.contracts.counts import read_count
from pycturestream.domain.counting.rollup import attendance
from tests.builders import count_record
from tests.command_line import command_line


@pytest.fixture
def run(monkeypatch, capsys):
    return command_line(monkeypatch, capsys)


def test_labels_and_attendance_at_once_are_wrong_use(run):
    ended = run("counts", "--labels", "--attendance")

    assert ended.status == 2
    assert "leave out --attendance" in ended.errors


def test_a_window_that_there_is_not_is_answered_with_those_that_there_are(run):
    ended = run("counts", "--window", "7h")

    assert ended.status == 2
    assert "'15m', '1h', '1d'" in ended.errors


def test_attendance_shows_how_it_is_counted():
    count = read_count(count_record(most=9))
    without_line = read_count({**count_record(camera_id="attic", most=9), "crossed": []})
    told = attendance([count, without_line])

    with console.capture() as printed:
        command._show_attendance(told, "live", as_json=False)

    by_line, by_tracks = printed.get().splitlines()[1:]
    assert by_line.split()[-5:] == ["person", "1", "line", "gate,", "in"]
    assert by_tracks.split()[-3:] == ["person", "9", "tracks"]


def test_counts_name_what_was_entered_left_and_crossed():
    with console.capture() as printed:
        command._show_counts([count_record()], ["now"], as_json=False)

    row = " ".join(printed.get().splitlines()[1].split())
    assert row == "now gate person 2 1.0 2 120 door 2 door 1 gate 1 in 0 out"
