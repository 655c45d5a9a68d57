"""Files as cameras, recorders, phones and browsers write them, through the real decoder."""

from fractions import Fraction
from random import Random

import numpy as np
import pytest

from producers.picture import Picture, Skipped, SourceError
from producers.video_file import VideoFile
from tests.videos import CLIPS, grey, with_zeroed_pictures, write_video

START = 1_700_000_000_000


def play(path, clock, **options):
    """Return a file's pictures, their times in seconds, and how many were skipped."""
    found = list(VideoFile(path, "replay", start=START, **options).pictures(clock))
    pictures = [each for each in found if isinstance(each, Picture)]
    skipped = [each for each in found if isinstance(each, Skipped)]
    assert {each.reason for each in skipped} <= {"damaged"}
    return pictures, [(each.captured_at - START) / 1000 for each in pictures], skipped


def numbers(pictures):
    return [round(float(picture.content.mean()) / 10) for picture in pictures]


@pytest.fixture(scope="module")
def greys():
    return [grey(number) for number in range(20)]


@pytest.fixture(scope="module")
def noise():
    random = np.random.default_rng(1)
    return [random.integers(0, 255, (48, 64, 3), np.uint8) for _ in range(20)]


# --- interlaced -------------------------------------------------------------------------------


def test_interlaced_pictures_are_as_bright_as_their_scene(clock):
    pictures, times, _ = play(CLIPS / "interlaced.mp4", clock)

    assert len(pictures) == 38
    assert np.mean([picture.content.mean() for picture in pictures]) == pytest.approx(104, abs=10)
    assert {picture.content.shape for picture in pictures} == {(272, 640, 3)}
    assert times[-1] == pytest.approx(2.96)


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("clip.mp4", "libx264", {"x264-params": "interlaced=1"}),
        ("clip.mpg", "mpeg2video", {"flags": "+ildct+ilme"}),
        ("clip.ts", "mpeg2video", {"flags": "+ildct+ilme"}),
    ],
)
def test_what_moves_in_an_interlaced_picture_has_no_comb_lines(
    tmp_path, clock, name, codec, options
):
    """Every other line is black, as if the scene had gone dark between the two fields."""
    combed = np.full((48, 64, 3), 200, np.uint8)
    combed[1::2] = 0
    path = write_video(tmp_path / name, [combed] * 6, codec, fps=25, options=options)

    pictures, _, _ = play(path, clock)

    assert len(pictures) == 6
    for picture in pictures:
        middle = picture.content[8:40].astype(int)
        assert np.abs(np.diff(middle, axis=0)).max() < 40
        assert middle.mean() > 150


# --- damaged ----------------------------------------------------------------------------------


def test_damaged_pictures_are_skipped_and_counted_and_the_rest_goes_on(clock):
    pictures, times, skipped = play(CLIPS / "h264-10-of-200-zeroed.mp4", clock)

    assert len(pictures) == 190
    assert times[-1] == pytest.approx(19.9)
    assert sum(each.count for each in skipped) == 10
    assert skipped[0].detail.startswith("h264-10-of-200-zeroed.mp4#60 to #69: h264: ")
    assert pictures[60].origin == "h264-10-of-200-zeroed.mp4#70"


def test_a_damaged_beginning_costs_what_builds_on_it_and_no_more(clock):
    pictures, times, skipped = play(CLIPS / "h264-first-of-200-zeroed.mp4", clock)

    assert len(pictures) == 180
    assert (times[0], times[-1]) == (2.0, pytest.approx(19.9))
    assert sum(each.count for each in skipped) == 20


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("clip.avi", "mjpeg"),
        ("clip.mkv", "mjpeg"),
        ("clip.mp4", "mjpeg"),
        ("clip.webm", "libvpx"),
        ("clip.webm", "libvpx-vp9"),
        ("clip.mp4", "libsvtav1"),
    ],
)
@pytest.mark.parametrize("damaged", [(0,), (7,), (3, 4, 11), (19,)])
def test_what_is_damaged_costs_no_other_picture(tmp_path, noise, clock, name, codec, damaged):
    options = {"g": "1"} if codec.startswith("lib") else {}
    path = write_video(tmp_path / name, noise, codec, options=options)

    pictures, times, skipped = play(with_zeroed_pictures(path, damaged), clock)

    left = [number / 10 for number in range(20) if number not in damaged]
    assert times == pytest.approx(left)
    assert len(pictures) == 20 - len(damaged)
    assert sum(each.count for each in skipped) == len(damaged)


