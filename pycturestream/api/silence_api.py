"""Silences by HTTP: no messages about a camera, or about one of its rules, for a time."""

from typing import Any

from fastapi import APIRouter, HTTPException

from pycturestream.api.access import Reader, Writer
from pycturestream.api.models import Command, Silence
from pycturestream.api.problems import responses
from pycturestream.contracts.alert_commands import alert_command_record

Json = dict[str, Any]

router = APIRouter(prefix="/api/silences", tags=["silences"])


@router.get("", response_model=list[Command])
def silences(caller: Reader) -> list[Json]:
    """List the active silences."""
    return [
        alert_command_record(command)
        for command in caller.service.commands().silences(caller.now)
        if caller.token.covers(command.camera_id)
    ]


@router.post("", response_model=Command, responses=responses(404))
def silence(caller: Writer, body: Silence) -> Json:
    """Silence a camera, or one of its rules: no messages about alerts raised until then."""
    caller.check_camera(body.camera_id)
    try:
        until = body.ends_at(caller.now)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    command = caller.service.silence(
        body.camera_id,
        body.rule,
        by=caller.token.name,
        reason=body.reason,
        at=caller.now,
        until=until,
    )
    return alert_command_record(command)


@router.delete("", status_code=204)
def end_silence(caller: Writer, camera: str, rule: str | None = None) -> None:
    """End the silence of a camera, or of one of its rules, if there is one."""
    caller.check_camera(camera)
    caller.service.end_silence(camera, rule, check=False)
