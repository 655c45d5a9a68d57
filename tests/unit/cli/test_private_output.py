import os

import typer

from pycturestream.cli import status
from tests.command_line import command_line


def test_what_commands_write_is_for_their_user_alone(monkeypatch, capsys, tmp_path):
    def write(_settings):
        (tmp_path / "written").touch()
        raise typer.Exit(0)

    monkeypatch.setattr(status, "server_statuses", write)
    before = os.umask(0o022)
    try:
        command_line(monkeypatch, capsys)("status")
    finally:
        os.umask(before)
    assert (tmp_path / "written").stat().st_mode & 0o777 == 0o600
