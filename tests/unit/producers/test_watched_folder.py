import os
from dataclasses import dataclass, field

import pytest

from producers.picture import Picture, Skipped, SourceError
from producers.picture_file import PictureFile
from producers.source import SourceOptions, open_source
from producers.watched_folder import WatchedFolder
from pycturestream.config.limits import admission_limits
from pycturestream.config.settings import Settings
from pycturestream.domain.frames.admission import Arrival, Place, admit
from pycturestream.domain.frames.frame import Frame
from tests import jpegs

WHOLE = b"\xff\xd8 picture \xff\xd9"
NOON = 1_795_262_400
"""Seconds at which the fake clock begins."""


@dataclass
class Uploader:
    """Runs a test's actions at moments of a fake clock, and then stops it."""

    folder: object
    clock: object
    doings: list = field(default_factory=list)

    def at(self, second, do):
        self.doings.append((second, do))

    def write(self, second, name, data=WHOLE):
        self.at(second, lambda: (self.folder / name).write_bytes(data))

    def pictures(self, fps=100):
        """Return what comes until all actions were run, and a little longer."""
        end = max((second for second, _ in self.doings), default=0) + 15

        def sleep(seconds):
            self.clock.elapsed += seconds
            for doing in sorted(self.doings, key=lambda doing: doing[0]):
                if doing[0] <= self.clock.elapsed:
                    self.doings.remove(doing)
                    doing[1]()
            self.clock.stopped = self.clock.elapsed >= end

        self.clock.sleep = sleep
        return list(WatchedFolder(self.folder, fps).pictures(self.clock))


@pytest.fixture
def uploader(tmp_path, clock):
    return Uploader(tmp_path, clock)


def names(items):
    return [item.origin for item in items if isinstance(item, Picture)]


def skips(items):
    return [(item.reason, item.detail.split(":")[0]) for item in items if isinstance(item, Skipped)]


def test_what_is_new_is_published_once_as_it_is(uploader):
    uploader.write(1, f"gate_{NOON + 1}.jpg")
    uploader.write(2, f"gate_{NOON + 2}.JPEG", b"\xff\xd8 other \xff\xd9")

    found = uploader.pictures()

    assert [picture.content for picture in found] == [WHOLE, b"\xff\xd8 other \xff\xd9"]
    assert names(found) == [f"gate_{NOON + 1}.jpg", f"gate_{NOON + 2}.JPEG"]


def test_what_is_there_at_the_start_is_history(uploader):
    (uploader.folder / f"gate_{NOON}.jpg").write_bytes(WHOLE)
    (uploader.folder / "notes.txt").write_bytes(b"")
    uploader.write(1, f"gate_{NOON + 1}.jpg")

    assert WatchedFolder(uploader.folder, 1).history() == 1
    assert names(uploader.pictures()) == [f"gate_{NOON + 1}.jpg"]


@pytest.mark.parametrize("clock_s", [0, -2, 7200, -86_400])
def test_a_picture_counts_as_sent_when_it_was_complete_whatever_its_clock_says(uploader, clock_s):
    uploader.write(5, f"gate_{NOON + 5 + clock_s}.jpg")

    [picture] = uploader.pictures()

    assert picture.captured_at == 1000 * (NOON + 5 + clock_s)
    assert picture.clock_ahead == 1000 * clock_s


@pytest.mark.parametrize(
    "name",
    [
        "gate_19700101000512.jpg",
        "gate_19700101T000512000Z.jpg",
        "gate_1900-01-01_00-05-12.jpg",
        "gate_20360207062816.jpg",
        "gate_20991231235959.jpg",
        "gate_21060207062815.jpg",
    ],
)
def test_a_clock_of_any_year_costs_no_picture_as_the_job_corrects_it(uploader, name):
    uploader.write(5, name, jpegs.encoded(64, 48))

    [picture] = uploader.pictures()

    sent_at = 1000 * NOON + 6_000
    frame = Frame("gate", picture.captured_at, picture.content, clock_ahead=picture.clock_ahead)
    headers = dict(frame.headers(sent_at))
    arrival = Arrival(
        Place("frames", 0, 1),
        sent_at,
        b"gate",
        frame.jpeg,
        headers["captured_at"],
        headers["sent_at"],
    )
    [admitted] = admit([arrival], admission_limits(Settings(), "live"), sent_at)
    assert admitted.clock_corrected
    assert admitted.captured_at == 1000 * NOON + 5_000
    assert admitted.camera_captured_at == picture.captured_at


