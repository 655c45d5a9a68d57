"""`pycturestream serve --open`, and who is told of the live page."""

import os
import socket
import webbrowser
from types import SimpleNamespace

import pytest

from pycturestream.api.pages.shell import NAVIGATION
from pycturestream.cli import demo, status, up, web_browser
from pycturestream.cli.up import addresses
from pycturestream.config.settings import Settings
from pycturestream.localstack.launch import READY, RUNNING
from pycturestream.localstack.status import ServerStatus
from pycturestream.localstack.web_server import FIRST_PAGE, WebServer
from tests.unit.cli.test_serving_in_the_lan import run, served  # noqa: F401 - fixtures
from tests.waiting import eventually

LIVE_PAGE = "http://127.0.0.1:8090/live"


def test_it_is_open_only_if_asked_to_be(run, served):  # noqa: F811 - the fixtures
    assert run("serve", "--port", "0").status == 0
    assert served["is_open"] is False
    ended = run("serve", "--port", "0", "--open")
    assert served["is_open"] is True
    assert "/live, open to this machine" in ended.output


def test_it_is_not_open_to_a_network(run, served):  # noqa: F811
    ended = run("serve", "--open", "--lan")
    assert (ended.status, ended.errors.count("\n")) == (2, 1)
    assert "--open is for this machine alone" in ended.errors
    assert served == {}


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::"])  # noqa: S104 - it is refused
def test_it_is_open_only_on_a_loopback_address(run, served, host):  # noqa: F811
    ended = run("serve", "--open", "--host", host, "--port", "0")
    assert (ended.status, ended.errors.count("\n")) == (2, 1)
    assert f"{host} is not a loopback address" in ended.errors
    assert served == {}


@pytest.mark.parametrize("host", ["localhost", "127.0.0.7"])
def test_any_loopback_address_will_do(run, served, host):  # noqa: F811
    assert run("serve", "--open", "--host", host, "--port", "0").status == 0
    assert served["is_open"] is True


def has_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_the_address_of_ipv6_is_printed_as_browsers_take_it(run, served):  # noqa: F811
    ended = run("serve", "--open", "--host", "::1", "--port", "0")
    assert served["is_open"] is True
    assert ended.output.startswith("http://[::1]:")


def test_the_first_page_is_that_of_the_navigation():
    assert next(iter(NAVIGATION)) == FIRST_PAGE


@pytest.fixture
def pages(monkeypatch):
    """Whether the stack's pages can be opened."""
    pages = SimpleNamespace(ready=True)
    monkeypatch.setattr(up, "settings", Settings)
    monkeypatch.setattr(up, "is_running", lambda _server: pages.ready)
    monkeypatch.setattr(WebServer, "is_ready", lambda _server: pages.ready)
    return pages


def test_the_live_page_comes_before_all_other_addresses(pages):
    assert next(iter(addresses().items())) == ("live page", LIVE_PAGE)
    pages.ready = False
    assert "live page" not in addresses()


@pytest.mark.parametrize("healthy", [True, False])
def test_the_status_shows_it_where_it_can_be_opened(monkeypatch, capsys, healthy):
    monkeypatch.setattr(status, "settings", Settings)
    monkeypatch.setattr(status, "job_statuses", lambda _: [])
    row = ServerStatus("serve", 7, 8090, healthy, 210, "", is_optional=True)
    monkeypatch.setattr(status, "server_statuses", lambda _: [row])
    status.status()
    assert (f"live page: {LIVE_PAGE}" in capsys.readouterr().out) == healthy


@pytest.fixture
def opened(monkeypatch):
    """The addresses that a browser was given, by a browser with windows."""
    opened = []

    class Browser(webbrowser.BackgroundBrowser):
        def open(self, url, *_):
            opened.append(url)

    monkeypatch.delenv("BROWSER", raising=False)
    monkeypatch.setattr(webbrowser, "get", lambda: Browser("a-browser"))
    return opened


@pytest.mark.parametrize("message", [READY, RUNNING])
def test_the_browser_opens_it_as_soon_as_it_is_there(opened, message):
    table = demo._LiveTable(opens_page=True)
    for report in (("kafka", READY), ("serve", "starting")):
        table.report(*report)
    assert opened == []
    table.report("serve", message)
    assert eventually(lambda: opened == [LIVE_PAGE])
    table.close()


def test_no_browser_opens_unless_asked_for(opened):
    table = demo._LiveTable(opens_page=False)
    table.report("serve", READY)
    table.close()
    assert opened == []


def no_browser():
    raise webbrowser.Error("could not locate runnable browser")


@pytest.mark.parametrize(
    "get", [no_browser, lambda: webbrowser.GenericBrowser("lynx")], ids=["none", "in the terminal"]
)
def test_without_a_browser_the_address_is_one_line(monkeypatch, capsys, get):
    monkeypatch.delenv("BROWSER", raising=False)
    monkeypatch.setattr(webbrowser, "get", get)
    web_browser.open_in_browser(LIVE_PAGE)
    printed = capsys.readouterr().err
    assert printed == f"no browser can be opened from here: open {LIVE_PAGE} yourself\n"


def test_the_browser_that_somebody_chose_is_taken(monkeypatch, tmp_path):
    script, out = tmp_path / "mine", tmp_path / "address"
    script.write_text(f'#!/bin/sh\nprintf %s "$1" > {out}\n')
    script.chmod(0o700)
    monkeypatch.setitem(os.environ, "BROWSER", str(script))
    monkeypatch.setattr(webbrowser, "get", lambda: webbrowser.GenericBrowser(str(script)))
    web_browser.open_in_browser(LIVE_PAGE)
    assert eventually(lambda: out.exists() and out.read_text() == LIVE_PAGE)


def test_its_address_is_told_when_it_answers(capsys):
    up.progress()("serve", READY)
    assert f"ready: {LIVE_PAGE}" in capsys.readouterr().err
