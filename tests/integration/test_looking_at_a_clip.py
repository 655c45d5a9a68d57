"""An evaluation detects in a clip as the detection job does."""

from itertools import islice

import pytest

from producers.encode import Encoder, Fit
from producers.picture import SourceError
from producers.video import file_address, open_video
from pycturestream.config.settings import PROJECT_FOLDER, settings
from pycturestream.detector.decoding import decode_jpeg
from pycturestream.detector.detector import Detector
from pycturestream.detector.measure import measure
from pycturestream.detector.model_options import ModelOptions
from pycturestream.detector.model_runner import ModelRunner
from pycturestream.detector.registry import load_model
from pycturestream.detector.selection import select
from pycturestream.domain.frames.jpeg import Size
from pycturestream.evaluation.clip import describe, detect_frames

pytestmark = pytest.mark.integration

STREET = PROJECT_FOLDER / "samples" / "street.mp4"
"""It is not square and has more than people in it."""
WANTED = (0, 120, 121)


@pytest.fixture(scope="module")
def runner():
    return ModelRunner.load(load_model("nanodet"), ModelOptions(2))


def test_it_selects_the_detections_of_the_job(runner):
    encoder = Encoder(Fit.of(settings()))
    with open_video(file_address(str(STREET)), "street") as video:
        pictures = [each.pixels() for each in islice(video.pictures(), max(WANTED) + 1)]
    detector = Detector(runner, batch_size=2)
    jpegs = [encoder.encode(pictures[frame]) for frame in WANTED]
    results = detector.detect(jpegs).results
    expected = [result.detections for result in results]
    detector.close()

    found = list(detect_frames(STREET, runner, Fit.of(settings()), 2, WANTED))

    assert [one.frame for one in found] == list(WANTED)
    selected = [select(list(one.detections), runner.description) for one in found]
    assert [tuple(d.rounded() for d in one) for one in selected] == expected
    assert any(expected)
    assert [result.measure for result in results] == [
        measure(decode_jpeg(jpeg, runner.description.canvases)) for jpeg in jpegs
    ]
    # Detections below the thresholds are kept, so that thresholds can be tried.
    assert all(len(one.detections) > len(e) for one, e in zip(found, expected, strict=True))


def test_a_clip_has_its_size_rate_and_length():
    clip = describe(STREET)

    assert clip.size == Size(640, 272)
    assert clip.fps == 25
    assert clip.frames == 250


def test_a_file_that_is_not_a_clip_is_rejected(tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_text("no video")

    with pytest.raises(SourceError, match=r"clip\.mp4"):
        describe(path)
