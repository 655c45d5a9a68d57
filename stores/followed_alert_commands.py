"""What people say of alerts as the topic `alert-commands` has it, kept up to date."""

from collections.abc import Mapping

from pycturestream.alert_command import AlertCommand, AlertCommands
from pycturestream.settings import Settings
from pycturestream.topics import ALERT_COMMANDS
from stores.alert_commands import enter_alert_command
from stores.followed_topic import FollowedTopic


class FollowedAlertCommands:
    """Reads the topic to its end and then follows it, in a thread."""

    def __init__(self, settings: Settings) -> None:
        self.known = AlertCommands()
        """Another value after each change."""
        self._topic: FollowedTopic[AlertCommand] = FollowedTopic(
            settings, ALERT_COMMANDS, enter_alert_command, self._show
        )

    @property
    def are_complete(self) -> bool:
        """Whether the topic was read to its end since the start."""
        return self._topic.is_complete

    def wait(self, patience_s: float) -> bool:
        """Wait until the topic was read to its end; return whether it was."""
        return self._topic.wait(patience_s)

    def close(self) -> None:
        self._topic.close()

    def _show(self, known: Mapping[str, AlertCommand]) -> None:
        self.known = AlertCommands(known)
