import os

import pytest

from pycturestream.localstack import StackError, unprivileged

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
def test_chown_tree_does_not_follow_links(tmp_path):
    (tmp_path / "given").mkdir()
    (tmp_path / "kept").touch()
    (tmp_path / "given" / "link").symlink_to(tmp_path / "kept")
    unprivileged.chown_tree(tmp_path / "given")
    assert (tmp_path / "given").stat().st_uid != 0
    assert (tmp_path / "kept").stat().st_uid == 0


@as_root
def test_a_fallback_folder_of_another_user_is_rejected(tmp_path, monkeypatch):
    monkeypatch.setattr(unprivileged, "FALLBACK", tmp_path)
    fallback = unprivileged.fallback_folder(tmp_path / "data")
    os.chown(fallback, 1234, 1234)
    with pytest.raises(StackError, match="is not root's"):
        unprivileged.fallback_folder(tmp_path / "data")
