"""`pycturestream rules evaluate`, on given detections."""

import pytest

from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.detector.registry import load_model
from pycturestream.domain.detection import Detection
from pycturestream.domain.geometry import BoundingBox
from pycturestream.evaluation.clip import RawDetections
from pycturestream.evaluation.detections_cache import write_cache
from tests.command_line import command_line

CLIP = PROJECT_FOLDER / "samples" / "plaza.mp4"
"""395 frames at 7 a second."""
PERSON = Detection("person", 0.8, BoundingBox(0.4, 0.2, 0.5, 0.6))


@pytest.fixture
def run(monkeypatch, capsys):
    return command_line(monkeypatch, capsys)


@pytest.fixture
def cameras(tmp_path):
    path = tmp_path / "cameras.yaml"
    path.write_text(
        f"cameras:\n  - {{camera_id: plaza, source: {CLIP}, fps: 3.5, warm_up_s: 60, rules: ["
        "{name: person, labels: [person]}, {name: dog, labels: [dog]}, "
        "{name: away, about: offline}]}\n"
    )
    return path


@pytest.fixture
def truth(tmp_path):
    """Somebody is there from frame 71 to 140, at 10 to 20 s, and once more at 40 s."""
    path = tmp_path / "situations.csv"
    path.write_text(
        "camera,rule,first,last,counts,what\n"
        "plaza,person,71,140,1,first\nplaza,person,281,300,1,second\n"
    )
    return path


@pytest.fixture
def detections(tmp_path):
    """A model detects the first of them, and a person who is not there."""
    there = {*range(70, 140), *range(210, 230)}
    folder = tmp_path / "found"
    folder.mkdir()
    write_cache(
        folder / f"plaza-nanodet-{load_model('nanodet').version}.jsonl",
        [RawDetections(frame, (PERSON,) if frame in there else ()) for frame in range(395)],
    )
    return folder


def test_situations_and_false_alerts_are_counted(run, cameras, truth, detections):
    ended = run(
        "rules", "evaluate", cameras, "--truth", truth, "--detections", detections, "--json"
    )

    assert ended.status == 0
    person, dog, everything = ended.records
    assert (person["camera_id"], person["rule"], dog["rule"]) == ("plaza", "person", "dog")
    assert (person["situations"], person["told"], person["repeated"]) == (2, 1, 0)
    assert (person["false"], dog["false"]) == (1, 0)
    # Each second picture is taken; the third one with a person in it raises the alert.
    assert person["delays_ms"] == [571]
    assert everything["kind"] == "all"
    assert everything["told_share"] == 0.5
    assert everything["p50_s"] == everything["p95_s"] == 0.57
    assert everything["camera_hours"] == pytest.approx(395 / 7 / 3600, abs=1e-4)
    assert everything["false_per_camera_hour"] == pytest.approx(3600 * 7 / 395, abs=0.1)


def test_the_output_for_people_is_a_table_and_three_sentences(run, cameras, truth, detections):
    ended = run("rules", "evaluate", cameras, "--truth", truth, "--detections", detections)

    assert ended.status == 0
    assert "1 of 2 situations alerted (50%), 0 more than once" in ended.output
    assert "p50 0.6 s, p95 0.6 s" in ended.output
    assert "false alerts: 1 in 0.9 minutes" in ended.output


def test_clips_are_sampled_at_the_wanted_rate(run, cameras, truth, detections):
    options = ("--truth", truth, "--detections", detections, "--fps", 7, "--json")

    ended = run("rules", "evaluate", cameras, *options)

    # The third frame of all is two after the first.
    assert ended.records[0]["delays_ms"] == [286]


def test_other_thresholds_can_be_tried(run, cameras, truth, detections):
    options = ("--truth", truth, "--detections", detections, "--min-score", 0.9, "--json")

    ended = run("rules", "evaluate", cameras, *options)

    assert (ended.records[-1]["told"], ended.records[-1]["false"]) == (0, 0)
    assert ended.records[-1]["p50_s"] is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "hall,person,1,2,1,",
            "the camera hall, which the camera file does not have: it has plaza",
        ),
        ("plaza,cat,1,2,1,", "the rule cat, which the camera plaza does not have: it has person"),
        ("plaza,away,1,2,1,", "the rule away, which the camera plaza does not have"),
        ("plaza,person,1,396,1,", "a situation reaches frame 396, and"),
        ("plaza,person,1,x,1,", "situations.csv:4: frame 'x'"),
    ],
)
def test_a_truth_that_does_not_match_the_cameras_is_rejected(
    run, cameras, truth, detections, line, said
):
    truth.write_text(truth.read_text() + line + "\n")

    ended = run("rules", "evaluate", cameras, "--truth", truth, "--detections", detections)

    assert ended.status == 1
    assert said in ended.errors


def test_a_camera_that_is_not_there_is_a_mistake_of_the_user(run, cameras, truth):
    ended = run("rules", "evaluate", cameras, "--truth", truth, "--camera", "hall")

    assert ended.status == 2
    assert "--camera hall" in ended.errors


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("none.mp4", "none.mp4"),
        ("rtsp://user:secret@127.0.0.1/a", "the source of camera plaza is not a clip"),
        ('"0"', "the source of camera plaza is not a clip"),
    ],
)
def test_a_source_that_is_no_clip_is_rejected(run, cameras, truth, source, said):
    cameras.write_text(cameras.read_text().replace(str(CLIP), source))

    ended = run("rules", "evaluate", cameras, "--truth", truth)

    assert ended.status == 1
    assert said in ended.errors
    assert "secret" not in ended.errors


def test_a_folder_that_can_not_be_made_is_one_line(run, cameras, truth):
    ended = run("rules", "evaluate", cameras, "--truth", truth, "--detections", truth / "below")

    assert ended.status == 1
    assert ended.errors.startswith(f"error: {truth / 'below'}: ")
