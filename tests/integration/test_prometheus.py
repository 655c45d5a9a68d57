"""The queries of the dashboards and the alert rules in a real Prometheus, where one is installed.

What it scrapes has every metric that docs/metrics.md lists, as Flink's reporter writes them;
tests/unit/test_metrics.py holds that list against the code.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
import requests

from pycturestream.config.settings import Settings
from pycturestream.dashboards.check import _count_series
from pycturestream.dashboards.dashboard import Panel, dashboards, panels
from pycturestream.domain.times import Millis
from pycturestream.localstack.launch import halt, launch
from pycturestream.localstack.prometheus import PrometheusServer, is_installed
from tests.unit.test_metrics import OPERATOR, documented

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not is_installed(), reason="Prometheus is not installed"),
]

JOBS = {
    "detection": ("Source: read-frames", "detect", "track", "narrate"),
    "serving-redis": ("Source: read-log", "write-redis"),
    "serving-elasticsearch": ("Source: read-log", "write-elasticsearch"),
}
LABEL_VALUES = {
    "le": ("100", "5000", "+Inf"),
    "reason": ("stale", "duplicate"),
    "topic": ("detections",),
    "event": ("offline", "online"),
}
PANELS = {
    f"{dashboard['title']}: {panel.title}": panel
    for dashboard in dashboards()
    for panel in panels(dashboard)
    if panel.source.kind == "prometheus"
}
WAIT_S = 60


class QuickPrometheus(PrometheusServer):
    """Scrapes every second, so that rates are there after a few."""

    def configuration(self) -> dict[str, Any]:
        configuration = super().configuration()
        configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        return configuration


@dataclass
class Exporter:
    """What Flink's reporter answers; each answer has counted further."""

    scrapes: int = 0

    def text(self) -> str:
        self.scrapes += 1
        return "\n".join(self.lines()) + "\n"

    def lines(self) -> Iterator[str]:
        for name, (_, kind, _, labels, *_rest) in documented("Operators").items():
            label = labels.strip("`") if labels else ""
            for job, operators in JOBS.items():
                own = f'job_name="{job}",operator_name="{operators[-1]}"'
                if kind == "histogram":
                    yield f"{name}_sum{{{own}}} {150 * self.scrapes}"
                    yield f"{name}_count{{{own}}} {self.scrapes}"
                    name_of_label, parts = f"le_{name.removeprefix(OPERATOR)}_bucket", "le"
                elif label:
                    name_of_label, parts = f"{label}_{name.removeprefix(OPERATOR)}", label
                else:
                    yield f"{name}{{{own}}} {self.scrapes}"
                    continue
                for value in LABEL_VALUES[parts]:
                    yield f'{OPERATOR}{name_of_label}{{{own},{parts}="{value}"}} {self.scrapes}'
        for name in documented("Flink's own"):
            for job, (source, *_) in JOBS.items():
                own = f'job_name="{job}",operator_name="{source}",task_name="{source}",tm_id="one"'
                yield f"{name}{{{own}}} {self.scrapes}"


@pytest.fixture(scope="module")
def prometheus(module_settings: Settings) -> Iterator[str]:
    """The address of a Prometheus of the local stack's, beside a Flink that only exports."""
    exporter = Exporter()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = exporter.text().encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    ports = module_settings.ports
    flink = ThreadingHTTPServer(("127.0.0.1", ports.taskmanager_metrics), Handler)
    thread = Thread(target=flink.serve_forever)
    thread.start()
    server = QuickPrometheus(module_settings)
    try:
        launch(server)
        yield f"http://{module_settings.host}:{ports.prometheus}"
    finally:
        halt(server)
        flink.shutdown()
        thread.join()
        flink.server_close()


def until(something: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + WAIT_S
    while not (found := something()):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return found


@pytest.mark.parametrize("panel", PANELS.values(), ids=PANELS)
def test_every_panel_has_something_to_show(prometheus: str, panel: Panel):
    def shown() -> int:
        now = time.time_ns() // 1_000_000
        return _count_series(prometheus, panel, panel.span(Millis(now - 300_000), now))

    assert until(shown) >= len(panel.targets)


def test_percentiles_are_those_of_the_buckets(prometheus: str):
    (panel,) = [p for name, p in PANELS.items() if name.endswith("Capture to Redis")]
    expr = panel.targets[0]["expr"]

    def value() -> float | None:
        answer = requests.get(f"{prometheus}/api/v1/query", params={"query": expr}, timeout=10)
        found = answer.json()["data"]["result"]
        return float(found[0]["value"][1]) if found else None

    # Each bucket has all values: so half of them are in the lower half of the first one.
    assert until(value) == pytest.approx(50)


def test_a_server_that_does_not_answer_fires(prometheus: str):
    def firing() -> set[str]:
        alerts = requests.get(f"{prometheus}/api/v1/alerts", timeout=10).json()["data"]["alerts"]
        return {alert["labels"]["alertname"] for alert in alerts}

    # There is no job manager at its port; it is pending until it was so for a minute.
    assert "FlinkDown" in until(firing)


def test_all_rules_are_healthy(prometheus: str):
    def rules() -> list[dict[str, Any]]:
        groups = requests.get(f"{prometheus}/api/v1/rules", timeout=10).json()["data"]["groups"]
        found = [rule for group in groups for rule in group["rules"]]
        return found if found and all(r["health"] != "unknown" for r in found) else []

    assert {rule["health"] for rule in until(rules)} == {"ok"}
