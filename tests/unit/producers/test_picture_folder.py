from itertools import islice

import pytest

from producers.picture import Picture, Skipped, SourceError
from producers.picture_folder import PictureFolder


def contents(items):
    return [item.content for item in items if isinstance(item, Picture)]


def test_a_replay_follows_the_times_in_the_names(tmp_path, touch, clock):
    touch("b_1700000000.jpg", b"first")
    touch("a_1700000002.JPG", b"third")
    touch("a_1700000001.jpeg", b"second")

    pictures = list(PictureFolder(tmp_path, "replay", fps=2).pictures(clock))

    assert contents(pictures) == [b"first", b"second", b"third"]
    assert [picture.captured_at for picture in pictures] == [
        1_700_000_000_000,
        1_700_000_001_000,
        1_700_000_002_000,
    ]
    assert clock.waits == []


def test_a_live_folder_is_paced_and_taken_now(tmp_path, touch, clock):
    begin = clock.now()
    for second in range(3):
        touch(f"a_170000000{second}.jpg", b"x")

    pictures = list(PictureFolder(tmp_path, "live", fps=2).pictures(clock))

    assert [picture.captured_at - begin for picture in pictures] == [0, 500, 1000]


def test_a_loop_keeps_the_pace(tmp_path, touch, clock):
    begin = clock.now()
    touch("a_1700000000.jpg", b"x")

    looping = PictureFolder(tmp_path, "live", fps=2, loop=True).pictures(clock)

    assert [p.captured_at - begin for p in islice(looping, 3)] == [0, 500, 1000]


def test_damaged_pictures_are_yielded_as_they_are(tmp_path, touch, clock):
    touch("a_1700000000.jpg", b"\xff\xd8 broken")

    assert contents(PictureFolder(tmp_path, "replay", fps=2).pictures(clock)) == [
        b"\xff\xd8 broken"
    ]


def test_what_is_no_picture_or_has_no_time_is_skipped(tmp_path, touch, clock):
    touch("a_1700000000.jpg", b"good")
    touch("a_yesterday.jpg", b"good too")
    touch("notes.txt", b"")
    touch(".hidden_1700000000.jpg", b"")
    (tmp_path / "b_1700000000.jpg").mkdir()

    items = list(PictureFolder(tmp_path, "replay", fps=2).pictures(clock))

    assert contents(items) == [b"good"]
    assert {
        (item.reason, item.detail.split(":")[0]) for item in items if isinstance(item, Skipped)
    } == {("bad-name", "a_yesterday.jpg"), ("not-a-picture", "notes.txt")}


def test_a_clock_that_counts_from_1970_costs_a_live_folder_nothing(tmp_path, touch, clock):
    touch("a_19700101000008.jpg", b"second")
    touch("a_19700101000007.jpg", b"first")
    touch("a_20360207062816.jpg", b"third")

    pictures = PictureFolder(tmp_path, "live", fps=2).pictures(clock)

    assert contents(pictures) == [b"first", b"second", b"third"]


@pytest.mark.parametrize("name", ["a_19700101000007.jpg", "a_21060207062815.jpg"])
def test_history_has_no_other_time_than_that_of_its_names(tmp_path, touch, clock, name):
    touch("a_1700000000.jpg", b"good")
    touch(name, b"of a wrong clock")

    skipped, picture = PictureFolder(tmp_path, "replay", fps=2).pictures(clock)

    assert picture.content == b"good"
    assert skipped.reason == "bad-name"
    assert skipped.detail.endswith("Z is not from 2000 to 2099")


@pytest.mark.parametrize("suffix", ["jpg", "JPG", "jpeg", "jpe", "jfif"])
def test_jpegs_are_known_by_their_usual_suffixes(tmp_path, touch, clock, suffix):
    touch(f"a_1700000000.{suffix}", b"x")

    assert contents(PictureFolder(tmp_path, "replay", fps=2).pictures(clock)) == [b"x"]


def test_an_entry_that_can_not_be_looked_at_does_not_hide_the_others(tmp_path, touch, clock):
    touch("a_1700000000.jpg", b"x")
    (tmp_path / "b_1700000000.jpg").symlink_to("b_1700000000.jpg")
    (tmp_path / "c_1700000000.jpg").symlink_to(f"{'long' * 100}.jpg")

    assert contents(PictureFolder(tmp_path, "replay", fps=2).pictures(clock)) == [b"x"]


def test_a_loop_reports_what_it_skips_only_once(tmp_path, touch, clock):
    touch("a_1700000000.jpg", b"good")
    touch("notes.txt", b"")

    items = list(islice(PictureFolder(tmp_path, "live", 2, loop=True).pictures(clock), 5))

    assert [type(item) for item in items] == [Skipped, Picture, Picture, Picture, Picture]


def test_a_picture_that_vanishes_is_skipped_and_the_rest_is_played(tmp_path, touch, clock):
    touch("a_1700000000.jpg", b"x")
    vanishing = touch("a_1700000001.jpg", b"x")
    touch("a_1700000002.jpg", b"x")

    pictures = PictureFolder(tmp_path, "replay", fps=2).pictures(clock)
    next(pictures)
    vanishing.unlink()

    assert [getattr(item, "reason", "picture") for item in pictures] == ["unreadable", "picture"]


def test_a_folder_without_pictures_is_named(tmp_path, clock):
    with pytest.raises(SourceError, match=r"holds no id_timestamp\.jpg"):
        list(PictureFolder(tmp_path, "replay", fps=2).pictures(clock))
