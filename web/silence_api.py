"""Silences by HTTP: nothing is to be heard of a camera, or of one of its rules, for a time."""

from typing import Any

from fastapi import APIRouter, HTTPException

from pycturestream.alert_command import AlertCommand, silence_key
from pycturestream.records import alert_command_record
from web.access import Caller, Reader, Writer
from web.models import Command, Silence
from web.problems import responses

Json = dict[str, Any]

router = APIRouter(prefix="/api/silences", tags=["silences"])


@router.get("", response_model=list[Command])
def silences(caller: Reader) -> list[Json]:
    """List the silences that are not over."""
    return [
        alert_command_record(said)
        for said in caller.desk.commands().silences(caller.now)
        if caller.token.covers(said.camera_id)
    ]


@router.post("", response_model=Command, responses=responses(404))
def silence(caller: Writer, wanted: Silence) -> Json:
    """Silence a camera, or one of its rules: no mails of what is raised until then."""
    caller.check_camera(wanted.camera_id)
    _check(caller, wanted.camera_id, wanted.rule)
    try:
        until = wanted.ends_at(caller.now)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    command = AlertCommand(
        "silence",
        wanted.camera_id,
        by=caller.token.name,
        at=caller.now,
        rule=wanted.rule,
        until=until,
        reason=wanted.reason,
    )
    caller.desk.say(command)
    return alert_command_record(command)


@router.delete("", status_code=204)
def end_silence(caller: Writer, camera: str, rule: str | None = None) -> None:
    """End the silence of a camera, or of one of its rules."""
    caller.check_camera(camera)
    caller.desk.take_back([silence_key(camera, rule)])


def _check(caller: Caller, camera_id: str, rule: str | None) -> None:
    """Refuse what would silence nothing: whoever believes in it hears alerts all the same."""
    rules = caller.desk.rules().get(camera_id)
    if rules is None:
        raise HTTPException(404, f"no settings name a camera {camera_id}, so it has no rules")
    if rule is not None and rule not in rules:
        known = ", ".join(rules) or "none"
        raise HTTPException(404, f"{camera_id} has no rule {rule}; it has: {known}")
