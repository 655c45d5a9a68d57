"""`pycturestream latest`: the newest record of a camera."""

from contextlib import closing
from typing import Annotated

import typer

from pycturestream.cli.error_mapping import error_mapping
from pycturestream.cli.formatting import when
from pycturestream.cli.output import AsJson, console, print_json, print_table
from pycturestream.clock import now
from pycturestream.config.settings import settings
from pycturestream.contracts.detection_words import threats
from pycturestream.domain.times import format_span, parse_rfc3339
from pycturestream.errors import CommandError
from pycturestream.stores.redis_view import RedisView


def latest(
    camera: Annotated[str, typer.Argument(help="The camera's id.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show the newest record of a camera.

    Example: `pycturestream latest gate`
    """
    with error_mapping(settings()), closing(RedisView(settings())) as view:
        record = view.latest(camera)
        if record is None:
            known = ", ".join(view.cameras()) or "no camera has been seen yet"
            raise CommandError(f"no record of camera {camera}; known cameras: {known}")
    if as_json:
        print_json([record])
        return
    age = format_span(now() - parse_rfc3339(record["captured_at"]))
    console.print(
        f"{camera}  {when(record['captured_at'])} ({age} ago)  {threats(record)}",
        highlight=False,
        markup=False,
    )
    print_table(
        ("label", "score", "sector", "zones", "track"),
        (
            (
                found["label"],
                f"{found['score']:.2f}" if "score" in found else "hidden",
                found["sector"],
                ", ".join(found["zones"]),
                found["track_id"] or "",
            )
            for found in (*record["objects"], *record.get("hidden", ()))
        ),
        empty="nothing in view",
    )
