"""What services export for Prometheus, asked for as Prometheus does."""

import socket
from collections import Counter
from dataclasses import dataclass, field

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from producers.publish_accounting import PublishCounts
from pycturestream.cli.composition.metrics import (
    camera_metrics,
    exported,
    eye_metrics,
    live_picture_metrics,
    message_metrics,
)
from pycturestream.config.settings import Settings


@dataclass
class Camera:
    camera_id: str
    published: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    silent_since: int | None = None

    def counts(self) -> PublishCounts:
        return PublishCounts(published=self.published, dropped=self.dropped)


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def samples(port):
    text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_numbers_are_those_of_the_moment_in_which_prometheus_asks(port):
    gate = Camera("gate")
    with exported(Settings(metrics=True), port, lambda: camera_metrics([gate, Camera("yard")])):
        before = samples(port)
        gate.published, gate.dropped, gate.silent_since = 7, {"no-motion": 2}, 1_700_000_000_500
        after = samples(port)

    prefix = "pycturestream_camera_"
    assert before == {(f"{prefix}pictures_published_total", name): 0 for name in ("gate", "yard")}
    assert after == {
        (f"{prefix}pictures_published_total", "gate"): 7,
        (f"{prefix}pictures_published_total", "yard"): 0,
        (f"{prefix}pictures_dropped_total", "gate", "no-motion"): 2,
        (f"{prefix}newest_picture_timestamp_seconds", "gate"): 1_700_000_000.5,
    }


def test_messages_and_connections_are_exported(port):
    def collect():
        return [*message_metrics({"waiting": 3, "sent": 40}), *eye_metrics(2)]

    with exported(Settings(metrics=True), port, collect):
        found = samples(port)

    assert found == {
        ("pycturestream_alert_messages", "waiting"): 3,
        ("pycturestream_alert_messages", "sent"): 40,
        ("pycturestream_eye_connections",): 2,
    }


@dataclass
class Live:
    """What the sink of live pictures counts."""

    counts: Counter[str]
    ages: Counter[float]
    ages_sum_s: float = 0.9
    processor_s: float = 0.5


def test_live_pictures_are_exported_with_their_ages(port):
    live = Live(Counter(small=3, late=1), Counter({0.3: 1, 0.5: 1, float("inf"): 1}))
    with exported(Settings(metrics=True), port, lambda: live_picture_metrics(live)):
        found = samples(port)

    prefix = "pycturestream_live_picture"
    assert found[f"{prefix}s_total", "small"] == 3
    assert found[f"{prefix}s_total", "late"] == 1
    ages = {bound: found[f"{prefix}_age_seconds_bucket", bound] for bound in ("0.2", "0.3", "10.0")}
    assert ages == {"0.2": 0, "0.3": 1, "10.0": 2}
    assert found[f"{prefix}_age_seconds_bucket", "+Inf"] == 3
    assert found[f"{prefix}_age_seconds_count",] == 3
    assert found[f"{prefix}_age_seconds_sum",] == 0.9
    assert found[f"{prefix}_processor_seconds_total",] == 0.5


def test_without_the_setting_nothing_listens(port):
    with (
        exported(Settings(), port, lambda: eye_metrics(0)),
        socket.create_server(("127.0.0.1", port)),
    ):
        pass


def test_a_port_that_is_taken_does_not_stop_the_service(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with exported(Settings(metrics=True), port, lambda: eye_metrics(0)):
            reached = True

    assert reached
    assert f"no metrics at 127.0.0.1:{port}" in "".join(capsys.readouterr())


def test_the_port_is_free_again_afterwards(port):
    for _ in range(2):
        with exported(Settings(metrics=True), port, lambda: eye_metrics(1)):
            assert samples(port)
