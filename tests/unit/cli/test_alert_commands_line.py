"""`pycturestream alerts …` and `tokens`, as far as they go without a store."""

import pytest

from pycturestream.config.settings import settings
from tests.command_line import command_line


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("PYCTURESTREAM_DATA_FOLDER", str(tmp_path))
    settings.cache_clear()
    yield command_line(monkeypatch, capsys)
    settings.cache_clear()


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["--open", "ack", "a"], "--open must follow the subcommand"),
        (["false-alarm", "a"], "--reason"),
        (["wrong", "a"], "--reason"),
        (["silence", "gate"], "--for 2h"),
        (["silence", "gate", "--for", "2h", "--end"], "--for 2h"),
        (["silence", "gate", "--for", "long"], "30m, 2h or 3d"),
        (["rates", "--since", "1h", "--until", "2h"], "before --until"),
    ],
)
def test_wrong_use_is_one_line_that_says_how(run, words, hint):
    ended = run("alerts", *words)
    assert ended.status == 2
    assert ended.errors.count("\n") == 1
    assert hint in ended.errors


def test_a_token_is_shown_once(run, tmp_path):
    made = run("tokens", "create", "--name", "guard", "--camera", "gate", "--camera", "door")
    assert made.status == 0
    assert made.output.startswith("pyc_")
    assert "for gate, door, until" in made.errors
    (listed,) = run("tokens", "list", "--json").records
    assert (listed["name"], listed["cameras"], listed["read_only"]) == (
        "guard",
        ["gate", "door"],
        False,
    )
    secret = made.output.strip().rpartition("_")[2]
    assert secret not in run("tokens", "list").output
    assert secret not in (tmp_path / "web" / "tokens.json").read_text()


def test_a_token_can_be_for_reading_only_and_for_some_time(run):
    (made,) = run(
        "tokens", "create", "--name", "screen", "--read-only", "--expires", "1s", "--json"
    ).records
    assert made["read_only"]
    assert made["cameras"] == []
    assert "read " in run("tokens", "list").output


def test_a_revoked_token_is_gone_and_a_name_is_taken_once(run):
    run("tokens", "create", "--name", "guard")
    assert "there is a token guard" in run("tokens", "create", "--name", "guard").errors
    assert run("tokens", "revoke", "guard").status == 0
    ended = run("tokens", "revoke", "guard")
    assert (ended.status, ended.errors.count("\n")) == (1, 1)
    assert "there are no tokens" in run("tokens", "list").output


def test_a_name_that_no_camera_has_is_wrong_use(run):
    assert run("tokens", "create", "--name", "guard", "--camera", "../gate").status == 2
