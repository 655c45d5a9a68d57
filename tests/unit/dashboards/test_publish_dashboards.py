"""`pycturestream dashboards publish`, and the comparison of `check`, against an HTTP server that
answers as Grafana does.

What it is sent and what it answers is held against Grafana's description of its API.
"""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from pycturestream.cli import dashboards as command
from pycturestream.cli.main import main
from pycturestream.dashboards.dashboard import dashboards, with_web_address
from tests.unit.dashboards.grafana_api import REQUESTS, RESPONSES, faults

TOKEN = "glsa_3f1c_the_secret"  # noqa: S105 - what must never be printed
AT = "2026-11-21T12:00:00Z"


@dataclass
class Grafana:
    """A server on the loopback that keeps what it is sent, and the dashboards by uid."""

    url: str = ""
    status: int = 200
    answer: Any = None
    """Something that no Grafana answers, in place of what it would."""
    paths: list[str] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    saved: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    """Where a request or an answer is not as Grafana describes it."""

    def respond(self, path: str, body: Any) -> tuple[int, Any]:
        """Return the status and the body of the answer to a request."""
        uid = path.rpartition("/")[2]
        if body is None:
            name = "GET /dashboards/uid/{uid}"
            status = self.status if self.status != 200 or uid in self.saved else 404
        else:
            name, status = "POST /dashboards/db", self.status
        self.faults += faults(REQUESTS[name], body)
        if status != 200:
            messages = {403: "Access denied", 404: "Dashboard not found"}
            said: Any = {"message": messages.get(status, "something is wrong")}
        elif body is None:
            meta = {"slug": "x", "url": f"/d/{uid}/x", "version": 1, "created": AT, "canSave": True}
            said = {"dashboard": self.saved[uid], "meta": meta}
        else:
            said = self._save(body["dashboard"])
        self.faults += faults(RESPONSES[name][status], said)
        return status, said if self.answer is None else self.answer

    def _save(self, dashboard: Any) -> Any:
        uid = dashboard["uid"]
        before = self.saved.get(uid, {"id": len(self.saved) + 1, "version": 0})
        version = before["version"] + 1
        self.saved[uid] = dashboard | {"id": before["id"], "version": version}
        return {
            "id": before["id"],
            "uid": uid,
            "url": f"/d/{uid}/x",
            "title": "x",
            "status": "success",
            "version": version,
        }


@pytest.fixture
def grafana() -> Iterator[Grafana]:
    kept = Grafana()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(None)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            kept.bodies.append(body)
            self._answer(body)

        def _answer(self, body: Any) -> None:
            kept.paths.append(self.path)
            kept.tokens.append(self.headers["Authorization"])
            status, answer = kept.respond(self.path, body)
            said = json.dumps(answer).encode()
            self.send_response(status)
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
    assert kept.faults == []


@dataclass(frozen=True, slots=True)
class Done:
    status: int
    out: str
    err: str


Publish = Callable[..., Done]


