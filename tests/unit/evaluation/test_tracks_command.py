import sys

import pytest

from pycturestream import evaluation
from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.domain.detection import Detection
from pycturestream.domain.geometry import BoundingBox
from pycturestream.evaluation.clip import RawDetections
from pycturestream.evaluation.detections_cache import write_cache
from tests.command_line import command_line

CLIP = PROJECT_FOLDER / "samples" / "plaza.mp4"
FRAMES = 12


@pytest.fixture
def run(monkeypatch, capsys):
    return command_line(monkeypatch, capsys)


@pytest.fixture
def truth(tmp_path):
    """One person who stands at 192, 144 of 768x576, 96x288 pixels large."""
    path = tmp_path / "gt.txt"
    path.write_text("".join(f"{frame},1,192,144,96,288,1\n" for frame in range(1, FRAMES + 1)))
    return path


@pytest.fixture
def found(tmp_path):
    """What a model finds there: that person, and a second one whom it is not sure of."""
    path = tmp_path / "found.jsonl"
    sure = Detection("person", 0.8, BoundingBox(0.25, 0.25, 0.375, 0.75))
    unsure = Detection("person", 0.3, BoundingBox(0.75, 0.25, 0.875, 0.75))
    write_cache(path, [RawDetections(frame, (sure, unsure)) for frame in range(FRAMES)])
    return path


def test_evaluate_scores_both_trackers_on_the_same_detections(run, truth, found):
    ended = run("tracks", "evaluate", CLIP, "--truth", truth, "--detections", found, "--json")

    assert ended.status == 0
    own, other = ended.records
    assert (own["tracker"], other["tracker"]) == ("pycturestream", "ByteTrack")
    for record in ended.records:
        assert (record["people"], record["identities"], record["switches"]) == (1, 1, 0)
        assert (record["precision"], record["frames"]) == (1, FRAMES)
    # The third sighting confirms a track: two of twelve frames are missed.
    assert own["mota"] == pytest.approx(10 / 12)


def test_evaluate_is_a_table_for_people(run, truth, found):
    ended = run("tracks", "evaluate", CLIP, "--truth", truth, "--detections", found)

    assert ended.status == 0
    assert "pycturestream" in ended.output
    assert "ByteTrack" in ended.output
    assert "MOTA" in ended.output


def test_every_third_frame_is_a_third_of_them(run, truth, found):
    options = ("--detections", found, "--every", 3, "--json")

    ended = run("tracks", "evaluate", CLIP, "--truth", truth, *options)

    assert [record["frames"] for record in ended.records] == [4, 4]


def test_a_lower_score_lets_more_be_believed(run, truth, found):
    options = ("--detections", found, "--min-score", 0.25, "--json")

    ended = run("tracks", "evaluate", CLIP, "--truth", truth, *options)

    assert ended.records[0]["identities"] == 2


@pytest.fixture
def events(tmp_path):
    """Somebody crosses the plaza's line to the right in the fifth frame."""
    path = tmp_path / "events.csv"
    path.write_text("frame,event,place,direction,person,counts\n5,crossed,west,in,1,1\n")
    return path


@pytest.fixture
def walk(tmp_path):
    """What a model finds of that; the line is at .3, and the clip has 395 frames."""
    path = tmp_path / "walk.jsonl"
    boxes = [BoundingBox(0.2 + 0.02 * f, 0.2, 0.25 + 0.02 * f, 0.42) for f in range(FRAMES)]
    write_cache(
        path, [RawDetections(f, (Detection("person", 0.8, box),)) for f, box in enumerate(boxes)]
    )
    return path


PLACES = ("--cameras", PROJECT_FOLDER / "samples" / "cameras.yaml", "--camera", "plaza")


def test_events_are_scored(run, events, walk):
    options = ("--truth", events, "--detections", walk, *PLACES)

    ended = run("tracks", "events", CLIP, *options, "--json")

    assert ended.status == 0
    assert ended.records == [{"f1": 1, "right": 1, "missed": 0, "false": 0}]
    assert "1.000" in run("tracks", "events", CLIP, *options).output


