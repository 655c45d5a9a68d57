"""`pycturestream tokens` for the seeing aid, and the options of `serve` to try it."""

import pytest

from pycturestream.config.settings import settings
from tests.command_line import command_line


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("PYCTURESTREAM_DATA_FOLDER", str(tmp_path))
    monkeypatch.setenv("PYCTURESTREAM_WEB_ADDRESS", "https://eye.example.org/")
    settings.cache_clear()
    yield command_line(monkeypatch, capsys)
    settings.cache_clear()


def test_a_token_of_the_seeing_aid_is_shown_once_as_a_link_and_a_qr_code(run):
    ended = run("tokens", "create", "--eye", "--name", "anna")
    assert ended.status == 0
    assert ended.output.startswith("https://eye.example.org/eye#pyc_")
    assert "█" in ended.errors
    assert "not shown again" in ended.errors
    secret = ended.output.strip().rpartition("_")[2]
    assert secret not in run("tokens", "list", "--json").output


def test_machines_get_its_link_its_camera_and_no_qr_code(run):
    ended = run("tokens", "create", "--eye", "--name", "anna", "--json")
    (made,) = ended.records
    assert made["link"] == f"https://eye.example.org/eye#{made['token']}"
    (camera,) = made["cameras"]
    assert camera.startswith("eye-")
    assert not ended.errors


def test_without_an_address_for_phones_one_is_told_to_set_it(run, monkeypatch):
    monkeypatch.delenv("PYCTURESTREAM_WEB_ADDRESS")
    settings.cache_clear()
    assert "PYCTURESTREAM_WEB_ADDRESS" in run("tokens", "create", "--eye", "--name", "a").errors


def test_it_is_listed_and_revoked_like_the_others(run):
    run("tokens", "create", "--name", "guard")
    run("tokens", "create", "--eye", "--name", "anna")
    assert [each["kind"] for each in run("tokens", "list", "--json").records] == ["api", "eye"]
    assert "send pictures" in run("tokens", "list").output
    assert run("tokens", "revoke", "anna").status == 0
    assert [each["name"] for each in run("tokens", "list", "--json").records] == ["guard"]


@pytest.mark.parametrize("option", [("--camera", "gate"), ("--read-only",)])
def test_what_limits_a_token_of_the_api_is_not_for_one_of_the_seeing_aid(run, option):
    ended = run("tokens", "create", "--eye", "--name", "anna", *option)
    assert (ended.status, ended.output) == (2, "")


def test_a_link_for_a_moment_needs_the_local_network(run):
    assert run("serve", "--eye", "anna").status == 2
