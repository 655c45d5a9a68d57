"""`pycturestream watch`: what the cameras see, as it happens."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from threading import Event
from typing import Annotated, Any

import redis
import typer
from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.formatting import when
from pycturestream.cli.output import AsJson, console, errors, print_json
from pycturestream.clock import now
from pycturestream.config.settings import settings
from pycturestream.contracts.detection_words import in_view, threats
from pycturestream.domain.times import format_span, parse_rfc3339
from pycturestream.localstack.supervision import supervision
from pycturestream.stores.redis_view import CameraView, Pushed, RedisView

REDRAW_S = 0.2
"""Five times a second looks immediate, and costs little."""
RETRY_S = 1.0
"""How often a Redis that does not answer is tried again."""
COLUMNS = ("camera", "last seen", "in view", "alerts", "narration", "latency")


def watch_command(
    camera: Annotated[str | None, typer.Argument(help="Only this camera.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show what the cameras see, until Ctrl-C; in a pipe, print one line per record.

    Example: `pycturestream watch`
    """
    watch([camera] if camera else None, as_json=as_json)


def watch(
    cameras: Sequence[str] | None,
    *,
    as_json: bool = False,
    starting: Callable[[], Sequence[str]] = lambda: (),
    until: Event | None = None,
) -> None:
    """Show these cameras (None: all) until KeyboardInterrupt, or until the event is set.

    `starting` returns lines about what is not ready yet, which are shown below the table.
    """
    until = until or Event()
    with error_mapping(settings()), closing(RedisView(settings())) as view:
        if console.is_terminal and not as_json:
            _draw(view, cameras, starting, until)
        else:
            _stream(view, cameras, starting, until, as_json=as_json)


def _draw(
    view: RedisView,
    cameras: Sequence[str] | None,
    starting: Callable[[], Sequence[str]],
    until: Event,
) -> None:
    """Redraw the table when a record is pushed, and every second to update ages.

    Once there is a table, it stays while Redis does not answer.
    """
    with Live(console=console, auto_refresh=False) as live:
        views: Sequence[CameraView] | None = None
        drawn_at = 0.0
        while not until.is_set():
            try:
                for _ in view.listen(cameras, tick_s=1.0):
                    if until.is_set():
                        return
                    if time.monotonic() - drawn_at >= REDRAW_S:
                        views = view.overview(cameras)
                        # Nobody supervises what is being started.
                        lines = starting() or supervision(settings())
                        live.update(_screen(views, lines), refresh=True)
                        drawn_at = time.monotonic()
            except (redis.ConnectionError, redis.TimeoutError):
                if views is None:
                    raise
                lines = starting() or supervision(settings())
                lines = lines or ["Redis: does not answer; trying again"]
                live.update(_screen(views, lines), refresh=True)
                time.sleep(RETRY_S)


def _screen(views: Sequence[CameraView], outages: Sequence[str]) -> Group:
    """Return the table, and below it what is down and what is done about it."""
    return Group(_table(views), *(Text(line, style="bold yellow") for line in outages))


def _stream(
    view: RedisView,
    cameras: Sequence[str] | None,
    starting: Callable[[], Sequence[str]],
    until: Event,
    *,
    as_json: bool,
) -> None:
    outages = OutageLines(quiet=as_json)

    def tell() -> None:
        if not (starting() or until.is_set()):
            outages.tell()

    for pushed in pushed_records(view, cameras, tell):
        if until.is_set():
            return
        tell()
        if pushed is None or pushed.channel != "detections":
            continue
        if as_json:
            print_json([pushed.record])
        else:
            print(_line(pushed.record), flush=True)


def pushed_records(
    view: RedisView,
    cameras: Sequence[str] | None,
    tell: Callable[[], None],
    *,
    tick_s: float = 1.0,
) -> Iterator[Pushed | None]:
    """Yield what is pushed, also after Redis was away; but it must be there at first.

    Yields None when the subscription is complete, and whenever nothing came for `tick_s`. While
    Redis is away, calls `tell` and yields None each second.
    """
    was_there = False
    while True:
        try:
            for pushed in view.listen(cameras, tick_s=tick_s):
                was_there = True
                yield pushed
        except (redis.ConnectionError, redis.TimeoutError):
            if not was_there:
                raise
            tell()
            time.sleep(RETRY_S)
            yield None


class OutageLines:
    """Prints what is down on the error output, each time that something else is."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._told: Sequence[str] = ()

    def tell(self) -> None:
        lines = () if self._quiet else supervision(settings())
        names = [line.partition(":")[0] for line in lines]
        if names != self._told:
            for line in lines:
                errors.print(line, soft_wrap=True, highlight=False, markup=False)
        self._told = names


def _line(record: dict[str, Any]) -> str:
    parts = (when(record["captured_at"]), record["camera_id"], in_view(record), threats(record))
    return "  ".join(part for part in parts if part)


def _table(views: Sequence[CameraView]) -> Table:
    table = Table(*COLUMNS, header_style="bold", box=None, pad_edge=False)
    at = now()
    for view in views:
        table.add_row(*_row(view, at))
    if not views:
        table.add_row("no camera has been seen yet")
    return table


def _row(view: CameraView, at: int) -> tuple[str | Text, ...]:
    alerts = Text(
        ", ".join(f"{alert['rule']} ({alert['level']})" for alert in view.alerts), style="bold red"
    )
    narration = Text(view.narration["text"] if view.narration else "")
    if view.latest is None:
        return view.camera_id, "never", "", alerts, narration, ""
    captured_at = parse_rfc3339(view.latest["captured_at"])
    latency = f"{view.latest['latency_ms']} ms"
    return (
        view.camera_id,
        f"{format_span(at - captured_at)} ago",
        in_view(view.latest),
        alerts,
        narration,
        latency,
    )
