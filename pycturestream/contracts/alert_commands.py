"""The record of `alert-commands`: an acknowledgement, a silence, or the report of a false alarm."""

from typing import Any

import msgspec
from msgspec import Struct

from pycturestream.contracts.codec import CodecError, decode_json, encode_record, reading
from pycturestream.domain.alerts.alert_command import AlertCommand, AlertCommands, CommandKind
from pycturestream.domain.frames.frame import is_camera_id
from pycturestream.domain.times import parse_rfc3339, parse_this_century, rfc3339

Json = dict[str, Any]


class AlertCommandRecord(Struct, frozen=True, kw_only=True):
    """A command. What has a default may be missing."""

    id: str = ""
    command: CommandKind
    camera_id: str
    alert_id: str | None = None
    rule: str | None = None
    until: str | None
    by: str
    reason: str = ""
    at: str
    raised_at: str | None = None


_DECODER = msgspec.json.Decoder(AlertCommandRecord)


def encode_alert_command(command: AlertCommand) -> bytes:
    return encode_record(_record(command))


def decode_alert_command(data: bytes) -> AlertCommand:
    """Raise CodecError for bytes that are no command on an alert."""
    record = decode_json(_DECODER, data)
    with reading():
        command = AlertCommand(
            command=record.command,
            camera_id=record.camera_id,
            by=record.by,
            at=parse_this_century(record.at),
            alert_id=record.alert_id,
            rule=record.rule,
            until=None if record.until is None else parse_rfc3339(record.until),
            reason=record.reason,
            raised_at=None if record.raised_at is None else parse_this_century(record.raised_at),
        )
    if not is_camera_id(command.camera_id):
        raise CodecError(f"camera_id: {command.camera_id[:80]!a} can't name a camera")
    needed = "until" if command.command == "silence" else "alert_id"
    if not getattr(command, needed):
        raise CodecError(f"{needed}: {command.command} needs it")
    return command


def alert_command_record(command: AlertCommand) -> Json:
    """Return a command as the topic has it, for the API and the command line."""
    record: Json = msgspec.to_builtins(_record(command))
    return record


def alert_with_commands(alert: Json, commands: AlertCommands) -> Json:
    """Return the record of an alert, and beside it the commands that apply to it."""
    alert_id, raised_at = alert["id"], parse_rfc3339(alert["raised_at"])
    given = {
        "acknowledged": commands.acknowledged(alert_id),
        "silenced": commands.silence(alert["camera_id"], alert["rule"], raised_at),
        "wrong": commands.wrong(alert_id),
    }
    return alert | {
        name: command and alert_command_record(command) for name, command in given.items()
    }


def _record(command: AlertCommand) -> AlertCommandRecord:
    return AlertCommandRecord(
        id=command.id,
        command=command.command,
        camera_id=command.camera_id,
        alert_id=command.alert_id,
        rule=command.rule,
        until=None if command.until is None else rfc3339(command.until),
        by=command.by,
        reason=command.reason,
        at=rfc3339(command.at),
        raised_at=None if command.raised_at is None else rfc3339(command.raised_at),
    )
