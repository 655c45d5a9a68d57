"""`pycturestream watch`: what the cameras see, as it happens."""

import time
from collections.abc import Sequence
from contextlib import closing
from typing import Annotated, Any

import typer
from rich.live import Live
from rich.table import Table
from rich.text import Text

from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.formatting import seen, threats, when
from pycturestream.cli.output import AsJson, console, print_json
from pycturestream.clock import now
from pycturestream.config.settings import settings
from pycturestream.domain.times import format_span, parse_rfc3339
from pycturestream.stores.redis_view import CameraView, RedisView

REDRAW_S = 0.2
"""Five times a second looks immediate, and costs little."""
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


def watch(cameras: Sequence[str] | None, *, as_json: bool = False) -> None:
    """Show these cameras (None: all) until KeyboardInterrupt."""
    with error_mapping(settings()), closing(RedisView(settings())) as view:
        if console.is_terminal and not as_json:
            _draw(view, cameras)
        else:
            _stream(view, cameras, as_json=as_json)


def _draw(view: RedisView, cameras: Sequence[str] | None) -> None:
    """Redraw the table when a record is pushed, and every second to update ages."""
    with Live(console=console, auto_refresh=False) as live:
        drawn_at = 0.0
        for _ in view.listen(cameras, tick_s=1.0):
            if time.monotonic() - drawn_at >= REDRAW_S:
                live.update(_table(view.overview(cameras)), refresh=True)
                drawn_at = time.monotonic()


def _stream(view: RedisView, cameras: Sequence[str] | None, *, as_json: bool) -> None:
    for pushed in view.listen(cameras):
        if pushed is None or pushed.channel != "detections":
            continue
        if as_json:
            print_json([pushed.record])
        else:
            print(_line(pushed.record), flush=True)


def _line(record: dict[str, Any]) -> str:
    parts = (when(record["captured_at"]), record["camera_id"], seen(record), threats(record))
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
        seen(view.latest),
        alerts,
        narration,
        latency,
    )
