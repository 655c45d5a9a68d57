"""What people say of alerts, into the topic `alert-commands` and out of it."""

from collections.abc import Iterable

from pycturestream.config.settings import Settings
from pycturestream.contracts.alert_commands import decode_alert_command, encode_alert_command
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.topics import ALERT_COMMANDS
from pycturestream.domain.alerts.alert_command import AlertCommand, AlertCommands
from pycturestream.domain.times import Millis
from pycturestream.log.compacted_topic import write_values
from pycturestream.log.reader import read_to_end


def publish_alert_command(settings: Settings, command: AlertCommand) -> None:
    """Say it, and return when the broker has taken it. Lets kafka.errors.KafkaError through."""
    write_values(settings, ALERT_COMMANDS, {command.key: encode_alert_command(command)})


def take_back_alert_commands(settings: Settings, keys: Iterable[str]) -> None:
    """Take back what was said on these matters. Lets kafka.errors.KafkaError through."""
    write_values(settings, ALERT_COMMANDS, dict.fromkeys(keys))


def known_alert_commands(settings: Settings) -> AlertCommands:
    """Return what the topic says now. Lets kafka.errors.KafkaError through."""
    known: dict[str, AlertCommand] = {}
    for message in read_to_end(settings, ALERT_COMMANDS):
        key = (message.key or b"").decode("utf-8", "replace")
        enter_alert_command(known, key, message.value, message.timestamp)
    return AlertCommands(known)


def enter_alert_command(
    known: dict[str, AlertCommand], key: str, value: bytes | None, _at: Millis
) -> None:
    """Enter one record of the topic; one that can't be read, or is not its key's, says nothing."""
    if value is None:
        known.pop(key, None)
        return
    try:
        command = decode_alert_command(value)
    except CodecError:
        return
    if command.key == key:
        known[key] = command
