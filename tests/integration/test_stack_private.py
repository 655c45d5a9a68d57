"""What the local stack runs as, and who can read its files."""

import re
import stat
from pathlib import Path

import pytest

from pycturestream.localstack import processes
from pycturestream.localstack.stack import servers

pytestmark = pytest.mark.integration


def test_no_server_runs_as_root(local_stack):
    folder = local_stack.data_folder.resolve()
    for server in servers(local_stack):
        record = processes.read_process_record(folder, server.name)
        for process in processes.members(record, folder):
            assert 0 not in process.uids(), process.cmdline()


def test_only_its_owner_can_read_the_data_folder(local_stack):
    folder = local_stack.data_folder.resolve()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    open_to_others = [
        path for path in folder.rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o077
    ]
    assert not open_to_others


def test_what_servers_write_later_is_as_private(local_stack):
    """What they write has the rights that their umask leaves."""
    folder = local_stack.data_folder.resolve()
    for server in servers(local_stack):
        record = processes.read_process_record(folder, server.name)
        status = Path(f"/proc/{record.pid}/status").read_text("ascii")
        (mask,) = re.findall(r"^Umask:\s*(\d+)", status, re.MULTILINE)
        assert int(mask, 8) == 0o077, server.name
