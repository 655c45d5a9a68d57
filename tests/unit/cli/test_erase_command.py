"""`erase` and `export` on the command line, with places that a test looks into."""

import json
from pathlib import Path

import pytest

from pycturestream.cli import erase as erase_command
from pycturestream.cli.composition import erasing as composition
from pycturestream.clock import SystemClock
from pycturestream.config.settings import Settings, settings
from pycturestream.domain.erasure import PlaceReport
from pycturestream.domain.times import rfc3339
from pycturestream.errors import ServiceError
from tests.builders import MINUTE, NOON
from tests.command_line import command_line
from tests.erasures import erasure

SPAN = ("--since", rfc3339(NOON), "--until", rfc3339(NOON + MINUTE))
LATER = NOON + 600 * MINUTE


class Place:
    name = "store"

    def __init__(self):
        self.records = 3
        self.away = False

    def count(self, _erasure):
        return PlaceReport(self.name, {"detections": self.records})

    def erase(self, _erasure):
        if self.away:
            raise ServiceError("it does not answer")
        erased, self.records = self.records, 0
        return PlaceReport(self.name, {"detections": erased}, {"alerts": 2}, LATER, "by parts")


@pytest.fixture
def place():
    return Place()


@pytest.fixture
def topic():
    """The erasures in the topic, by their keys."""
    return {}


@pytest.fixture
def run(monkeypatch, capsys, tmp_path, place, topic):
    """Run the command line in a system with the cameras `gate` and `garden`."""
    monkeypatch.setattr(composition, "now", lambda: LATER)
    monkeypatch.setattr(composition, "known_cameras", lambda _: {"gate": b"", "garden": b""})
    monkeypatch.setattr(composition, "known_erasures", lambda _: topic)
    monkeypatch.setattr(composition, "camera_ids", lambda _: {"old-yard"})
    monkeypatch.setattr(erase_command, "places", lambda _: [place])
    monkeypatch.setattr(erase_command, "known_erasures", lambda _: topic)
    monkeypatch.setattr(
        erase_command, "publish_erasure", lambda _, one: topic.update({one.key: one})
    )
    monkeypatch.setattr(
        erase_command, "end_erasures", lambda _, keys: [topic.pop(key) for key in keys]
    )
    monkeypatch.setattr(SystemClock, "sleep", lambda *_: None)
    monkeypatch.setattr(SystemClock, "now", lambda _: LATER)
    monkeypatch.setenv("PYCTURESTREAM_DATA_FOLDER", str(tmp_path))
    settings.cache_clear()
    yield command_line(monkeypatch, capsys)
    settings.cache_clear()


def test_it_erases_and_writes_a_receipt(run, place, topic, tmp_path):
    ended = run("erase", "--camera", "gate", *SPAN, "--reason", "request 7", "--yes")

    assert ended.status == 0, ended.errors
    assert place.records == 0
    (key,) = topic
    assert key == "gate:20261121T120000000Z:20261121T120100000Z"
    for expected in ("3 detections", "2 alerts", "by parts", "receipt: "):
        assert expected in ended.output
    (path,) = (tmp_path / "receipts").iterdir()
    receipt = json.loads(path.read_bytes())
    assert receipt["erasure"]["reason"] == "request 7"
    assert receipt["complete"] is True
    assert path.stat().st_mode & 0o077 == 0


def test_json_is_the_receipt(run, tmp_path):
    path = tmp_path / "mine.json"
    ended = run("erase", "--camera", "gate", "--all", "--yes", "--json", "--receipt", path)

    assert ended.records == [json.loads(path.read_bytes())]
    assert ended.records[0]["erasure"]["since"] == "2000-01-01T00:00:00.000Z"
    assert ended.records[0]["erasure"]["until"] == rfc3339(LATER)


def test_a_dry_run_counts_and_changes_nothing(run, place, topic, tmp_path):
    ended = run("erase", "--camera", "gate", *SPAN, "--dry-run")

    assert (ended.status, place.records, topic) == (0, 3, {})
    assert "3 detections" in ended.output
    assert not (tmp_path / "receipts").exists()
    (counted,) = run("erase", "--camera", "gate", *SPAN, "--dry-run", "--json").records
    assert counted["places"][0]["erased"] == {"detections": 3}


def test_where_nobody_can_be_asked_nothing_is_erased(run, place, topic):
    ended = run("erase", "--camera", "gate", *SPAN)

    assert (ended.status, place.records, topic) == (2, 3, {})
    assert "--yes" in ended.errors


