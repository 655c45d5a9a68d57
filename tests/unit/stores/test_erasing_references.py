"""Which files of the reference folder an erasure removes."""

import pytest

from pycturestream.config.settings import Settings
from pycturestream.domain.frames.frame import frame_id
from pycturestream.stores.erasing_references import ReferencePlace
from tests.builders import MINUTE, NOON
from tests.erasures import erasure

ASKED = erasure("gate", NOON, NOON + MINUTE)


@pytest.fixture
def place(tmp_path):
    return ReferencePlace(Settings(reference_folder=str(tmp_path)))


def put(folder, camera_id, at, suffix=".jpg"):
    path = folder / camera_id / f"{frame_id(camera_id, at)}{suffix}"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"a picture")
    return path


def test_pictures_of_the_time_go_complete_or_not_and_all_others_stay(place, tmp_path):
    gone = [put(tmp_path, "gate", NOON), put(tmp_path, "gate", NOON + 1, ".part")]
    stay = [
        put(tmp_path, "gate", NOON - 1),
        put(tmp_path, "gate", NOON + MINUTE),
        put(tmp_path, "yard", NOON),
        put(tmp_path, "gate", NOON, ".txt"),
    ]
    (tmp_path / "gate" / "notes.jpg").write_bytes(b"of somebody else")

    assert place.count(ASKED).erased == {"pictures": 2}
    assert all(path.exists() for path in gone)
    assert place.erase(ASKED).erased == {"pictures": 2}

    assert not any(path.exists() for path in gone)
    assert all(path.exists() for path in stay)
    assert (tmp_path / "gate" / "notes.jpg").exists()
    assert place.erase(ASKED).erased == {"pictures": 0}


def test_a_link_to_another_folder_is_not_followed(place, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    outside = elsewhere / f"{frame_id('gate', NOON)}.jpg"
    outside.write_bytes(b"a picture")
    (tmp_path / "gate").symlink_to(elsewhere)

    assert place.erase(ASKED).erased == {"pictures": 0}
    assert outside.exists()


def test_where_no_folder_is_set_it_says_so():
    report = ReferencePlace(Settings(reference_folder="")).erase(ASKED)

    assert report.erased == {"pictures": 0}
    assert "none is set" in report.note
