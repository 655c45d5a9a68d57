"""How `main` ends for the families of errors."""

import pytest

from pycturestream import errors
from pycturestream.cli import status
from tests.command_line import command_line


@pytest.fixture
def run(monkeypatch, capsys):
    return command_line(monkeypatch, capsys)


@pytest.mark.parametrize(
    ("family", "expected"),
    [
        (errors.ConfigurationError, 1),
        (errors.DataError, 1),
        (errors.ServiceError, 1),
        (errors.AccessError, 1),
        (errors.UsageError, 2),
    ],
)
def test_every_error_of_the_tree_is_one_line(run, monkeypatch, family, expected):
    def fail(_settings):
        raise family("the disk is full: delete something")

    monkeypatch.setattr(status, "server_statuses", fail)

    ended = run("status")

    assert ended.status == expected
    assert ended.errors == "error: the disk is full: delete something\n"


def test_any_other_exception_is_a_fault_of_the_program(run, monkeypatch):
    def fail(_settings):
        raise LookupError

    monkeypatch.setattr(status, "server_statuses", fail)

    with pytest.raises(LookupError):
        run("status")