@pytest.mark.parametrize(("answer", "status", "left"), [("y\n", 0, 0), ("\n", 130, 3)])
def test_it_asks_first(run, place, monkeypatch, answer, status, left):
    class Terminal:
        def isatty(self):
            return True

        def readline(self, *_):
            return answer

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("typer._click.termui.visible_prompt_func", lambda _="": answer.strip())
    ended = run("erase", "--camera", "gate", *SPAN)

    assert (ended.status, place.records) == (status, left)


def test_a_place_that_is_away_fails_the_command_and_says_to_run_it_again(run, place, topic):
    place.away = True
    ended = run("erase", "--camera", "gate", *SPAN, "--yes")

    assert ended.status == 1
    assert "it does not answer" in ended.output
    assert "run the same command again" in ended.errors
    assert len(topic) == 1


def test_run_again_it_finds_nothing_and_is_done(run, place, topic):
    for _ in range(2):
        assert run("erase", "--camera", "gate", *SPAN, "--yes").status == 0
    assert len(topic) == 1
    assert place.records == 0


def test_erasures_that_nothing_needs_any_more_are_ended(run, topic):
    needed_ms = 2 * settings().result_retention_ms
    old = erasure("garden", NOON - 10 * MINUTE, NOON, asked_at=LATER - needed_ms - 1)
    new = erasure("garden", NOON - 9 * MINUTE, NOON, asked_at=LATER - needed_ms)
    topic.update({old.key: old, new.key: new})

    run("erase", "--camera", "gate", *SPAN, "--yes")

    assert old.key not in topic
    assert new.key in topic


@pytest.mark.parametrize("command", [("erase", "--yes"), ("export", "--output", "x")])
@pytest.mark.parametrize(
    ("words", "status", "why"),
    [
        (("--camera", "gate"), 2, "--since and --until, or --all"),
        (("--camera", "gate", "--since", "1h"), 2, "give both"),
        (("--camera", "gate", "--all", "--since", "1h"), 2, "or --all"),
        (("--camera", "gate", "--since", "1h", "--until", "2h"), 2, "must be before"),
        (("--camera", "gate", *SPAN[:3], "2099-01-01T00:00:00Z"), 2, "future"),
        (("--camera", "../x", *SPAN), 2, "no camera can have"),
        (("--camera", "gaet", *SPAN), 1, "did you mean: gate"),
        (("--camera", "kitchen", *SPAN), 1, "known are: garden, gate, old-yard"),
        (tuple(SPAN), 2, "--camera"),
    ],
)
def test_wrong_use_is_one_line_and_changes_nothing(
    run, place, topic, tmp_path, monkeypatch, command, words, status, why
):
    monkeypatch.chdir(tmp_path)
    ended = run(*command, *words)

    assert ended.status == status
    assert why in ended.errors
    assert len(ended.errors.splitlines()) == 1
    assert (place.records, topic) == (3, {})
    assert not (tmp_path / "x").exists()


def test_a_camera_that_was_removed_is_known_by_its_archived_pictures(run, tmp_path):
    archived = Settings(data_folder=tmp_path).archive_place
    (Path(archived) / "attic" / "2026-11-21").mkdir(parents=True)
    assert run("erase", "--camera", "attic", *SPAN, "--yes").status == 0


@pytest.mark.parametrize("away", ["_stored_cameras", "_archived_cameras"])
def test_where_a_store_is_away_nobody_can_tell_what_is_no_camera(run, monkeypatch, away):
    def raising(_):
        raise ServiceError("it does not answer")

    monkeypatch.setattr(composition, away, raising)
    assert run("erase", "--camera", "kitchen", *SPAN, "--yes").status == 0


def test_a_camera_without_settings_is_known_by_its_records_and_by_its_erasures(run, topic):
    assert run("erase", "--camera", "old-yard", *SPAN, "--yes").status == 0
    one = erasure("gone", NOON, NOON + MINUTE, asked_at=LATER)
    topic[one.key] = one
    assert run("erase", "--camera", "gone", *SPAN, "--yes").status == 0


def test_a_receipt_that_can_not_be_written_is_found_out_before(run, place, topic, tmp_path):
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "receipt.json"
    ended = run("erase", "--camera", "gate", *SPAN, "--yes", "--receipt", path)

    assert ended.status == 1
    assert "receipt" in ended.errors
    assert (place.records, topic) == (3, {})


def test_an_interrupted_one_says_that_it_holds(run, place, monkeypatch, topic):
    def interrupt(_erasure):
        raise KeyboardInterrupt

    monkeypatch.setattr(place, "erase", interrupt)
    ended = run("erase", "--camera", "gate", *SPAN, "--yes")

    assert ended.status == 130
    assert "run the same command again" in ended.errors
    assert len(topic) == 1
