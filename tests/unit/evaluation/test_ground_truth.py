import pytest

from pycturestream.domain.frames.jpeg import Size
from pycturestream.domain.geometry import BoundingBox
from pycturestream.evaluation.ground_truth import (
    GroundTruthError,
    TruthBox,
    read_truth,
    span,
)

SIZE = Size(200, 100)


@pytest.fixture
def truth_file(tmp_path):
    def write(text):
        path = tmp_path / "gt.txt"
        path.write_text(text)
        return path

    return write


def test_boxes_become_shares_of_the_picture_and_frames_begin_at_zero(truth_file):
    path = truth_file("3,7,20,10,40,50,1,-1,-1,-1\n")

    truth = read_truth(path, SIZE)

    assert truth == {2: (TruthBox(7, BoundingBox(0.1, 0.1, 0.3, 0.6), counts=True),)}


def test_a_box_may_reach_beyond_the_picture(truth_file):
    [[box]] = read_truth(truth_file("1,7,-20,90,40,50,1\n"), SIZE).values()

    assert box.box == BoundingBox(-0.1, 0.9, 0.1, 1.4)


def test_flag_zero_is_a_box_that_does_not_count(truth_file):
    truth = read_truth(truth_file("1,7,0,0,9,9,0,1,0.5\n1,8,0,0,9,9,1,1,0.5\n"), SIZE)

    assert [box.counts for box in truth[0]] == [False, True]


def test_empty_lines_are_passed_over(truth_file):
    assert set(read_truth(truth_file("\n1,7,0,0,9,9,1\n\n2,7,0,0,9,9,1\n"), SIZE)) == {0, 1}


def test_frames_without_a_box_lie_in_the_span(truth_file):
    truth = read_truth(truth_file("9,7,0,0,9,9,1\n3,7,0,0,9,9,1\n"), SIZE)

    assert list(span(truth)) == [2, 3, 4, 5, 6, 7, 8]
    assert list(span(truth, 3)) == [2, 5, 8]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1,7,0,0,9,9", "6 fields, expected 7 to 10"),
        ("1,7,0,0,9,9,1,-1,-1,-1,5", "11 fields, expected 7 to 10"),
        ("1,7,0,zero,9,9,1", "'zero' is no number"),
        ("1,7,0,nan,9,9,1", "'nan' is no number"),
        ("1,7,0,inf,9,9,1", "'inf' is no number"),
        ("1,7.5,0,0,9,9,1", "'7.5' is no whole number"),
        ("0,7,0,0,9,9,1", "the first one is 1"),
        ("1,7,0,0,9,0,1", "a box of 9x0 pixels"),
        ("2,6,0,0,9,9,1", "person 6 is in frame 2 twice"),
    ],
)
def test_a_mistake_is_reported_with_its_line(truth_file, line, message):
    path = truth_file(f"2,6,0,0,9,9,1\n{line}\n")

    with pytest.raises(GroundTruthError, match=f"gt.txt:2: .*{message}"):
        read_truth(path, SIZE)


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_a_file_without_a_box_is_a_mistake(truth_file, text):
    with pytest.raises(GroundTruthError, match="holds no box"):
        read_truth(truth_file(text), SIZE)


def test_a_file_that_is_no_text_is_a_mistake(tmp_path):
    path = tmp_path / "gt.txt"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(GroundTruthError, match="can't be read"):
        read_truth(path, SIZE)


def test_frames_come_in_order_and_boxes_may_reach_out_of_the_picture(truth_file):
    lines = ("5,1,20.0,20.0,40.0,40.0,1,-1,-1,-1", "3,2,-20.0,50.0,60.0,60.0,0,-1,-1,-1")

    truth = read_truth(truth_file("\n".join(lines)), SIZE)

    assert list(truth) == [2, 4]
    expected = {
        4: TruthBox(1, BoundingBox(0.1, 0.2, 0.3, 0.6), counts=True),
        2: TruthBox(2, BoundingBox(-0.1, 0.5, 0.2, 1.1), counts=False),
    }
    for frame, [box] in truth.items():
        annotated = expected[frame]
        assert (box.person, box.counts) == (annotated.person, annotated.counts)
        assert box.box.iou(annotated.box) > 0.99
