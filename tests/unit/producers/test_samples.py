import hashlib

import pytest

from producers.video_file import VideoFile
from pycturestream.clock import SystemClock
from pycturestream.config.settings import PROJECT_FOLDER

SAMPLES = PROJECT_FOLDER / "samples"
CLIPS = sorted(SAMPLES.glob("*.mp4"))


@pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip.stem)
def test_a_clip_is_the_one_that_the_readme_describes(clip):
    digest = hashlib.sha256(clip.read_bytes()).hexdigest()

    assert digest in (SAMPLES / "README.md").read_text()


@pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip.stem)
def test_a_clip_can_be_opened_here(clip):
    pictures = VideoFile(clip, "replay", fps=1).pictures(SystemClock())

    picture = next(pictures)
    pictures.close()

    assert picture.content.shape[2] == 3


def test_the_samples_are_small():
    assert len(CLIPS) == 3
    assert sum(clip.stat().st_size for clip in CLIPS) <= 8_000_000
