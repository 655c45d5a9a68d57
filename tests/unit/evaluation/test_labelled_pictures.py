import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

from producers.encode import Fit
from pycturestream.config.settings import PROJECT_FOLDER, settings
from pycturestream.domain.geometry import BoundingBox
from pycturestream.errors import UsageError
from pycturestream.evaluation.ground_truth import GroundTruthError
from pycturestream.evaluation.labelled_pictures import LabelledBox, read_set
from tests.jpegs import segment

CLIP = PROJECT_FOLDER / "samples" / "plaza.mp4"


def coco(**changes):
    """A COCO file: a dog in the left half of a picture of 200x100, and a picture of nothing."""
    return {
        "images": [
            {"id": 1, "file_name": "dog.jpg", "width": 200, "height": 100},
            {"id": 2, "file_name": "nothing.png", "width": 60, "height": 80},
        ],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 18, "bbox": [20, 10, 80, 50]}],
        "categories": [{"id": 18, "name": "dog"}],
        "info": {"year": 2026},
        **changes,
    }


def annotation(**changes):
    return [{"image_id": 1, "category_id": 18, "bbox": [20, 10, 80, 50], **changes}]


def picture(path, width, height):
    cv2.imwrite(str(path), np.full((height, width, 3), 90, np.uint8))


@pytest.fixture
def folder(tmp_path):
    picture(tmp_path / "dog.jpg", 200, 100)
    picture(tmp_path / "nothing.png", 60, 80)
    (tmp_path / "labels.json").write_text(json.dumps(coco()))
    return tmp_path


def jpegs(labelled):
    return list(labelled.jpegs(Fit.of(settings())))


def test_a_folder_is_its_pictures_and_what_people_see_in_them(folder):
    labelled = read_set(folder, None, None, 1)

    dog, nothing = labelled.pictures
    assert dog.boxes == (LabelledBox("dog", BoundingBox(0.1, 0.1, 0.5, 0.6)),)
    assert (nothing.name, nothing.boxes) == ("nothing.png", ())
    assert [jpeg[:2] for _, jpeg in jpegs(labelled)] == [b"\xff\xd8"] * 2


def test_a_jpeg_stays_as_it_is(folder):
    [_, jpeg], _ = jpegs(read_set(folder, None, None, 1))

    assert jpeg == (folder / "dog.jpg").read_bytes()


def test_a_crowd_does_not_count(folder):
    crowd = coco(annotations=annotation() + annotation(iscrowd=1))
    (folder / "labels.json").write_text(json.dumps(crowd))

    boxes = read_set(folder, None, None, 1).pictures[0].boxes

    assert [box.counts for box in boxes] == [True, False]


def test_one_label_and_each_second_picture_can_be_chosen(folder):
    cat = {"image_id": 1, "category_id": 17, "bbox": [0, 0, 9, 9]}
    categories = [{"id": 17, "name": "cat"}, {"id": 18, "name": "dog"}]
    both = coco(annotations=[*annotation(), cat], categories=categories)
    (folder / "labels.json").write_text(json.dumps(both))

    [only] = read_set(folder, None, "cat", 2).pictures

    assert (only.name, [box.label for box in only.boxes]) == ("dog.jpg", ["cat"])


def test_the_file_of_labels_may_have_any_name_if_there_is_one(folder):
    (folder / "labels.json").rename(folder / "_annotations.coco.json")

    assert len(read_set(folder, None, None, 1).pictures) == 2


def test_a_folder_with_no_or_several_files_of_labels_asks_which(folder):
    (folder / "labels.json").rename(folder / "one.json")
    (folder / "two.json").write_text("{}")

    with pytest.raises(UsageError, match=r"found one\.json, two\.json: name it with --truth"):
        read_set(folder, None, None, 1)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "is no COCO file: Input data was truncated"),
        ("[]", "is no COCO file: Expected `object`"),
        (b"\xff\xfe", "is no COCO file"),
        ("{}", "missing required field `images`"),
        (coco(images=[]), r"annotations\[0\]: image_id 1: is not in the file"),
        (coco(categories=[]), r"annotations\[0\]: category_id 18: is not in the file"),
        (coco(categories=coco()["categories"] * 2), "category id 18: is there 2 times"),
        (coco(images=coco()["images"] * 2), "image id 1: is there 2 times"),
        (coco(annotations=annotation(bbox=[1, 2, 3])), "is no COCO file: .*length 4"),
        (
            coco(annotations=annotation(bbox=[1, 2, 0, 4])),
            r"annotations\[0\]: bbox .*expected left",
        ),
        (coco(annotations=annotation(bbox=[200, 0, 5, 5])), "is outside 200x100 pixels"),
        (coco(annotations=[]), "nothing is labelled"),
        (coco(annotations=annotation(iscrowd=1)), "nothing is labelled"),
        (
            coco(images=[{"id": 1, "file_name": "../dog.jpg", "width": 200, "height": 100}]),
            r"\.\./dog\.jpg: is outside the folder",
        ),
        (
            coco(
                images=[{"id": 1, "file_name": "dog.jpg", "width": 0, "height": 100}],
                annotations=[],
            ),
            r"dog\.jpg: 0x100 pixels",
        ),
    ],
)
def test_a_file_that_can_t_be_used_says_where_and_why_in_one_line(folder, text, reason):
    path = folder / "labels.json"
    path.write_bytes(text if isinstance(text, bytes) else _text(text).encode())

    with pytest.raises(GroundTruthError, match=reason) as caught:
        read_set(folder, None, None, 1)

    assert "\n" not in str(caught.value)


