"""`pycturestream serve` as a process: it answers, says what is wrong, and ends with Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx2
import pytest

from pycturestream.api.tokens import Tokens
from pycturestream.clock import SystemClock
from pycturestream.config.private_files import private_folder
from pycturestream.config.settings import PROJECT_FOLDER, Settings
from tests.waiting import eventually


@pytest.fixture
def serve(tmp_path):
    """Yield what starts the command, with no store to ask; none outlives the test."""
    started = []

    def serve(*words, **environment):
        process = subprocess.Popen(
            [sys.executable, "-m", "pycturestream.cli.main", "serve", *words],
            env={
                **os.environ,
                "PYCTURESTREAM_DATA_FOLDER": str(tmp_path),
                "PYCTURESTREAM_KAFKA_SERVERS": "127.0.0.1:1",
                "PYCTURESTREAM_ELASTICSEARCH_ADDRESS": "http://127.0.0.1:1",
                "PYCTURESTREAM_STORE_TIMEOUT_MS": "500",
                "COLUMNS": "200",
                **environment,
            },
            cwd=PROJECT_FOLDER,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield serve
    for process in started:
        with process:
            process.kill()


def test_it_answers_on_loopback_and_ends_with_ctrl_c(serve):
    process = serve("--port", "0")
    address = process.stdout.readline().partition("/live")[0]
    assert address.startswith("http://127.0.0.1:")

    answer = httpx2.get(f"{address}/health")
    assert answer.json() == {"status": "ok"}
    assert "server" not in answer.headers
    assert httpx2.get(f"{address}/api/alerts").status_code == 401
    assert httpx2.get(f"{address}/link/secret").status_code == 404

    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert "secret" not in output + errors


def test_it_has_pages_while_every_server_is_away(serve):
    process = serve("--port", "0", "--open")
    address = process.stdout.readline().partition("/live")[0]
    browser = {"Accept": "text/html"}

    page = httpx2.get(f"{address}/nowhere", headers=browser)
    assert page.status_code == 404
    assert '<nav aria-label="Pages">' in page.text
    assert httpx2.get(f"{address}/assets/base.css").status_code == 200
    away = httpx2.get(f"{address}/api/cameras")
    assert away.status_code == 503
    assert away.json()["detail"] == "Kafka does not answer: try again in a minute"
    assert httpx2.get(f"{address}/api/alerts").status_code == 503


class Elasticsearch(BaseHTTPRequestHandler):
    """Is asked, and has nothing to say."""

    def do_POST(self):
        self.server.asked.append(self.path)
        self.send_response(503)
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


def test_it_looks_for_the_alert_rates_of_the_last_days_by_itself(serve):
    with ThreadingHTTPServer(("127.0.0.1", 0), Elasticsearch) as server:
        server.asked = []
        Thread(target=server.serve_forever).start()
        address = f"http://127.0.0.1:{server.server_port}"
        process = serve("--port", "0", PYCTURESTREAM_ELASTICSEARCH_ADDRESS=address)
        asked = eventually(lambda: any("/alerts/_search" in path for path in server.asked))
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
        server.shutdown()

    assert asked
    assert process.returncode == 130
    assert "rates" not in output + errors  # the first failure is none


def test_a_port_that_is_taken_is_one_line_that_says_what_to_do(serve):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        output, errors = serve("--port", str(port)).communicate(timeout=60)
    assert (output, errors.count("\n")) == ("", 1)
    assert f"can't listen on 127.0.0.1:{port}" in errors


def test_recipients_of_a_file_are_listed_and_tested(serve, tmp_path):
    file = tmp_path / "recipients.yaml"
    file.write_text("recipients: [{name: watch, mail: watch@example.org}]")
    _, text = Tokens(private_folder(Settings(data_folder=tmp_path)) / "tokens.json").create(
        "guard", SystemClock().now(), 60_000
    )
    headers = {"Authorization": f"Bearer {text}"}
    process = serve("--port", "0", "--recipients", str(file))
    address = process.stdout.readline().partition("/live")[0]

    listed = httpx2.get(f"{address}/api/recipients", headers=headers).json()
    assert [(one["name"], one["channels"]) for one in listed] == [("watch", ["mail"])]
    tested = httpx2.post(f"{address}/api/recipients/watch/test", headers=headers)
    assert tested.status_code == 502
    assert tested.json()["refused"] == {"mail": "PYCTURESTREAM_SMTP_HOST names no mail server"}

    file.write_text("recipients: [")
    assert httpx2.get(f"{address}/api/recipients", headers=headers).json() == listed
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert "the recipients from before its change stay in force" in output


def test_a_file_of_recipients_with_a_mistake_is_one_line_by_its_place(serve, tmp_path):
    file = tmp_path / "recipients.yaml"
    file.write_text("recipients: [{name: watch}]")
    process = serve("--port", "0", "--recipients", str(file))
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output, errors.count("\n")) == (1, "", 1)
    assert f"{file}:1: recipients[0]" in errors
