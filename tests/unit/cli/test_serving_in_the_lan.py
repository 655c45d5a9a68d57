"""`pycturestream serve --lan`, as far as no server behind it is needed."""

import io
import logging
import signal
from contextlib import contextmanager

import pytest

from pycturestream.api.tokens import Tokens
from pycturestream.cli import serve
from pycturestream.config.settings import settings
from tests.command_line import command_line


@pytest.fixture
def served():
    """What the server was given, once it has run."""
    return {}


@pytest.fixture
def run(monkeypatch, capsys, tmp_path, served):
    @contextmanager
    def application(_settings, _recipients, *, is_open):
        served["is_open"] = is_open
        yield None

    class Server:
        def __init__(self, config):
            served["config"] = config

        def run(self, sockets):
            served["address"] = sockets[0].getsockname()[0]
            served["tokens"] = Tokens(tmp_path / "web" / "tokens.json").all()
            served.get("meanwhile", lambda: None)()

    monkeypatch.setenv("PYCTURESTREAM_DATA_FOLDER", str(tmp_path))
    monkeypatch.setattr(serve, "api_application", application)
    monkeypatch.setattr(serve.uvicorn, "Server", Server)
    monkeypatch.setattr(serve, "lan_address", lambda: "127.0.0.3")
    settings.cache_clear()
    yield command_line(monkeypatch, capsys)
    settings.cache_clear()


def test_it_listens_in_the_network_with_tls_and_shows_where(run, served):
    ended = run("serve", "--lan", "--port", "0")
    assert ended.status == 0
    assert served["address"] == "127.0.0.3"
    assert served["config"].ssl_certfile.endswith("lan-certificate.pem")
    assert ended.output.startswith("https://127.0.0.3:")
    assert "fingerprint" in ended.output
    assert "█" in ended.errors


def test_a_link_for_a_person_is_valid_until_the_end(run, served, tmp_path):
    ended = run("serve", "--lan", "--port", "0", "--eye", "anna")
    (token,) = served["tokens"]
    assert (token.name, token.kind) == ("anna", "eye")
    assert f"/eye#pyc_{token.id}_" in ended.output
    assert Tokens(tmp_path / "web" / "tokens.json").all() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_it_is_revoked_however_the_server_is_ended(run, served, tmp_path, number):
    # As the server does it: it handles the signal itself, and hands it on when it has ended.
    served["meanwhile"] = lambda: signal.getsignal(number)(number, None)
    assert run("serve", "--lan", "--port", "0", "--eye", "anna").status == 130
    assert Tokens(tmp_path / "web" / "tokens.json").all() == []


def test_it_may_have_been_revoked_meanwhile(run, served, tmp_path):
    served["meanwhile"] = lambda: Tokens(tmp_path / "web" / "tokens.json").revoke("anna")
    assert run("serve", "--lan", "--port", "0", "--eye", "anna").status == 0


def test_one_address_must_be_chosen(run):
    ended = run("serve", "--lan", "--host", "0.0.0.0", "--port", "0")  # noqa: S104 - it is refused
    assert ended.status == 2
    assert "--host 0.0.0.0" in ended.errors


def test_the_log_of_others_stays_open(run):
    stream = io.StringIO()

    class Closing(logging.StreamHandler):
        """Closes its stream, as the one of TensorFlow's library does."""

        def close(self):
            self.stream.close()
            super().close()

    handler = Closing(stream)
    run("serve", "--port", "0")
    assert not stream.closed
    handler.close()


def test_without_lan_it_is_plain_and_on_loopback(run, served):
    ended = run("serve", "--port", "0")
    assert served["config"].ssl_certfile is None
    assert ended.output.startswith("http://127.0.0.1:")
