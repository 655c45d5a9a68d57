"""`pycturestream alerts`: what threatened, and what still does."""

from typing import Annotated

import typer

from commands.options import CameraId, Label, Limit, Run, Since, Until
from commands.output import AsJson, print_json, print_table
from commands.reaching import reaching
from commands.wording import when
from pycturestream.frame import LIVE
from pycturestream.settings import settings
from stores.elasticsearch import connect
from stores.search import Scope, find_alerts


def alerts(
    *,
    camera: CameraId = None,
    label: Label = None,
    since: Since = None,
    until: Until = None,
    only_open: Annotated[bool, typer.Option("--open", help="Only those not cleared.")] = False,
    limit: Limit = 20,
    run: Run = LIVE,
    as_json: AsJson = False,
) -> None:
    """Show alerts as they stand now, by the time they were raised.

    Example: `pycturestream alerts --open --since 2h`
    """
    scope = Scope(run, camera, since, until)
    with reaching(settings()), connect(settings()) as client:
        found = list(find_alerts(client, scope, limit, label=label, only_open=only_open))
    if as_json:
        print_json(found)
        return
    print_table(
        ("raised", "camera", "rule", "level", "state", "cleared", "reason"),
        (
            (
                when(record["raised_at"]),
                record["camera_id"],
                record["rule"],
                record["level"],
                record["state"],
                when(record["cleared_at"]),
                record["reason"],
            )
            for record in found
        ),
        empty="no such alert",
    )
