"""`pycturestream alerts ack`, `false-alarm`, `silence`, `silences`: commands about alerts."""

from typing import Annotated

import typer

from pycturestream.cli.composition.alerts import alert_service
from pycturestream.cli.formatting import when
from pycturestream.cli.options import CameraId, Duration, user_name
from pycturestream.cli.output import AsJson, console, print_json, print_table
from pycturestream.clock import now
from pycturestream.contracts.alert_commands import alert_command_record
from pycturestream.domain.alerts.alert_command import AlertCommand, check_silence
from pycturestream.domain.times import rfc3339
from pycturestream.errors import UsageError

_AlertId = Annotated[str, typer.Argument(help="As `pycturestream alerts` shows it.")]
_By = Annotated[
    str,
    typer.Option(help="Who gives the command.", default_factory=user_name, show_default="you"),
]
_TakeBack = Annotated[bool, typer.Option("--take-back", help="Undo it.")]
_Reason = Annotated[str, typer.Option(help="Why, for the record.")]


def ack(
    alert_id: _AlertId,
    *,
    reason: _Reason = "",
    by: _By,
    take_back: _TakeBack = False,
    as_json: AsJson = False,
) -> None:
    """Acknowledge an alert: no more messages about its updates, but one when it ends.

    Example: `pycturestream alerts ack 'people:gate_20261121T090000125Z#0'`
    """
    with alert_service() as service:
        if take_back:
            key = service.take_back_acknowledge(alert_id)
            _print_end(key, f"{alert_id} is no longer acknowledged", as_json=as_json)
        else:
            command = service.acknowledge(alert_id, by, reason, now())
            _print(command, f"{alert_id} is acknowledged", as_json=as_json)


def false_alarm(
    alert_id: _AlertId,
    *,
    reason: _Reason = "",
    by: _By,
    take_back: _TakeBack = False,
    as_json: AsJson = False,
) -> None:
    """Mark an alert as a false alarm, and say why: no more messages about it, and better rules.

    Example: `pycturestream alerts false-alarm 'people:gate_20261121T090000125Z#0' --reason cone`
    """
    if not (reason or take_back):
        raise UsageError("say why it was a false alarm: --reason 'a traffic cone'")
    with alert_service() as service:
        if take_back:
            key = service.take_back_false_alarm(alert_id)
            _print_end(key, f"{alert_id} is no longer a false alarm", as_json=as_json)
        else:
            command = service.mark_false(alert_id, by, reason, now())
            _print(command, f"{alert_id} is a false alarm", as_json=as_json)


def silence(
    camera: Annotated[str, typer.Argument(help="The camera to silence.")],
    *,
    rule: Annotated[str | None, typer.Option(help="Only this rule of the camera.")] = None,
    duration: Duration = None,
    reason: _Reason = "",
    by: _By,
    end: Annotated[bool, typer.Option("--end", help="End the silence.")] = False,
    as_json: AsJson = False,
) -> None:
    """Silence a camera, or one of its rules, for a time: no messages about new alerts.

    Example: `pycturestream alerts silence gate --for 2h --reason painters`
    """
    if end == (duration is not None):
        raise UsageError("give a duration, --for 2h, or --end")
    matter = f"rule {rule} of {camera}" if rule else camera
    with alert_service() as service:
        if duration is None:
            key = service.end_silence(camera, rule)
            _print_end(key, f"{matter} is no longer silenced", as_json=as_json)
        else:
            at = now()
            until = at + duration
            try:
                check_silence(at, until)
            except ValueError as error:
                raise UsageError(str(error)) from error
            command = service.silence(camera, rule, by=by, reason=reason, at=at, until=until)
            sentence = f"no messages about {matter} until {when(rfc3339(until))}"
            _print(command, sentence, as_json=as_json)


def silences(*, camera: CameraId = None, as_json: AsJson = False) -> None:
    """List the active silences.

    Example: `pycturestream alerts silences`
    """
    with alert_service() as service:
        found = [
            alert_command_record(command)
            for command in service.commands().silences(now())
            if camera in {None, command.camera_id}
        ]
    if as_json:
        print_json(found)
        return
    print_table(
        ("camera", "rule", "until", "by", "since", "reason"),
        (
            (
                one["camera_id"],
                one["rule"] or "all",
                when(one["until"]),
                one["by"],
                when(one["at"]),
                one["reason"],
            )
            for one in found
        ),
        empty="no active silences",
    )


def _print(command: AlertCommand, sentence: str, *, as_json: bool) -> None:
    if as_json:
        print_json([alert_command_record(command)])
    else:
        console.print(sentence, soft_wrap=True, highlight=False, markup=False)


def _print_end(key: str, sentence: str, *, as_json: bool) -> None:
    if as_json:
        print_json([{"taken_back": key}])
    else:
        console.print(sentence, soft_wrap=True, highlight=False, markup=False)