@pytest.fixture
def run_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Publish:
    def run(*words: str, token: str = TOKEN) -> Done:
        monkeypatch.setattr(sys, "argv", ["pycturestream", "dashboards", *words])
        monkeypatch.setenv("GRAFANA_TOKEN", token)
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Done(int(ended.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def publish(run_command: Publish) -> Publish:
    def run(url: str, *more: str, token: str = TOKEN) -> Done:
        words = ("publish", "--url", url, "--token-env", "GRAFANA_TOKEN", *more)
        return run_command(*words, token=token)

    return run


@pytest.fixture
def compare(run_command: Publish, monkeypatch: pytest.MonkeyPatch) -> Publish:
    """Run the check of dashboards that have no panels: only what is published is compared."""
    monkeypatch.setattr(command, "check_panels", lambda *_: iter(()))

    def run(url: str, *more: str) -> Done:
        return run_command("check", "--grafana", url, "--token-env", "GRAFANA_TOKEN", *more)

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
    "url", ["localhost:3000", "ftp://localhost", "http://", "http://localhost:99999", "http://["]
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


def test_links_lead_to_the_web_address(grafana: Grafana, publish: Publish):
    publish(grafana.url, "--web-address", "https://cameras.example.org/")

    for body in grafana.bodies:
        (web,) = [v for v in body["dashboard"]["templating"]["list"] if v["name"] == "web"]
        assert web["query"] == web["current"]["value"] == "https://cameras.example.org"


def test_without_it_links_lead_to_that_of_the_settings(
    grafana: Grafana, publish: Publish, monkeypatch: pytest.MonkeyPatch
):
    chosen = command.settings().model_copy(update={"web_address": "http://gate.example:8090"})
    monkeypatch.setattr(command, "settings", lambda: chosen)

    publish(grafana.url)

    wanted = [with_web_address(d, "http://gate.example:8090") | {"id": None} for d in dashboards()]
    assert [body["dashboard"] for body in grafana.bodies] == wanted


@pytest.mark.parametrize(
    "web",
    [
        *("javascript:alert(1)", "cameras", "http://me:secret@host", "", "http://["),
        *("https://host:99999", "https://a host", "https://host/?a=1", "https://host/#a"),
    ],
)
def test_a_link_leads_only_to_an_address_of_the_web(grafana: Grafana, publish: Publish, web: str):
    done = publish(grafana.url, "--web-address", web)

    assert done.status == 2
    assert "--web-address" in done.err
    assert grafana.paths == []


def test_a_setting_that_is_no_address_is_named(publish: Publish, monkeypatch: pytest.MonkeyPatch):
    chosen = command.settings().model_copy(update={"web_address": "http://["})
    monkeypatch.setattr(command, "settings", lambda: chosen)

    done = publish("http://127.0.0.1:1")

    assert done.status == 2
    assert "PYCTURESTREAM_WEB_ADDRESS" in done.err


def test_what_was_published_is_as_in_the_files(
    grafana: Grafana, publish: Publish, compare: Publish
):
    publish(grafana.url)
    publish(grafana.url)  # its version has grown

    done = compare(grafana.url, "--json")

    assert done.status == 0, done.err
    assert {json.loads(line)["published"] for line in done.out.splitlines()} == {"same"}
    assert set(grafana.tokens) == {f"Bearer {TOKEN}"}


def test_a_dashboard_that_is_not_published_is_missing(grafana: Grafana, compare: Publish):
    done = compare(grafana.url, "--json")

    assert done.status == 1
    assert {json.loads(line)["published"] for line in done.out.splitlines()} == {"missing"}
    assert len(done.err.splitlines()) == 1
    assert "dashboards publish" in done.err


def change_query(dashboard: Any) -> None:
    dashboard["panels"][1]["targets"][0]["query"] = "*"


def remove_panel(dashboard: Any) -> None:
    dashboard["panels"].pop(1)


def add_panel(dashboard: Any) -> None:
    dashboard["panels"].append(dashboard["panels"][1] | {"id": 99, "title": "My own"})


def change_refresh(dashboard: Any) -> None:
    dashboard["refresh"] = "5s"


def add_field(dashboard: Any) -> None:
    dashboard["panels"][1]["options"]["wide"] = True


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (change_query, "panel 'Raised': targets[0].query"),
        (remove_panel, "panel 'Raised' is missing"),
        (add_panel, "panel 'My own' is in no file"),
        (change_refresh, "refresh"),
        (add_field, "panel 'Raised': options.wide"),
    ],
)
def test_what_was_changed_in_the_browser_is_named(
    grafana: Grafana,
    publish: Publish,
    compare: Publish,
    change: Callable[[Any], None],
    place: str,
):
    publish(grafana.url)
    change(grafana.saved["pycturestream-alerts"])

    done = compare(grafana.url, "--json")

    lines = [json.loads(line) for line in done.out.splitlines()]
    (other,) = [line for line in lines if line["published"] != "same"]
    assert other == {
        "dashboard": "PyctureStream alerts",
        "published": "differs",
        "differences": [place],
    }
    assert done.status == 1
    assert "PyctureStream alerts" in done.err
    assert "PyctureStream overview" not in done.err


def test_another_web_address_is_a_difference(grafana: Grafana, publish: Publish, compare: Publish):
    publish(grafana.url, "--web-address", "https://old.example.org")

    done = compare(grafana.url, "--web-address", "https://new.example.org")

    assert done.status == 1
    assert "templating" in " ".join(done.out.split())


@pytest.mark.parametrize("status", [401, 403, 500])
def test_what_grafana_does_not_show_is_one_line(grafana: Grafana, compare: Publish, status: int):
    grafana.status = status

    done = compare(grafana.url)

    assert done.status == 1
    assert len(done.err.splitlines()) == 1
    assert "Grafana does not show" in done.err
    assert TOKEN not in done.err


@pytest.mark.parametrize(
    "answer", [{"status": "green"}, ["a", "list"], {"dashboard": 1}, {"dashboard": {"panels": [1]}}]
)
def test_another_server_has_nothing_to_compare(grafana: Grafana, compare: Publish, answer: Any):
    grafana.saved = {uid: {} for uid in UIDS}
    grafana.answer = answer

    done = compare(grafana.url)

    assert done.status == 1
    assert f"no Grafana answers at {grafana.url}" in done.err


def test_a_comparison_needs_a_token(grafana: Grafana, run_command: Publish):
    done = run_command("check", "--grafana", grafana.url)

    assert done.status == 2
    assert "--grafana needs --token-env" in done.err
    assert grafana.paths == []


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("POST /dashboards/db", {"dashboards": {}}),
        ("POST /dashboards/db", {"dashboard": {}, "overwrite": "yes"}),
        ("GET /dashboards/uid/{uid}", {}),
    ],
)
def test_a_request_that_grafana_does_not_describe_would_be_found(name: str, body: Any):
    assert faults(REQUESTS[name], body)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("POST /dashboards/db", {"uid": "a", "url": "/d/a"}),
        ("GET /dashboards/uid/{uid}", {"dashboard": {}, "meta": {"version": "1"}}),
        ("GET /dashboards/uid/{uid}", {"dashboard": {}, "created": AT}),
    ],
)
def test_an_answer_that_grafana_does_not_describe_would_be_found(name: str, body: Any):
    assert faults(RESPONSES[name][200], body)