def test_a_file_that_holds_only_damaged_pictures_says_why(tmp_path, noise, clock):
    path = write_video(tmp_path / "clip.avi", noise, "mjpeg")
    with_zeroed_pictures(path, range(20))

    with pytest.raises(
        SourceError, match=r"holds no picture that can be read \(clip\.avi#0 to #19: mjpeg: "
    ):
        play(path, clock)


def test_a_recording_that_begins_inside_says_what_it_lacks(tmp_path, noise, clock):
    """A transport stream may be cut anywhere."""
    options = {"g": "10", "bf": "0", "sc_threshold": "0"}
    path = write_video(tmp_path / "clip.ts", noise, options=options)
    whole = path.read_bytes()
    packets = [whole[begin : begin + 188] for begin in range(0, len(whole), 188)]
    begins = [number for number, packet in enumerate(packets) if b"\0\0\1\xe0" in packet[:40]]
    path.write_bytes(b"".join((*packets[:3], *packets[begins[4] :])))

    pictures, times, skipped = play(path, clock)

    assert len(pictures) == 10
    assert sum(each.count for each in skipped) == 6
    assert times[-1] == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("clip.mp4", "libx264"),
        ("clip.avi", "mjpeg"),
        ("clip.ts", "mpeg2video"),
        ("c.webm", "libvpx"),
    ],
)
def test_whatever_is_damaged_a_file_is_played_or_refused(tmp_path, noise, clock, name, codec):
    random = Random(7)
    path = write_video(tmp_path / name, noise, codec, fps=25)
    whole = path.read_bytes()
    played = 0
    for _ in range(60):
        content = bytearray(whole)
        for _ in range(random.choice((1, 5, 50))):
            begin, length = random.randrange(len(content)), random.choice((1, 10, 500))
            content[begin : begin + length] = random.choice((b"", bytes(length), b"\xff\0\1" * 3))
        path.write_bytes(content)
        try:
            _, times, _ = play(path, clock)
        except SourceError:
            continue
        assert times == sorted(set(times))
        played += 1
    assert played


# --- times ------------------------------------------------------------------------------------


def test_a_browsers_recording_has_its_own_times(clock):
    pictures, times, _ = play(CLIPS / "browser.webm", clock)

    assert len(pictures) == 300
    assert times[-1] == pytest.approx(12, abs=0.1)
    assert len(play(CLIPS / "browser.webm", clock, fps=2)[0]) in {24, 25}


def test_a_browsers_recording_is_played_at_its_own_pace(clock):
    begin = clock.now()

    pictures = list(VideoFile(CLIPS / "browser.webm", "live", fps=2).pictures(clock))

    assert len(pictures) in {24, 25}
    assert 11_400 <= pictures[-1].captured_at - begin <= 12_100


GAPS = [0, 100, 200, 60_200, 60_300, 60_350, 61_000, 300_000, 300_100, 300_200]


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "clip.ts", "clip.mov", "clip.webm"])
@pytest.mark.parametrize("times", [GAPS, [95_442_000 + each for each in GAPS]])
def test_gaps_of_a_recording_that_motion_triggers_are_kept(tmp_path, greys, clock, name, times):
    """Also in one whose times begin anywhere, as transport streams do, or wrap around."""
    codec = "libvpx" if name.endswith("webm") else "libx264"
    options = {"bf": "2"} if codec == "libx264" else {}
    path = write_video(tmp_path / name, greys[:10], codec, times_ms=times, options=options)

    pictures, found, _ = play(path, clock)

    assert numbers(pictures) == list(range(10))
    assert found == pytest.approx([each / 1000 for each in GAPS], abs=0.002)