def test_a_file_that_grows_is_waited_for(uploader):
    name = f"gate_{NOON + 1}.jpg"
    for tenth in range(40):
        uploader.write(1 + tenth / 10, name, b"\xff\xd8" + bytes(tenth))
    uploader.write(5, name)

    [picture] = uploader.pictures()

    assert picture.content == WHOLE
    assert picture.clock_ahead == -4000


def test_a_file_that_grows_behind_its_preview_is_waited_for(uploader):
    name = f"gate_{NOON + 1}.jpg"
    for tenth in range(40):
        uploader.write(1 + tenth / 10, name, WHOLE + bytes(tenth))
    uploader.write(5, name, WHOLE + WHOLE)

    assert [picture.content for picture in uploader.pictures()] == [WHOLE + WHOLE]


def test_an_upload_that_pauses_in_the_middle_is_waited_for(uploader):
    name = f"gate_{NOON + 1}.jpg"
    uploader.write(1, name, b"\xff\xd8 half")
    uploader.write(9, name)

    assert [picture.content for picture in uploader.pictures()] == [WHOLE]


def test_a_picture_that_was_broken_off_is_yielded_in_the_end(uploader):
    uploader.write(1, f"gate_{NOON + 1}.jpg", b"\xff\xd8 half")

    assert [picture.content for picture in uploader.pictures()] == [b"\xff\xd8 half"]


def test_a_picture_that_the_camera_pads_is_complete(uploader):
    uploader.write(1, f"gate_{NOON + 1}.jpg", WHOLE + bytes(2000))

    [picture] = uploader.pictures()

    assert picture.clock_ahead == 0


@pytest.mark.parametrize("behind", [bytes(20_000), b"ftypmp42" + b"film" * 5_000])
def test_a_picture_with_much_behind_its_end_is_complete(uploader, behind):
    uploader.write(1, f"gate_{NOON + 1}.jpg", jpegs.encoded(64, 48) + behind)

    [picture] = uploader.pictures()

    assert picture.clock_ahead == 0


def test_a_picture_without_its_end_is_waited_for_however_long_it_is(uploader):
    whole = jpegs.photo(512, 384)
    uploader.write(1, f"gate_{NOON + 1}.jpg", whole[:-10_000])
    uploader.write(6, f"gate_{NOON + 1}.jpg", whole)

    assert [picture.content for picture in uploader.pictures()] == [whole]


def test_a_file_that_is_renamed_when_it_is_complete_has_its_last_name(uploader):
    part = uploader.folder / f"gate_{NOON + 1}.jpg.part"
    uploader.write(1, part.name)
    uploader.at(3, lambda: part.rename(part.with_suffix("")))

    found = uploader.pictures()

    assert (names(found), skips(found)) == ([f"gate_{NOON + 1}.jpg"], [])


def test_names_that_stay_wrong_are_reported_once(uploader):
    uploader.write(1, "gate_noon.jpg")
    uploader.write(1, "notes.txt")
    uploader.write(1, ".hidden")
    uploader.at(1, (uploader.folder / f"a_{NOON}.jpg").mkdir)
    uploader.at(1, lambda: os.mkfifo(uploader.folder / f"b_{NOON}.jpg"))
    uploader.at(1, lambda: (uploader.folder / f"c_{NOON}.jpg").symlink_to("/etc/hostname"))

    found = uploader.pictures()

    assert names(found) == []
    assert sorted(skips(found)) == [("bad-name", "gate_noon.jpg"), ("not-a-picture", "notes.txt")]


def test_a_name_that_is_no_text_may_be_shown_and_sent(uploader):
    uploader.write(1, os.fsdecode(b"g\xe4te\x1b_%d.jpg" % NOON))
    uploader.write(2, os.fsdecode(b"g\xe4te_noon.jpg"))

    picture, skipped = uploader.pictures()

    assert picture.origin == rf"g\udce4te\x1b_{NOON}.jpg"
    assert skipped.detail.startswith(r"g\udce4te_noon.jpg: ")
    assert skipped.detail.isprintable()


def test_the_same_name_again_is_the_same_picture(uploader):
    name = f"gate_{NOON + 1}.jpg"
    uploader.write(1, name)
    uploader.write(3, name, b"\xff\xd8 other \xff\xd9")

    assert len(uploader.pictures()) == 1


