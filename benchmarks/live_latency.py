"""How old a live result is when a subscriber of Redis hears of it."""

import time
from collections.abc import Iterator
from statistics import quantiles

from pycturestream.settings import Settings
from pycturestream.times import parse_rfc3339
from stores.redis_view import RedisView


def listen(settings: Settings, seconds: float) -> list[float]:
    """Return the milliseconds from capture to hearing of all results in this time."""
    captured = _captured(RedisView(settings), time.monotonic() + seconds)
    return [time.time() * 1000 - captured_at for captured_at in captured]


def percentiles(ages: list[float]) -> dict[str, float]:
    """Return p50, p95 and p99 in milliseconds."""
    cuts = quantiles(ages, n=100, method="inclusive")
    return {name: round(cuts[int(name[1:]) - 1]) for name in ("p50", "p95", "p99")}


def _captured(view: RedisView, end: float) -> Iterator[int]:
    """Yield the capture time of each detections record that is pushed until then."""
    for pushed in view.listen(None, tick_s=0.2):
        if time.monotonic() > end:
            return
        if pushed is not None and "objects" in pushed.record:
            yield parse_rfc3339(pushed.record["captured_at"])
