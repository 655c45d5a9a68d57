import os

import pytest

from pycturestream.localstack import unprivileged
from pycturestream.localstack.errors import StackError

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")
as_user = pytest.mark.skipif(os.geteuid() == 0, reason="root gives up its rights")


@as_user
def test_an_ordinary_user_runs_the_command_itself():
    assert unprivileged.unprivileged(["server", "--flag"]) == ["server", "--flag"]


@as_root
def test_root_runs_the_command_as_nobody():
    command = unprivileged.unprivileged(["server", "--flag"])
    assert command[0] == "setpriv"
    assert command[-3:] == ["--", "server", "--flag"]


@as_root
def test_a_folder_behind_a_private_one_is_not_reachable(tmp_path):
    (tmp_path / "private").mkdir(mode=0o700)
    assert not unprivileged.is_reachable(tmp_path / "private" / "data")


@as_root
def test_a_folder_is_given_without_what_its_links_point_to(tmp_path):
    (tmp_path / "given").mkdir()
    (tmp_path / "kept").touch()
    (tmp_path / "given" / "link").symlink_to(tmp_path / "kept")
    unprivileged.give(tmp_path / "given")
    assert (tmp_path / "given").stat().st_uid != 0
    assert (tmp_path / "kept").stat().st_uid == 0


@as_root
def test_a_room_outside_that_someone_else_made_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(unprivileged, "OUTSIDE", tmp_path)
    room = unprivileged.outside(tmp_path / "data")
    os.chown(room, 1234, 1234)
    with pytest.raises(StackError, match="is not root's"):
        unprivileged.outside(tmp_path / "data")
