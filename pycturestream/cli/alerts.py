"""`pycturestream alerts`: the alerts, and the commands about them."""

from typing import Annotated

import typer

from pycturestream.cli.alert_actions import ack, false_alarm, silence, silences
from pycturestream.cli.alert_clip import clip
from pycturestream.cli.alert_rates import rates
from pycturestream.cli.composition.alerts import alert_service
from pycturestream.cli.false_alarms import false_alarms
from pycturestream.cli.formatting import commands_of, when
from pycturestream.cli.options import CameraId, Label, Limit, Run, Since, Until
from pycturestream.cli.output import AsJson, print_json, print_table
from pycturestream.domain.frames.frame import LIVE
from pycturestream.errors import UsageError
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
    only_open: Annotated[
        bool, typer.Option("--open", help="Only those that have not ended.")
    ] = False,
    limit: Limit = 20,
    run: Run = LIVE,
    as_json: AsJson = False,
) -> None:
    """Show alerts as they are now, the newest first, with the commands about them.

    Example: `pycturestream alerts --open --since 2h`
    """
    if context.invoked_subcommand:
        _reject_options(context)
        return
    with alert_service() as service:
        scope = Scope(run, camera, since, until)
        found = service.alerts(scope, limit, label=label, only_open=only_open)
    if as_json:
        print_json(found)
        return
    print_table(
        ("raised", "camera", "rule", "level", "state", "cleared", "reason", "commands", "alert"),
        (
            (
                when(record["raised_at"]),
                record["camera_id"],
                record["rule"],
                record["level"],
                record["state"],
                when(record["cleared_at"]),
                record["reason"],
                commands_of(record),
                record["id"],
            )
            for record in found
        ),
        empty="no such alerts",
    )


def _reject_options(context: typer.Context) -> None:
    """Raise UsageError for options of the list before a subcommand, which would ignore them."""
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if source and source.name == "COMMANDLINE":
            raise UsageError(
                f"{parameter.opts[0]} must follow the subcommand {context.invoked_subcommand}"
            )


for command in (ack, false_alarm, silence, silences, false_alarms, rates, clip):
    app.command()(command)
# The names that these had before.
app.command("wrong", hidden=True)(false_alarm)
app.command("wrongs", hidden=True)(false_alarms)
