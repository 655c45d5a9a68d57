"""The quality that we promise on the clips that we labelled; docs/evaluation.md has the figures."""

import csv

import pytest

from producers.encode import Fit
from pycturestream.config.camera_file import read_camera_file
from pycturestream.config.settings import PROJECT_FOLDER, settings
from pycturestream.detector.model_options import ModelOptions
from pycturestream.detector.model_runner import ModelRunner
from pycturestream.detector.registry import load_model
from pycturestream.domain.counting.window_count import WindowCount
from pycturestream.domain.pipeline import chain
from pycturestream.domain.pipeline.chain import CameraState
from pycturestream.domain.pipeline.limits import PipelineLimits
from pycturestream.evaluation.clip import accepted, as_outcome, describe, detect_frames
from tests.builders import MINUTE, NOON
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
@pytest.mark.parametrize(
    ("camera", "least"),
    # On the plaza one person walks along a border.
    [("gate", 0.9), pytest.param("plaza", 0.85, marks=pytest.mark.slow)],
)
def test_zone_events_agree_with_the_annotated_ones(run, camera, least, every):
    ended = run(
        *("tracks", "events", SAMPLES / f"{camera}.mp4"),
        *("--truth", LABELS / f"{camera}-events.csv"),
        *("--cameras", SAMPLES / "cameras.yaml", "--camera", camera),
        *("--every", every, "--json"),
    )

    assert ended.status == 0
    assert ended.records[0]["f1"] >= least


@pytest.mark.parametrize(
    ("camera", "situations", "alerted"),
    [
        ("office", 9, 9),
        ("table", 0, 0),
        pytest.param("plaza", 9, 9, marks=pytest.mark.slow),
        pytest.param("gate", 1, 1, marks=pytest.mark.slow),
        # Cars from straight above, which the model does not know.
        pytest.param("car-park", 3, 0, marks=pytest.mark.slow),
    ],
)
def test_situations_are_alerted_once_and_nothing_else_is(run, camera, situations, alerted):
    ended = run(
        *("rules", "evaluate", SAMPLES / "alerts" / "cameras.yaml"),
        *("--truth", SAMPLES / "alerts" / "situations.csv", "--camera", camera, "--json"),
    )

    assert ended.status == 0
    *_, everything = ended.records
    assert (everything["situations"], everything["told"]) == (situations, alerted)
    assert (everything["repeated"], everything["false"]) == (0, 0)


@pytest.fixture(scope="module")
def detector():
    return ModelRunner.load(load_model(settings().model, settings().model_folder), ModelOptions(2))


def counted(detector, camera):
    """Return the counts of the one minute of a sample clip, by label."""
    path = SAMPLES / camera.source
    clip = describe(path)
    limits = PipelineLimits("replay", MINUTE, offline_after_ms=15_000, grace_ms=2_000)
    memory, alerted = CameraState(), []
    frames = range(0, clip.frames, 3)
    for found in detect_frames(path, detector, Fit.of(settings()), 16, frames):
        at = NOON + round(1000 * found.frame / clip.fps)
        detections = accepted(found, detector.description)
        seen = as_outcome(camera.camera_id, found.frame, at, clip.size, detections)
        memory, outputs = chain.step(memory, seen, camera, limits)
        alerted += outputs
    alerted += chain.finish(memory, camera, limits)[1]
    return {count.label: count for count in alerted if isinstance(count, WindowCount)}


@pytest.mark.parametrize(
    "clip",
    ["street", *(pytest.param(name, marks=pytest.mark.slow) for name in ("plaza", "gate"))],
)
def test_a_minute_of_people_is_counted_as_by_hand(detector, clip):
    cameras = {e.camera.camera_id: e.camera for e in read_camera_file(SAMPLES / "cameras.yaml")}
    with (LABELS / "first-minute.csv").open() as table:
        by_hand = next(
            row for row in csv.DictReader(table) if (row["clip"], row["label"]) == (clip, "person")
        )

    people = counted(detector, cameras[clip])["person"]

    assert abs(people.unique - int(by_hand["appearances"])) <= 2
    assert abs(people.maximum - int(by_hand["most_at_once"])) <= 1