def _text(content):
    return content if isinstance(content, str) else json.dumps(content)


def test_a_missing_label_is_named(folder):
    with pytest.raises(GroundTruthError, match="no zebra is labelled"):
        read_set(folder, None, "zebra", 1)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: path.unlink(), r"dog\.jpg: can't be read: No such file"),
        (lambda path: path.write_bytes(b"no picture"), r"dog\.jpg: is not a picture"),
        (lambda path: path.write_bytes(path.read_bytes()[:-2]), r"dog\.jpg: .* is damaged"),
        (lambda path: path.write_bytes(b""), r"dog\.jpg: is not a picture"),
        (lambda path: picture(path, 100, 200), r"has 100x200 pixels, its labels are for 200x100"),
    ],
)
def test_a_picture_that_can_t_be_used_is_named(folder, spoil, reason):
    spoil(folder / "dog.jpg")

    with pytest.raises(GroundTruthError, match=reason):
        jpegs(read_set(folder, None, None, 1))


def test_a_picture_with_too_many_pixels_is_named(folder):
    fit = replace(Fit.of(settings()), pixel_limit=19_999)

    with pytest.raises(
        GroundTruthError, match=r"dog\.jpg: no camera could send it: 200x100, allow"
    ):
        list(read_set(folder, None, None, 1).jpegs(fit))


def test_labels_are_for_the_upright_picture(folder):
    # Turned a quarter by its EXIF orientation: 100 wide, 200 high.
    jpeg = (folder / "dog.jpg").read_bytes()
    orientation = bytes.fromhex("4949 2a00 0800 0000 0100 1201 0300 0100 0000 0600 0000 0000 0000")
    exif = segment(0xE1, b"Exif\0\0" + orientation)
    (folder / "dog.jpg").write_bytes(jpeg[:2] + exif + jpeg[2:])
    upright = {"id": 1, "file_name": "dog.jpg", "width": 100, "height": 200}
    labels = coco(images=[upright], annotations=annotation(bbox=[10, 20, 50, 80]))
    (folder / "labels.json").write_text(json.dumps(labels))

    [(picture, sent)] = jpegs(read_set(folder, None, None, 1))

    assert picture.boxes[0].box == BoundingBox(0.1, 0.1, 0.6, 0.5)
    assert sent == (folder / "dog.jpg").read_bytes()


def test_a_clip_is_its_labelled_frames(tmp_path):
    truth = tmp_path / "gt.txt"
    truth.write_text("3,1,192,144,96,288,1\n5,1,192,144,96,288,0\n")

    labelled = read_set(CLIP, truth, None, 2)

    assert [each.name for each in labelled.pictures] == ["frame 3", "frame 5"]
    boxes = [box for each in labelled.pictures for box in each.boxes]
    assert [(box.label, box.counts) for box in boxes] == [("person", True), ("person", False)]
    assert boxes[0].box == BoundingBox(0.25, 0.25, 0.375, 0.75)
    assert len(jpegs(labelled)) == 2


def test_a_clip_needs_a_file_of_labels():
    with pytest.raises(UsageError, match="--truth is missing"):
        read_set(CLIP, None, None, 1)


def test_labels_beyond_the_end_of_a_clip_are_an_error(tmp_path):
    truth = tmp_path / "gt.txt"
    truth.write_text("395,1,192,144,96,288,1\n396,1,192,144,96,288,1\n")

    with pytest.raises(GroundTruthError, match="has no frame 396"):
        jpegs(read_set(CLIP, truth, None, 1))
