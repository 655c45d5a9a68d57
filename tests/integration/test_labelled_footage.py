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


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Where what is found in the plaza is kept, so that the model looks at it once."""
    return tmp_path_factory.mktemp("found") / "plaza.jsonl"


@pytest.mark.parametrize("every", [1, 3])
def test_people_on_the_plaza_are_followed(run, kept, every):
    ended = run(
        *("tracks", "evaluate", SAMPLES / "plaza.mp4", "--truth", LABELS / "plaza.txt"),
        *("--detections", kept, "--every", every, "--json"),
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


@pytest.mark.parametrize("every", [1, 3])
def test_what_they_do_at_zones_and_lines_is_told(run, kept, every):
    ended = run(
        *("tracks", "events", SAMPLES / "plaza.mp4", "--truth", LABELS / "plaza-events.csv"),
        *("--cameras", SAMPLES / "cameras.yaml", "--camera", "plaza"),
        *("--detections", kept, "--every", every, "--json"),
    )

    assert ended.status == 0
    assert ended.records[0]["f1"] >= 0.9


def test_what_people_do_at_the_gate_is_told(run):
    ended = run(
        *("tracks", "events", SAMPLES / "gate.mp4", "--truth", LABELS / "gate-events.csv"),
        *("--cameras", SAMPLES / "cameras.yaml", "--camera", "gate"),
        *("--every", 3, "--json"),
    )

    assert ended.status == 0
    assert ended.records[0]["f1"] >= 0.9
