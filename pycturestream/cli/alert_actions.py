"""`pycturestream alerts ack`, `wrong`, `silence`, `silences`: what people say of alerts."""

from typing import Annotated

import typer

from pycturestream.cli.alert_context import AlertId, By, TakeBack, alert_of, alert_service, now
from pycturestream.cli.errors import CommandError, UsageError
from pycturestream.cli.formatting import when
from pycturestream.cli.options import CameraId, Duration
from pycturestream.cli.output import AsJson, console, print_json, print_table
from pycturestream.contracts.alert_commands import alert_command_record
from pycturestream.domain.alerts.alert_command import (
    AlertCommand,
    CommandKind,
    alert_key,
    silence_fault,
    silence_key,
)
from pycturestream.domain.times import rfc3339

_Reason = Annotated[str, typer.Option(help="Why.")]


def ack(
    alert_id: AlertId,
    *,
    reason: _Reason = "",
    by: By,
    take_back: TakeBack = False,
    as_json: AsJson = False,
) -> None:
    """Say that you look after an alert: no mails of its updates, but of its end.

    Example: `pycturestream alerts ack 'nobody-here:gate_20261121T090000125Z#0'`
    """
    _say_of_alert("acknowledge", alert_id, reason, by, take_back=take_back, as_json=as_json)


def wrong(
    alert_id: AlertId,
    *,
    reason: _Reason = "",
    by: By,
    take_back: TakeBack = False,
    as_json: AsJson = False,
) -> None:
    """Say that an alert was wrong, and why: no further mails of it, and better rules one day.

    Example: `pycturestream alerts wrong 'nobody-here:gate_20261121T090000125Z#0' --reason cone`
    """
    if not (reason or take_back):
        raise UsageError("say why it was wrong: --reason 'a traffic cone'")
    _say_of_alert("wrong", alert_id, reason, by, take_back=take_back, as_json=as_json)


def silence(
    camera: Annotated[str, typer.Argument(help="Of which camera nothing is to be heard.")],
    *,
    rule: Annotated[str | None, typer.Option(help="Of this rule alone.")] = None,
    duration: Duration = None,
    reason: _Reason = "",
    by: By,
    end: Annotated[bool, typer.Option("--end", help="Hear of it again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Hear nothing of a camera, or of one of its rules, for a time: no mails of new alerts.

    Example: `pycturestream alerts silence gate --for 2h --reason painters`
    """
    if end == (duration is not None):
        raise UsageError("say for how long, --for 2h, or --end")
    with alert_service() as service:
        if duration is None:
            key = silence_key(camera, rule)
            if key not in service.commands().by_key:
                of_rule = f" with --rule {rule}" if rule else " without --rule"
                raise CommandError(
                    f"nothing silences {camera}{of_rule}: `pycturestream alerts silences` lists "
                    "what does"
                )
            service.take_back([key])
            _tell_end(key, f"{_matter(camera, rule)} is heard again", as_json=as_json)
            return
        if fault := silence_fault(service.rules(), camera, rule):
            raise CommandError(f"{fault}: `pycturestream cameras list` shows them")
        at = now()
        command = AlertCommand(
            "silence", camera, by=by, at=at, rule=rule, until=at + duration, reason=reason
        )
        service.say(command)
    until = when(rfc3339(at + duration))
    _tell(command, f"no mails of {_matter(camera, rule)} until {until}", as_json=as_json)


def silences(*, camera: CameraId = None, as_json: AsJson = False) -> None:
    """List the silences that are not over.

    Example: `pycturestream alerts silences`
    """
    with alert_service() as service:
        found = [
            alert_command_record(said)
            for said in service.commands().silences(now())
            if camera in {None, said.camera_id}
        ]
    if as_json:
        print_json(found)
        return
    print_table(
        ("camera", "rule", "until", "by", "since", "reason"),
        (
            (
                said["camera_id"],
                said["rule"] or "all",
                when(said["until"]),
                said["by"],
                when(said["at"]),
                said["reason"],
            )
            for said in found
        ),
        empty="nothing is silent",
    )


def _say_of_alert(
    kind: CommandKind, alert_id: str, reason: str, by: str, *, take_back: bool, as_json: bool
) -> None:
    word = {"acknowledge": "acknowledged", "wrong": "wrong"}[kind]
    with alert_service() as service:
        alert = alert_of(service, alert_id)
        if take_back:
            service.take_back([alert_key(kind, alert_id)])
            _tell_end(
                alert_key(kind, alert_id), f"{alert_id} is not {word} any more", as_json=as_json
            )
            return
        command = AlertCommand(
            kind,
            alert["camera_id"],
            by=by,
            at=now(),
            alert_id=alert_id,
            rule=alert["rule"],
            reason=reason,
        )
        service.say(command)
    _tell(command, f"{alert_id} is {word}", as_json=as_json)


def _matter(camera: str, rule: str | None) -> str:
    return f"rule {rule} of {camera}" if rule else camera


def _tell(command: AlertCommand, sentence: str, *, as_json: bool) -> None:
    if as_json:
        print_json([alert_command_record(command)])
    else:
        console.print(sentence, soft_wrap=True, highlight=False, markup=False)


def _tell_end(key: str, sentence: str, *, as_json: bool) -> None:
    if as_json:
        print_json([{"taken_back": key}])
    else:
        console.print(sentence, soft_wrap=True, highlight=False, markup=False)
