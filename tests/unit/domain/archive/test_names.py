import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycturestream.domain.archive.names import (
    is_lock_path,
    is_ours,
    lock_path,
    of_frame,
    of_rejected,
    parse_path,
)
from pycturestream.domain.frames.frame import frame_id
from pycturestream.domain.times import EARLIEST, LATEST
from tests.builders import NOON

CAMERAS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True)
TIMES = st.integers(EARLIEST, LATEST - 1)


def test_a_picture_is_named_by_camera_day_and_frame():
    name = of_frame(frame_id("gate", NOON))
    assert name.path("jpg") == "gate/2026-11-21/gate_20261121T120000000Z.jpg"


def test_a_rejected_picture_is_named_by_its_arrival_and_its_place():
    name = of_rejected("gate", NOON, 3, 812)
    assert name.path("bin") == "gate/2026-11-21/gate_20261121T120000000Z-3-812.bin"


@given(CAMERAS, TIMES)
def test_every_name_can_be_read_back(camera_id, at):
    for name in (of_frame(frame_id(camera_id, at)), of_rejected(camera_id, at, 7, 2**40)):
        assert parse_path(name.path("json")) == (name, "json")


@given(CAMERAS, st.lists(TIMES, min_size=2, max_size=2, unique=True))
def test_the_order_of_paths_is_that_of_times(camera_id, times):
    early, late = (of_frame(frame_id(camera_id, at)).path("jpg") for at in sorted(times))
    assert early < late


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "..",
        "../gate/2026-11-21/gate_20261121T120000000Z.jpg",
        "/gate/2026-11-21/gate_20261121T120000000Z.jpg",
        "gate/../../etc/passwd",
        "gate/2026-11-21/../gate_20261121T120000000Z.jpg",
        "gate/2026-11-21/..",
        "gate/2026-11-21/gate_20261121T120000000Z.jpg/..",
        "gate/2026-11-21/gate_20261121T120000000Z.jpg\n",
        "gate/2026-11-21/gate_20261121T120000000Z.jpg\0",
        "gate/2026-11-22/gate_20261121T120000000Z.jpg",
        "door/2026-11-21/gate_20261121T120000000Z.jpg",
        "gate/2026-11-21/gate_20261121T120000000Z.png",
        "gate/2026-11-21/gate_20261121T120000000Z",
        "gate//gate_20261121T120000000Z.jpg",
        "gate\\2026-11-21\\gate_20261121T120000000Z.jpg",
        "gate/2026-11-21/.gate_20261121T120000000Z.jpg.0a.part",
        "gate/locks/../2026-11-21/gate_20261121T120000000Z.json",
        "gate/locks/x.json",
    ],
)
def test_a_path_that_tries_to_leave_the_archive_is_none_of_it(path):
    with pytest.raises(ValueError, match="no path of the archive"):
        parse_path(path)
    assert not is_ours(path)


@given(st.text(max_size=80))
def test_what_is_no_path_of_the_archive_has_no_step_out_of_it(text):
    if is_ours(text):
        assert len(text.split("/")) == 3
        assert not {"", ".", ".."} & set(text.split("/"))


@given(CAMERAS, st.text(max_size=200))
def test_the_lock_of_any_alert_has_a_path_of_its_own(camera_id, alert_id):
    path = lock_path(camera_id, alert_id)
    assert is_lock_path(path)
    assert is_ours(path)
    assert path != lock_path(camera_id, alert_id + "x")


@pytest.mark.parametrize("camera_id", ["", "..", ".gate", "a/b", "gate\n", "x" * 65])
def test_what_can_t_name_a_camera_gives_no_name(camera_id):
    with pytest.raises(ValueError, match="camera"):
        lock_path(camera_id, "people")
    with pytest.raises(ValueError, match="camera"):
        of_rejected(camera_id, NOON, 0, 0)
    with pytest.raises(ValueError, match="frame"):
        of_frame(f"{camera_id}_20261121T120000000Z")
