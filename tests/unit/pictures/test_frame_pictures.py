"""What leaves of the picture of a detections record: never more than may."""

import numpy as np
import pytest

from pycturestream.blur.faces import FaceModelError
from pycturestream.config.settings import Settings
from pycturestream.contracts.detections import read_detections_record
from pycturestream.contracts.topics import FRAMES, FRAMES_REPLAY
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.missing import Missing
from pycturestream.pictures import blurring
from pycturestream.pictures.frame_pictures import FramePictures, fetch_pictures
from pycturestream.pictures.originals import OriginalsNotAllowedError
from tests import jpegs
from tests.builders import MINUTE, NOON, detection_record
from tests.erasures import FakeErasures, erasure

SETTINGS = Settings()
FACE = slice(66, 177), slice(178, 269)
"""Rows and columns of the face in astronaut.jpg."""
WEAK = {"label": "person", "score": 0.1, "box": [0.6, 0.5, 0.8, 1.0]}
"""A weak detection of a person where none is."""


def fetched(records, **options):
    return [picture for _, picture in fetch_pictures(SETTINGS, records, **options)]


def is_grey(pixels):
    return np.abs(pixels.astype(int) - 128).max() < 16


def test_faces_and_the_heads_of_people_are_covered_and_nothing_else(log, astronaut):
    record = log.publish(detection_record(), astronaut)
    record["objects"] = []
    record["candidates"] = [WEAK]

    [picture] = fetched([record])

    pixels, before = jpegs.pixels_of(picture), jpegs.pixels_of(astronaut)
    assert is_grey(pixels[FACE])
    assert is_grey(pixels[260:335, 310:405])
    rest = pixels[460:], before[460:]
    assert np.abs(rest[0].astype(int) - rest[1]).mean() < 5


def test_a_picture_leaves_as_a_fresh_jpeg(log, astronaut):
    sent = astronaut[:2] + jpegs.EXIF + astronaut[2:] + b"behind the end"
    record = log.publish(detection_record(), sent)
    log.apply(Camera("gate", originals=True, revision=1))

    for options in ({}, {"original": True}):
        [picture] = fetched([record], **options)
        assert picture.startswith(jpegs.START)
        assert picture.endswith(jpegs.END)
        assert b"GPS" not in picture
        assert b"behind" not in picture


def test_an_original_leaves_where_the_camera_allows_it(log, astronaut):
    record = log.publish(detection_record(labels=[]), astronaut)
    log.apply(Camera("gate", originals=True, revision=1))

    [picture] = fetched([record], original=True)

    difference = jpegs.pixels_of(picture).astype(int) - jpegs.pixels_of(astronaut)
    assert np.abs(difference).mean() < 5


@pytest.mark.parametrize(
    "settings",
    [
        [],
        [Camera("gate", revision=1)],
        [Camera("gate", originals=True, revision=1), Camera("gate", revision=2)],
        [Camera("door", originals=True, revision=1)],
    ],
    ids=["no settings", "default", "taken back", "another camera"],
)
def test_no_original_leaves_unless_the_camera_allows_it(log, settings):
    log.apply(*settings)
    record = log.publish(detection_record(labels=[]), jpegs.photo())

    with pytest.raises(OriginalsNotAllowedError, match=r"originals of gate: .*originals: true"):
        fetched([record], original=True)


def test_one_camera_that_does_not_allow_it_keeps_the_originals_of_all(log):
    log.apply(Camera("gate", originals=True, revision=1), Camera("door", revision=1))
    records = [
        log.publish(detection_record(camera_id=name, labels=[]), jpegs.photo())
        for name in ("gate", "door")
    ]

    pictures = fetch_pictures(SETTINGS, records, original=True)

    with pytest.raises(OriginalsNotAllowedError, match="originals of door:"):
        next(pictures)


def test_settings_that_can_not_be_read_allow_nothing(log):
    log.append("cameras", b"gate", b'{"camera_id": "gate", "originals": true, "fps": -1}')
    record = log.publish(detection_record(labels=[]), jpegs.photo())

    with pytest.raises(OriginalsNotAllowedError):
        fetched([record], original=True)