def test_events_of_another_camera_are_rejected(run, events, walk):
    places = (*PLACES[:3], "gate")

    ended = run("tracks", "events", CLIP, "--truth", events, "--detections", walk, *places)

    assert ended.status == 1
    assert "the line west, which the camera gate does not have: it has road" in ended.errors


def test_detections_of_a_shorter_clip_do_not_belong_to_the_events(run, events, tmp_path):
    short = tmp_path / "short.jsonl"
    write_cache(short, [RawDetections(0, ())])

    ended = run("tracks", "events", CLIP, "--truth", events, "--detections", short, *PLACES)

    assert ended.status == 1
    assert "do they belong together?" in ended.errors


def test_an_unknown_camera_is_wrong_use(run, events, walk):
    places = (*PLACES[:3], "attic")

    ended = run("tracks", "events", CLIP, "--truth", events, "--detections", walk, *places)

    assert ended.status == 2
    assert "attic" in ended.errors


def test_a_mistake_in_the_events_is_one_line(run, events, walk):
    events.write_text("frame\n")

    ended = run("tracks", "events", CLIP, "--truth", events, "--detections", walk, *PLACES)

    assert ended.status == 1
    assert "events.csv:1: expected the columns" in ended.errors


def test_a_mistake_in_the_truth_is_one_line(run, truth, found):
    truth.write_text("1,1,192,144,96\n")

    ended = run("tracks", "evaluate", CLIP, "--truth", truth, "--detections", found)

    assert ended.status == 1
    assert ended.errors.count("\n") == 1
    assert "gt.txt:1: 5 fields" in ended.errors


def test_truth_of_a_longer_clip_is_rejected(run, truth, found):
    truth.write_text(f"{FRAMES + 1},1,192,144,96,288,1\n")

    ended = run("tracks", "evaluate", CLIP, "--truth", truth, "--detections", found)

    assert ended.status == 1
    assert f"frame {FRAMES + 1}" in ended.errors
    assert "do they belong together?" in ended.errors


def test_a_clip_that_is_no_video_is_rejected(run, truth, found):
    ended = run("tracks", "evaluate", truth, "--truth", truth, "--detections", found)

    assert ended.status == 1
    assert ended.errors.startswith("error: ")
    assert ended.errors.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--label", "unicorn"), "unicorn"),
        (("--every", "0"), "--every"),
        (("--min-score", "2"), "--min-score"),
    ],
)
def test_wrong_use_has_status_two(run, truth, found, options, said):
    ended = run("tracks", "evaluate", CLIP, "--truth", truth, "--detections", found, *options)

    assert ended.status == 2
    assert said in ended.errors


def test_a_missing_file_is_wrong_use(run, tmp_path):
    ended = run("tracks", "evaluate", CLIP, "--truth", tmp_path / "none.txt")

    assert ended.status == 2
    assert "none.txt" in ended.errors


def test_an_unknown_model_is_one_line(run, truth, found):
    options = ("--detections", found, "--model", "none")

    ended = run("tracks", "evaluate", CLIP, "--truth", truth, *options)

    assert ended.status == 1
    assert "there is no model 'none'" in ended.errors


def test_without_the_development_tools_the_error_names_how_to_install_them(
    run, truth, found, monkeypatch
):
    monkeypatch.setitem(sys.modules, "motmetrics", None)
    for name in ("comparison", "scoring"):
        monkeypatch.delitem(sys.modules, f"pycturestream.evaluation.{name}", raising=False)
        monkeypatch.delattr(evaluation, name, raising=False)

    ended = run("tracks", "evaluate", CLIP, "--truth", truth, "--detections", found)

    assert ended.status == 1
    assert "motmetrics is missing" in ended.errors
    assert "make .venv/development" in ended.errors
