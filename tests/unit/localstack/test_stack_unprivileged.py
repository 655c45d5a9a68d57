import os
import subprocess
from pathlib import Path

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
def test_it_keeps_no_right_of_roots_where_it_can_enter_all_that_it_needs():
    assert not any("caps" in word for word in unprivileged.unprivileged(["server"], [Path("/usr")]))


@as_root
def test_it_may_read_what_is_behind_private_folders_and_nothing_more(tmp_path):
    (tmp_path / "private").mkdir(mode=0o700)
    (tmp_path / "private" / "file").write_text("content\n")
    script = 'cat "$0"; echo more >> "$0"; grep CapEff /proc/self/status; id -u'
    command = unprivileged.unprivileged(
        ["sh", "-c", script, str(tmp_path / "private" / "file")], [tmp_path / "private"]
    )
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    content, right, user = done.stdout.splitlines()
    assert content == "content"
    assert int(right.split()[-1], 16) == 1 << unprivileged.READ_ALL_BIT
    assert user != "0"
    assert (tmp_path / "private" / "file").read_text() == "content\n"


@as_root
def test_where_that_right_can_not_be_handed_on_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(unprivileged, "_may_read_all", lambda: False)
    (tmp_path / "private").mkdir(mode=0o700)
    with pytest.raises(StackError, match=r"private can't be entered by nobody.*chmod"):
        unprivileged.unprivileged(["server"], [tmp_path / "private"])


@as_root
def test_handing_over_does_not_follow_links(tmp_path):
    (tmp_path / "given").mkdir()
    (tmp_path / "kept").touch()
    (tmp_path / "given" / "link").symlink_to(tmp_path / "kept")
    unprivileged.hand_over(tmp_path / "given")
    assert (tmp_path / "given").stat().st_uid != 0
    assert (tmp_path / "kept").stat().st_uid == 0


def test_what_is_kept_private_has_no_rights_for_others(tmp_path):
    (tmp_path / "folder").mkdir(mode=0o755)
    (tmp_path / "folder" / "program").touch(mode=0o755)
    (tmp_path / "folder" / "gone").symlink_to(tmp_path / "nowhere")
    unprivileged.keep_private(tmp_path)
    modes = {path.name: path.lstat().st_mode & 0o777 for path in tmp_path.rglob("[!g]*")}
    assert modes == {"folder": 0o700, "program": 0o700}


def test_what_does_not_exist_is_left_out(tmp_path):
    unprivileged.keep_private(tmp_path / "missing")
    unprivileged.hand_over(tmp_path / "missing")
