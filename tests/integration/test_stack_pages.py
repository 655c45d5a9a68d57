"""The pages of the local stack, as a server of it: without Kafka, Redis and Elasticsearch."""

import os
import signal
from pathlib import Path

import psutil
import pytest
import requests

from pycturestream.api.tokens import tokens_of
from pycturestream.clock import now
from pycturestream.domain.times import DAY_MS
from pycturestream.localstack import processes
from pycturestream.localstack.launch import launch
from pycturestream.localstack.stack import Supervisor, stop_stack
from pycturestream.localstack.web_server import WebServer
from tests.waiting import eventually

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def pages(module_settings):
    server = WebServer(module_settings)
    launch(server)
    launch(Supervisor(module_settings))
    yield server
    stop_stack(module_settings)


@pytest.fixture
def address(pages):
    return pages.live_page.removesuffix("/live")


def process(pages):
    record = processes.read_process_record(pages.settings.data_folder.resolve(), pages.name)
    return psutil.Process(record.pid)


def test_this_machine_needs_no_token_and_others_do(address):
    assert requests.get(f"{address}/sign-in", allow_redirects=False, timeout=10).status_code == 303
    other = {"Host": "evil.example"}
    assert requests.get(f"{address}/api/silences", headers=other, timeout=10).status_code == 401


def test_a_token_that_is_made_meanwhile_opens_as_much_as_it_says(pages, address):
    _, text = tokens_of(pages.settings).create("guard", now(), DAY_MS, cameras=["gate"])
    path = f"{address}/api/alerts"
    token = {"Authorization": f"Bearer {text}"}
    answer = requests.get(path, params={"camera": "door"}, headers=token, timeout=10)
    assert answer.status_code == 403
    wrong = {"Authorization": f"Bearer {text}0"}
    assert requests.get(path, headers=wrong, timeout=10).status_code == 401


def test_it_has_no_right_of_roots_and_keeps_what_it_writes_to_itself(pages):
    running = process(pages)
    assert 0 not in running.uids() or os.geteuid() != 0
    folder = pages.settings.data_folder / "web"
    files = [path for path in folder.iterdir() if path.suffix != ".lock"]
    assert {path.name for path in files} >= {"link-secret", "eye-key"}
    for path in (folder, *files):
        assert path.stat().st_mode & 0o077 == 0
        assert path.stat().st_uid == running.uids().real
    status = Path(f"/proc/{running.pid}/status").read_text("ascii")
    assert "NoNewPrivs:\t1" in status or os.geteuid() != 0


def test_it_comes_back_when_it_is_killed(pages):
    killed = process(pages)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait(10)
    assert eventually(pages.is_ready)
    assert process(pages).pid != killed.pid
