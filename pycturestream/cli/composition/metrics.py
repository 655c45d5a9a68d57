"""What the services export for Prometheus; docs/metrics.md lists it.

Everything is read when Prometheus asks: services keep these numbers anyway.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from producers.publish_accounting import PublishCounts
from pycturestream.api.answer_counts import AnswerKind
from pycturestream.config.settings import Settings
from pycturestream.domain.times import Millis
from pycturestream.logging_setup import get_logger
from pycturestream.notifications.notification_store import EntryState
from pycturestream.pictures.live_sink import AGES_S, LiveSink

_log = get_logger(__name__)

Collect = Callable[[], Iterable[Metric]]
"""Returns the metrics as they are now. Called in a thread of its own."""


class CountedCamera(Protocol):
    """What is asked of a camera that is published."""

    camera_id: str

    @property
    def silent_since(self) -> Millis | None:
        """Since when it has given no picture; None where none is due."""
        ...

    def counts(self) -> PublishCounts: ...


@contextmanager
def exported(settings: Settings, port: int, collect: Collect) -> Iterator[None]:
    """Answer Prometheus at this port during the block, if the settings say so.

    A port that is taken is logged: a service is worth more than its metrics.
    """
    if not settings.metrics:
        yield
        return
    registry = CollectorRegistry()
    registry.register(_Collector(collect))
    host = settings.metrics_host or settings.host
    try:
        server, thread = start_http_server(port, addr=host, registry=registry)
    except OSError as error:
        _log.warning(f"no metrics at {host}:{port}: {error.strerror}", port=port)
        yield
        return
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Collector(Collector):
    def __init__(self, collect: Collect) -> None:
        self._collect = collect

    def collect(self) -> Iterable[Metric]:
        return self._collect()


def camera_metrics(cameras: Sequence[CountedCamera]) -> Iterable[Metric]:
    """Return the metrics of `run`, by camera: as many as its file has."""
    prefix = "pycturestream_camera_"
    published = CounterMetricFamily(
        f"{prefix}pictures_published",
        "Pictures that the broker has acknowledged",
        labels=("camera_id",),
    )
    dropped = CounterMetricFamily(
        f"{prefix}pictures_dropped",
        "Pictures that were dropped before the broker",
        labels=("camera_id", "reason"),
    )
    newest = GaugeMetricFamily(
        f"{prefix}newest_picture_timestamp_seconds",
        "When the newest published picture was taken, or publishing began; only where one is due",
        labels=("camera_id",),
    )
    for camera in cameras:
        counts = camera.counts()
        published.add_metric((camera.camera_id,), counts.published)
        for reason, number in sorted(counts.dropped.items()):
            dropped.add_metric((camera.camera_id, reason), number)
        if (since := camera.silent_since) is not None:
            newest.add_metric((camera.camera_id,), since / 1000)
    return published, dropped, newest


def message_metrics(counts: Mapping[EntryState, int]) -> Iterable[Metric]:
    """Return the metrics of `notify`, from the number of messages in each state."""
    messages = GaugeMetricFamily(
        "pycturestream_alert_messages", "Messages in the store, by their state", labels=("state",)
    )
    for state, number in counts.items():
        messages.add_metric((state,), number)
    return (messages,)


def eye_metrics(connections: int) -> Iterable[Metric]:
    """Return the metrics of `serve` about the seeing aid."""
    return (
        GaugeMetricFamily(
            "pycturestream_eye_connections",
            "Phones of the seeing aid that are connected",
            value=connections,
        ),
    )


def live_page_metrics(pages: int) -> Iterable[Metric]:
    """Return the metrics of `serve` about the live pages."""
    return (
        GaugeMetricFamily(
            "pycturestream_live_pages", "Live pages that are open in browsers", value=pages
        ),
    )


def live_picture_metrics(live: LiveSink) -> Iterable[Metric]:
    """Return the metrics of `pictures`, from copies of what another thread counts."""
    prefix = "pycturestream_live_picture"
    pictures = CounterMetricFamily(
        f"{prefix}s", "What became of frames of cameras that somebody looks at", labels=("outcome",)
    )
    for outcome, number in sorted(live.counts.copy().items()):
        pictures.add_metric((outcome,), number)
    ages, below, buckets = live.ages.copy(), 0, []
    for bound in AGES_S:
        below += ages[bound]
        buckets.append((str(bound), below))
    buckets.append(("+Inf", ages.total()))
    return (
        pictures,
        HistogramMetricFamily(
            f"{prefix}_age_seconds",
            "From capture until a live picture was published",
            buckets=buckets,
            sum_value=live.ages_sum_s,
        ),
        CounterMetricFamily(
            f"{prefix}_processor_seconds",
            "Processor time that live pictures have taken",
            value=live.processor_s,
        ),
    )


def answer_metrics(counts: Mapping[AnswerKind, int]) -> Iterable[Metric]:
    """Return the metrics of `serve` about the requests that it has answered."""
    answers = CounterMetricFamily(
        "pycturestream_http_answers",
        "Requests that were answered, by what was asked for and how",
        labels=AnswerKind._fields,
    )
    for answered, number in sorted(counts.items()):
        answers.add_metric(answered, number)
    return (answers,)
