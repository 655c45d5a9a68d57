"""Silences by HTTP: nothing is to be heard of a camera, or of one of its rules, for a time."""

from typing import Any

from fastapi import APIRouter, HTTPException

from pycturestream.api.access import Reader, Writer
from pycturestream.api.models import Command, Silence
from pycturestream.api.problems import responses
from pycturestream.contracts.alert_commands import alert_command_record
from pycturestream.domain.alerts.alert_command import AlertCommand, silence_fault, silence_key

Json = dict[str, Any]

router = APIRouter(prefix="/api/silences", tags=["silences"])


@router.get("", response_model=list[Command])
def silences(caller: Reader) -> list[Json]:
    """List the silences that are not over."""
    return [
        alert_command_record(said)
        for said in caller.service.commands().silences(caller.now)
        if caller.token.covers(said.camera_id)
    ]


@router.post("", response_model=Command, responses=responses(404))
def silence(caller: Writer, wanted: Silence) -> Json:
    """Silence a camera, or one of its rules: no mails of what is raised until then."""
    caller.check_camera(wanted.camera_id)
    try:
        until = wanted.ends_at(caller.now)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    # Whoever believes in a silence of nothing hears alerts all the same.
    if fault := silence_fault(caller.service.rules(), wanted.camera_id, wanted.rule):
        raise HTTPException(404, fault)
    command = AlertCommand(
        "silence",
        wanted.camera_id,
        by=caller.token.name,
        at=caller.now,
        rule=wanted.rule,
        until=until,
        reason=wanted.reason,
    )
    caller.service.say(command)
    return alert_command_record(command)


@router.delete("", status_code=204)
def end_silence(caller: Writer, camera: str, rule: str | None = None) -> None:
    """End the silence of a camera, or of one of its rules."""
    caller.check_camera(camera)
    caller.service.take_back([silence_key(camera, rule)])
