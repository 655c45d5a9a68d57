"""The topic `alert-commands`: what people do about alerts, written, read once, and followed.

The topic is compacted: the newest command of a key is what holds.
"""

from collections.abc import Iterable, Mapping

from pycturestream.config.settings import Settings
from pycturestream.contracts.alert_commands import decode_alert_command, encode_alert_command
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.topics import ALERT_COMMANDS
from pycturestream.domain.alerts.alert_command import AlertCommand, AlertCommands, not_later
from pycturestream.domain.times import MINUTE_MS, Millis
from pycturestream.log.compacted_topic import read_known, write_values
from pycturestream.log.followed_topic import FollowedTopic


def publish_alert_command(settings: Settings, command: AlertCommand) -> None:
    """Write a command, and return when the broker has acknowledged it.

    Lets kafka.errors.KafkaError through.
    """
    write_values(settings, ALERT_COMMANDS, {command.key: encode_alert_command(command)})


def take_back_alert_commands(settings: Settings, keys: Iterable[str]) -> None:
    """Take back the commands of these keys. Lets kafka.errors.KafkaError through."""
    write_values(settings, ALERT_COMMANDS, dict.fromkeys(keys))


def known_alert_commands(settings: Settings) -> AlertCommands:
    """Return the commands that hold now. Lets kafka.errors.KafkaError through."""
    return AlertCommands(read_known(settings, ALERT_COMMANDS, apply_alert_command))


class FollowedAlertCommands(FollowedTopic[AlertCommand]):
    """The commands that hold now, kept up to date in a thread."""

    def __init__(self, settings: Settings) -> None:
        self.known = AlertCommands()
        """Another value after each change."""
        super().__init__(settings, ALERT_COMMANDS, apply_alert_command, self._replace)

    def _replace(self, known: Mapping[str, AlertCommand]) -> None:
        self.known = AlertCommands(known)


def apply_alert_command(
    known: dict[str, AlertCommand], key: str, value: bytes | None, written_at: Millis
) -> None:
    """Apply one record of the topic. Raises CodecError for one to leave out.

    A silence of somebody whose clock is ahead begins when it was written, not in a year.
    """
    if value is None:
        known.pop(key, None)
        return
    command = decode_alert_command(value)
    if command.key != key:
        raise CodecError(f"it is of another key: {command.key[:80]!a}")
    known[key] = not_later(command, written_at + MINUTE_MS)
