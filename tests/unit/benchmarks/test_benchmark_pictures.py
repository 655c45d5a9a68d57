import cv2
import numpy as np
import pytest

from benchmarks.pictures import HEIGHT, WIDTH, enlarge, make_pictures, write_folder
from producers.load import encode_pictures
from producers.source import SourceOptions, open_source
from pycturestream.clock import SystemClock
from pycturestream.config.settings import settings
from pycturestream.domain.frames.jpeg import read_size


def test_pictures_are_what_a_camera_sends():
    jpegs = make_pictures(settings(), number=3)

    assert len(set(jpegs)) == 3
    for jpeg in jpegs:
        size = read_size(jpeg)
        assert (size.width, size.height) == (1280, 720)
        assert 80_000 <= len(jpeg) <= 100_000


@pytest.mark.parametrize(("rows", "columns"), [(576, 768), (272, 640), (90, 160)])
def test_a_picture_is_cut_and_never_stretched(rows, columns):
    picture = np.zeros((rows, columns, 3), np.uint8)
    cv2.circle(picture, (columns // 2, rows // 2), 40, (255, 255, 255), -1)

    large = enlarge(picture)

    assert large.shape == (HEIGHT, WIDTH, 3)
    across = np.count_nonzero(large[HEIGHT // 2, :, 0] > 127)
    down = np.count_nonzero(large[:, WIDTH // 2, 0] > 127)
    assert across == pytest.approx(down, rel=0.02)


def test_a_producer_reads_them_back_in_their_order(tmp_path):
    jpegs = make_pictures(settings(), number=3)

    folder = write_folder(jpegs, tmp_path / "pictures")

    source = open_source(str(folder), SourceOptions("replay"))
    assert encode_pictures(source, settings(), SystemClock()) == jpegs
