"""What people say of alerts as the topic `alert-commands` has it, kept up to date."""

from collections.abc import Mapping

from pycturestream.alert_command import AlertCommand, AlertCommands
from pycturestream.settings import Settings
from pycturestream.topics import ALERT_COMMANDS
from stores.alert_commands import enter_alert_command
from stores.followed_topic import FollowedTopic


class FollowedAlertCommands(FollowedTopic[AlertCommand]):
    """What the topic says now."""

    def __init__(self, settings: Settings) -> None:
        self.known = AlertCommands()
        """Another value after each change."""
        super().__init__(settings, ALERT_COMMANDS, enter_alert_command, self._take_over)

    def _take_over(self, known: Mapping[str, AlertCommand]) -> None:
        self.known = AlertCommands(known)