def test_a_name_is_forgotten_with_its_file(uploader):
    name = f"gate_{NOON + 1}.jpg"
    uploader.write(1, name)
    uploader.at(3, (uploader.folder / name).unlink)
    uploader.write(5, name)

    assert names(uploader.pictures()) == [name, name]


def test_files_may_go_at_any_time(uploader):
    first, second, third = (f"gate_{NOON + n}.jpg" for n in range(3))
    uploader.write(1, first, b"\xff\xd8 half")
    uploader.at(2, (uploader.folder / first).unlink)
    uploader.write(3, second)
    uploader.at(5, (uploader.folder / second).unlink)
    uploader.write(6, third)

    assert names(uploader.pictures()) == [second, third]


def test_a_file_that_is_removed_before_it_is_read_is_skipped(tmp_path):
    file = PictureFile(1000, tmp_path / "gate_1.jpg")

    assert file.read(1000) == Skipped("unreadable", "gate_1.jpg: No such file or directory")


def test_what_is_far_too_large_for_a_picture_is_not_read(tmp_path):
    with (tmp_path / "gate_1.jpg").open("wb") as large:
        large.truncate(50_000_001)  # sparse: it takes no space

    assert PictureFile(1000, tmp_path / "gate_1.jpg").read(1000).reason == "too-large"


def test_of_what_comes_together_the_newest_is_published(uploader):
    for n in (2, 0, 4, 1, 3):
        uploader.write(1, f"gate_{NOON + n}.jpg")

    found = uploader.pictures(fps=2)

    assert names(found) == [f"gate_{NOON + 4}.jpg"]
    assert skips(found) == [("superseded", f"gate_{NOON + n}.jpg") for n in range(4)]


@pytest.mark.parametrize("fps", [0.5, 1, 2])
def test_what_comes_faster_than_it_is_wanted_is_left_out(uploader, fps):
    for n in range(20):
        uploader.write(1 + n / 2 / fps, f"gate_{1000 * NOON + 500 * n}.jpg")

    found = uploader.pictures(fps)

    assert len(names(found)) in {10, 11}  # somewhat early is in time
    assert [reason for reason, _ in skips(found)] == ["superseded"] * (20 - len(names(found)))


def test_a_camera_that_is_not_exact_loses_nothing(uploader):
    for n in range(20):
        uploader.write(1 + n + n % 2 / 5, f"gate_{NOON + n}.jpg")

    assert len(names(uploader.pictures(fps=1))) == 20


def test_a_rate_that_changes_is_followed(uploader):
    fps = [0.001]
    for n in range(5):
        uploader.write(1 + n, f"gate_{NOON + n}.jpg")
    uploader.at(2.5, lambda: fps.__setitem__(0, 100))

    found = uploader.pictures(fps=lambda: fps[0])

    assert names(found) == [f"gate_{NOON + n}.jpg" for n in (0, 2, 3, 4)]


def test_thousands_of_files_that_come_at_once_are_kept_apart(uploader):
    def write():
        for n in range(3000):
            (uploader.folder / f"gate_{1000 * NOON + n}.jpg").write_bytes(WHOLE)

    uploader.at(1, write)

    found = uploader.pictures(fps=2)

    assert names(found) == [f"gate_{1000 * NOON + 2999}.jpg"]
    assert len(skips(found)) == 2999


def test_a_folder_that_goes_away_is_an_error_that_names_it(uploader):
    uploader.at(1, uploader.folder.rmdir)

    with pytest.raises(SourceError, match=f"{uploader.folder}: No such file"):
        uploader.pictures()


def test_a_folder_is_watched_only_if_that_is_asked_for(tmp_path):
    assert isinstance(open_source(str(tmp_path), SourceOptions(watch=True)), WatchedFolder)
    assert not isinstance(open_source(str(tmp_path), SourceOptions()), WatchedFolder)


def test_one_listing_that_hung_holds_up_no_other_picture(uploader, clock, monkeypatch):
    scandir, hung = os.scandir, []

    def hang(path):
        if clock.elapsed > 1 and not hung:
            hung.append(path)
            clock.elapsed += 120
        return scandir(path)

    monkeypatch.setattr(os, "scandir", hang)
    uploader.write(121.5, f"gate_{NOON + 121}.jpg")

    assert names(uploader.pictures()) == [f"gate_{NOON + 121}.jpg"]
    assert hung
