"""`pycturestream dashboards publish` against an HTTP server that answers as Grafana does."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from pycturestream.cli.main import main
from pycturestream.dashboards.dashboard import dashboards

TOKEN = "glsa_3f1c_the_secret"  # noqa: S105 - what must never be printed


@dataclass
class Grafana:
    """A server on the loopback that keeps what it is sent."""

    url: str = ""
    status: int = 200
    answer: Any = None
    paths: list[str] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)


@pytest.fixture
def grafana() -> Iterator[Grafana]:
    kept = Grafana()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            kept.paths.append(self.path)
            kept.tokens.append(self.headers["Authorization"])
            kept.bodies.append(body)
            uid = body["dashboard"]["uid"]
            answer = (
                {"id": 1, "uid": uid, "url": f"/d/{uid}/x", "status": "success", "version": 1}
                if kept.status == 200
                else {"message": "Access denied"}
            )
            said = json.dumps(answer if kept.answer is None else kept.answer).encode()
            self.send_response(kept.status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    kept.url = f"http://127.0.0.1:{server.server_port}"
    yield kept
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass(frozen=True, slots=True)
class Done:
    status: int
    out: str
    err: str


Publish = Callable[..., Done]


@pytest.fixture
def publish(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Publish:
    def run(url: str, *more: str, token: str = TOKEN) -> Done:
        words = ["dashboards", "publish", "--url", url, "--token-env", "GRAFANA_TOKEN", *more]
        monkeypatch.setattr(sys, "argv", ["pycturestream", *words])
        monkeypatch.setenv("GRAFANA_TOKEN", token)
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Done(int(ended.value.code or 0), said.out, said.err)

    return run


UIDS = [dashboard["uid"] for dashboard in dashboards()]


def test_each_dashboard_is_handed_over_with_the_token(grafana: Grafana, publish: Publish):
    done = publish(grafana.url)

    assert done.status == 0, done.err
    assert set(grafana.paths) == {"/api/dashboards/db"}
    assert set(grafana.tokens) == {f"Bearer {TOKEN}"}
    assert [body["dashboard"]["uid"] for body in grafana.bodies] == UIDS
    for body in grafana.bodies:
        assert f"{grafana.url}/d/{body['dashboard']['uid']}" in done.out


def test_publishing_again_replaces_the_same_dashboards(grafana: Grafana, publish: Publish):
    publish(grafana.url)
    first = list(grafana.bodies)

    publish(grafana.url)

    assert grafana.bodies[len(first) :] == first
    # Grafana finds the one to replace by its uid where there is no id of its own database.
    assert all(body["overwrite"] and body["dashboard"]["id"] is None for body in first)


def test_a_grafana_below_a_path_is_reached(grafana: Grafana, publish: Publish):
    done = publish(f"{grafana.url}/grafana/", "--json")

    assert set(grafana.paths) == {"/grafana/api/dashboards/db"}
    assert [json.loads(line)["uid"] for line in done.out.splitlines()] == UIDS


def test_a_token_without_the_right_is_one_line(grafana: Grafana, publish: Publish):
    grafana.status = 403

    done = publish(grafana.url)

    assert done.status == 1
    assert len(done.err.splitlines()) == 1
    assert "Access denied" in done.err


def test_a_grafana_that_does_not_answer_is_one_line(publish: Publish):
    done = publish("http://127.0.0.1:1")  # a port below 1024 that nothing listens on

    assert done.status == 1
    assert len(done.err.splitlines()) == 1
    assert "http://127.0.0.1:1" in done.err


@pytest.mark.parametrize("answer", [{"status": "green"}, ["a", "list"], 1])
def test_another_server_is_no_grafana(grafana: Grafana, publish: Publish, answer: Any):
    grafana.answer = answer

    done = publish(grafana.url)

    assert done.status == 1
    assert len(done.err.splitlines()) == 1
    assert f"no Grafana answers at {grafana.url}" in done.err


@pytest.mark.parametrize(
    "url", ["localhost:3000", "ftp://localhost", "http://", "http://localhost:99999"]
)
def test_an_invalid_address_is_wrong_use(url: str, publish: Publish):
    done = publish(url)

    assert done.status == 2
    assert len(done.err.splitlines()) == 1


def test_a_missing_token_is_wrong_use(grafana: Grafana, publish: Publish):
    done = publish(grafana.url, token="")

    assert done.status == 2
    assert "GRAFANA_TOKEN is not set" in done.err
    assert grafana.paths == []


@pytest.mark.parametrize("status", [200, 401, 500])
def test_the_token_is_never_printed(grafana: Grafana, publish: Publish, status: int):
    grafana.status = status

    done = publish(grafana.url)

    assert set(grafana.tokens) == {f"Bearer {TOKEN}"}
    assert TOKEN not in done.out + done.err
