"""The quality that we promise on the clips that we labelled; docs/evaluation.md has the figures."""

import pytest

from pycturestream.settings import PROJECT_FOLDER
from tests.command_line import command_line

pytestmark = pytest.mark.integration

SAMPLES = PROJECT_FOLDER / "samples"
LABELS = SAMPLES / "labels"


@pytest.fixture
def run(monkeypatch, capsys):
    return command_line(monkeypatch, capsys)


EVERY = pytest.mark.parametrize("every", [3, pytest.param(1, marks=pytest.mark.slow)])


@EVERY
def test_people_on_the_plaza_are_followed(run, every):
    ended = run(
        *("tracks", "evaluate", SAMPLES / "plaza.mp4", "--truth", LABELS / "plaza.txt"),
        *("--every", every, "--json"),
    )

    assert ended.status == 0
    own, byte_track = ended.records
    assert own["mota"] > 0.83
    assert own["idf1"] > 0.88
    assert own["precision"] > 0.95
    assert own["people"] == 9
    if every == 3:
        assert own["idf1"] > byte_track["idf1"]
        assert own["switches"] <= byte_track["switches"]


@EVERY
@pytest.mark.parametrize("camera", ["gate", pytest.param("plaza", marks=pytest.mark.slow)])
def test_what_they_do_at_zones_and_lines_is_told(run, camera, every):
    ended = run(
        *("tracks", "events", SAMPLES / f"{camera}.mp4"),
        *("--truth", LABELS / f"{camera}-events.csv"),
        *("--cameras", SAMPLES / "cameras.yaml", "--camera", camera),
        *("--every", every, "--json"),
    )

    assert ended.status == 0
    assert ended.records[0]["f1"] >= 0.9
