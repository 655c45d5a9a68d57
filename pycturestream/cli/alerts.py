"""`pycturestream alerts`: what threatened, what still does, and what people say of it."""

from typing import Annotated

import typer

from pycturestream.cli.alert_actions import ack, silence, silences, wrong
from pycturestream.cli.alert_context import alert_service
from pycturestream.cli.alert_rates import rates
from pycturestream.cli.errors import UsageError
from pycturestream.cli.false_alarms import wrongs
from pycturestream.cli.formatting import said, when
from pycturestream.cli.options import CameraId, Label, Limit, Run, Since, Until
from pycturestream.cli.output import AsJson, print_json, print_table
from pycturestream.domain.frames.frame import LIVE
from pycturestream.stores.search import Scope

app = typer.Typer(invoke_without_command=True)


@app.callback()
def alerts(
    context: typer.Context,
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
    """Show alerts as they stand now, by the time they were raised, and what is said of them.

    Example: `pycturestream alerts --open --since 2h`
    """
    if context.invoked_subcommand:
        _refuse_options(context)
        return
    with alert_service() as service:
        scope = Scope(run, camera, since, until)
        found = service.alerts(scope, limit, label=label, only_open=only_open)
    if as_json:
        print_json(found)
        return
    print_table(
        ("raised", "camera", "rule", "level", "state", "cleared", "reason", "said", "alert"),
        (
            (
                when(record["raised_at"]),
                record["camera_id"],
                record["rule"],
                record["level"],
                record["state"],
                when(record["cleared_at"]),
                record["reason"],
                said(record),
                record["id"],
            )
            for record in found
        ),
        empty="no such alert",
    )


def _refuse_options(context: typer.Context) -> None:
    """Raise UsageError for options of the list in front of another command: it would not hear."""
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if source and source.name == "COMMANDLINE":
            raise UsageError(
                f"{parameter.opts[0]} stands before {context.invoked_subcommand}, where it is of "
                "the list: write options behind the command"
            )


for command in (ack, wrong, silence, silences, wrongs, rates):
    app.command()(command)
