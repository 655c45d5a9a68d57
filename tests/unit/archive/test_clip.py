import av
import numpy as np
import pytest

from pycturestream.archive import clip
from pycturestream.archive.clip import LAST_SHOWN_MS, LONGEST_GAP_MS, ClipError, write_clip
from tests.builders import NOON

RED, BLUE = (0, 0, 255), (255, 0, 0)


def picture(colour, height=120, width=160):
    return np.full((height, width, 3), colour, np.uint8)


def frames_of(path):
    """Return the seconds and the pixels of each frame of a video."""
    with av.open(str(path)) as video:
        return [
            (float(frame.time or 0), frame.to_ndarray(format="bgr24"))
            for frame in video.decode(video=0)
        ]


def test_a_clip_shows_each_picture_when_it_was_taken(tmp_path):
    path = tmp_path / "alert.mp4"
    pictures = [(NOON, picture(RED)), (NOON + 500, picture(BLUE)), (NOON + 700, picture(RED))]
    assert write_clip(pictures, path) == (3, 700 + LAST_SHOWN_MS)

    frames = frames_of(path)
    assert [round(at, 2) for at, _ in frames] == [0, 0.5, 0.7, 1.7]
    for (_, shown), colour in zip(frames, [RED, BLUE, RED, RED], strict=True):
        assert np.abs(shown.astype(int) - colour).max() < 20


def test_a_pause_is_shortened(tmp_path):
    path = tmp_path / "alert.mp4"
    pictures = [(NOON, picture(RED)), (NOON + 60_000, picture(BLUE))]
    assert write_clip(pictures, path) == (2, LONGEST_GAP_MS + LAST_SHOWN_MS)


def test_pictures_of_another_shape_are_shown_whole_with_grey_beside_them(tmp_path):
    path = tmp_path / "alert.mp4"
    write_clip([(NOON, picture(RED)), (NOON + 500, picture(BLUE, 120, 60))], path)
    shown = frames_of(path)[1][1]
    assert shown.shape == (120, 160, 3)
    assert np.abs(shown[:, 60:100].astype(int) - BLUE).max() < 30
    assert np.abs(shown[:, :40].astype(int) - 128).max() < 20
    assert np.abs(shown[:, 120:].astype(int) - 128).max() < 20


def test_odd_sides_become_even(tmp_path):
    path = tmp_path / "alert.mp4"
    write_clip([(NOON, picture(RED, 121, 161))], path)
    assert frames_of(path)[0][1].shape == (122, 162, 3)


def test_two_pictures_of_one_moment_are_both_shown(tmp_path):
    path = tmp_path / "alert.mp4"
    number, _ = write_clip([(NOON, picture(RED)), (NOON, picture(BLUE))], path)
    assert number == 2
    assert len(frames_of(path)) == 3


def test_nothing_makes_no_clip(tmp_path):
    with pytest.raises(ClipError, match="no picture"):
        write_clip([], tmp_path / "alert.mp4")


def test_without_the_encoder_under_the_gpl_another_one_is_used(tmp_path, monkeypatch):
    monkeypatch.setattr(clip, "_ENCODERS", {"unknown": {}, **clip._ENCODERS})
    del clip._ENCODERS["libx264"]
    path = tmp_path / "alert.mp4"
    pictures = [(NOON, picture(RED)), (NOON + 500, picture(BLUE)), (NOON + 700, picture(RED))]
    write_clip(pictures, path)
    with av.open(str(path)) as video:
        assert video.streams.video[0].codec_context.name in {"vp9", "libvpx-vp9"}
    frames = frames_of(path)
    assert [round(at, 2) for at, _ in frames] == [0, 0.5, 0.7, 1.7]
    assert np.abs(frames[1][1].astype(int) - BLUE).max() < 30


def test_without_any_encoder_one_line_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(clip, "_ENCODERS", {"unknown": {}})
    with pytest.raises(ClipError, match="FFmpeg has no encoder: it needs unknown"):
        write_clip([(NOON, picture(RED))], tmp_path / "alert.mp4")