def test_nothing_leaves_if_nothing_can_be_blurred(log, monkeypatch):
    def broken():
        raise FaceModelError("models/centerface/float16.tflite is damaged")

    monkeypatch.setattr(blurring, "_face_finder", broken)
    record = log.publish(detection_record(labels=[]), jpegs.photo())

    with pytest.raises(FaceModelError, match="damaged"):
        fetched([record])


def test_it_is_said_why_a_picture_is_missing(log):
    records = [
        log.publish(detection_record(captured_at=NOON + number, labels=[]), jpegs.photo())
        for number in range(3)
    ]
    damaged = log.publish(detection_record(captured_at=NOON + 3), b"no picture")
    someone_elses = detection_record(camera_id="door", captured_at=NOON + 2, offset=2)
    unreadable = {**records[2], "camera_id": "../gate"}
    foreign = log.publish(detection_record(captured_at=NOON + 9), jpegs.photo(), "frames.other")
    by_reference = log.publish(detection_record(captured_at=NOON + 5), b"")
    by_reference["picture"]["reference"] = "gate/no.jpg"
    no_partition = detection_record()
    no_partition["picture"]["partition"] = 77
    log.forget(FRAMES, 1)

    asked = [
        *(records[0], records[1], damaged, someone_elses, unreadable, foreign, by_reference),
        no_partition,
    ]
    outcomes = {id(record): picture for record, picture in fetch_pictures(SETTINGS, asked)}

    assert isinstance(outcomes.pop(id(records[1])), bytes)
    assert [outcomes.get(id(record)) for record in asked if record is not records[1]] == [
        Missing.EXPIRED,
        Missing.NOT_DECODED,
        Missing.REPLACED,
        Missing.BAD_RECORD,
        Missing.NOT_A_FRAME,
        Missing.NO_REFERENCE,
        Missing.EXPIRED,
    ]
    assert log.connections == 0


def test_pictures_of_history_are_found_too(log):
    record = log.publish(detection_record(run="night", labels=[]), jpegs.photo(), FRAMES_REPLAY)

    [picture] = fetched([record])

    assert jpegs.pixels_of(picture).shape == (96, 128, 3)


def test_each_of_two_records_of_a_picture_is_blurred_by_its_own_people(log):
    record = log.publish(detection_record(labels=[]), jpegs.encoded(100, 100, shade=250))
    other = {**record, "id": "another", "objects": [], "candidates": [WEAK]}

    first, second = fetched([record, other])

    assert jpegs.pixels_of(first).min() > 240
    assert is_grey(jpegs.pixels_of(second)[52:64, 62:78])


def test_an_erased_picture_does_not_leave_though_the_log_still_holds_it(log, astronaut):
    found = [log.publish(detection_record(captured_at=NOON + at), astronaut) for at in (0, MINUTE)]
    log.apply(Camera("gate", originals=True, revision=1))
    log.erase(erasure("gate", NOON, NOON + MINUTE))

    for options in ({}, {"original": True}):
        erased, left = fetched(found, **options)
        assert erased is Missing.ERASED
        assert left.startswith(jpegs.START)


def test_who_works_on_for_long_learns_of_erasures_as_they_come(log, astronaut):
    record = read_detections_record(log.publish(detection_record(), astronaut))
    source = FakeErasures()
    pictures = FramePictures(SETTINGS, lambda: source.known)

    [(_, before)] = pictures.fetch([record])
    source.erase(erasure("gate", NOON, NOON + MINUTE))
    [(_, after)] = pictures.fetch([record])

    assert before.record is record
    assert after is Missing.ERASED
    pictures.close()


def test_what_is_erased_while_others_are_fetched_does_not_leave(log, astronaut):
    found = [log.publish(detection_record(captured_at=NOON + at), astronaut) for at in (0, MINUTE)]
    source = FakeErasures()
    pictures = FramePictures(SETTINGS, lambda: source.known)
    fetching = pictures.fetch([read_detections_record(record) for record in found])
    next(fetching)
    source.erase(erasure("gate", NOON, NOON + 2 * MINUTE))
    assert [picture for _, picture in fetching] == [Missing.ERASED]
    pictures.close()