@pytest.mark.parametrize("codec", ["mjpeg", "libx264", "mpeg4"])
def test_a_file_without_times_goes_by_its_rate(tmp_path, greys, clock, codec):
    options = {"bf": "0"} if codec == "libx264" else {}
    path = write_video(tmp_path / "clip.avi", greys, codec, options=options)

    pictures, times, _ = play(path, clock)

    assert numbers(pictures) == list(range(20))
    assert times == pytest.approx([number / 10 for number in range(20)])


def test_what_an_edit_cuts_away_is_not_shown(tmp_path, greys, clock):
    times = [-500 + 100 * number for number in range(20)]
    path = write_video(tmp_path / "clip.mp4", greys, times_ms=times)

    pictures, found, skipped = play(path, clock)

    assert numbers(pictures) == list(range(5, 20))
    assert found == pytest.approx([number / 10 for number in range(15)])
    assert skipped == []


@pytest.mark.parametrize("first", [0, 50_000_000])
def test_recordings_that_were_put_together_go_on_after_one_another(tmp_path, greys, clock, first):
    parts = [
        write_video(tmp_path / "part.ts", greys[:10], times_ms=[begin + 100 * i for i in range(10)])
        .read_bytes()
        for begin in (first, 50_000_000 - first)
    ]  # fmt: skip
    path = tmp_path / "clip.ts"
    path.write_bytes(b"".join(parts))

    pictures, times, _ = play(path, clock)

    assert numbers(pictures) == [*range(10), *range(10)]
    assert times == pytest.approx([number / 10 for number in range(20)])


# --- sizes and shapes -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        (Fraction(16, 11), (48, 93)),
        (Fraction(8, 9), (54, 64)),
        (Fraction(1), (48, 64)),
        (Fraction(500), (48, 64)),  # cannot be true
    ],
)
@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "clip.ts"])
def test_oblong_pixels_are_made_square(tmp_path, greys, clock, shape, size, name):
    path = write_video(tmp_path / name, greys[:3], pixel_shape=shape)

    assert {picture.content.shape[:2] for picture in play(path, clock)[0]} == {size}


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_turned_and_mirrored_pictures_are_put_upright(tmp_path, clock, quarters, mirrored):
    flat = np.zeros((48, 64, 3), np.uint8)
    flat[:16, :16] = 250
    flat[:16, 48:] = 120
    degrees = {0: 0, 1: 90, 2: 180, 3: -90}[quarters]
    path = write_video(tmp_path / "clip.mp4", [flat] * 2, degrees=degrees, mirrored=mirrored)
    upright = np.rot90(flat, quarters)
    expected = np.fliplr(upright) if mirrored else upright

    for picture in play(path, clock)[0]:
        assert picture.content.shape == expected.shape
        assert np.abs(picture.content.astype(int) - expected).mean() < 10


def test_a_size_that_changes_midway_is_not_stretched(tmp_path, clock):
    parts = [
        write_video(tmp_path / "part.ts", [grey(7, width, height)] * 5).read_bytes()
        for width, height in ((64, 48), (128, 64))
    ]
    path = tmp_path / "clip.ts"
    path.write_bytes(b"".join(parts))

    shapes = [picture.content.shape for picture in play(path, clock)[0]]

    assert shapes == [(48, 64, 3)] * 5 + [(64, 128, 3)] * 5


# --- codecs -----------------------------------------------------------------------------------


@pytest.mark.parametrize("codec", ["libsvtav1", "libx265", "libvpx-vp9", "mpeg4"])
def test_usual_codecs_are_decoded(tmp_path, greys, clock, codec):
    path = write_video(tmp_path / "clip.mp4", greys, codec)

    assert numbers(play(path, clock)[0]) == list(range(20))


def test_a_codec_without_a_decoder_is_named(tmp_path, greys, clock):
    path = write_video(tmp_path / "clip.mp4", greys)
    path.write_bytes(path.read_bytes().replace(b"avc1", b"evc1"))

    with pytest.raises(SourceError, match=r"clip\.mp4: there is no decoder for evc here$"):
        play(path, clock)


def test_sound_without_a_video_is_named(tmp_path, clock):
    path = tmp_path / "clip.wav"
    path.write_bytes(
        b"RIFF\x64\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data"
        b"\x40\0\0\0" + bytes(64)
    )

    with pytest.raises(SourceError, match=r"clip\.wav: holds no video$"):
        play(path, clock)
