"""What people say of alerts as the topic `alert-commands` has it, kept up to date."""

from collections.abc import Mapping

from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import ALERT_COMMANDS
from pycturestream.domain.alerts.alert_command import AlertCommand, AlertCommands
from pycturestream.log.alert_commands import enter_alert_command
from pycturestream.log.followed_topic import FollowedTopic


class FollowedAlertCommands(FollowedTopic[AlertCommand]):
    """What the topic says now."""

    def __init__(self, settings: Settings) -> None:
        self.known = AlertCommands()
        """Another value after each change."""
        super().__init__(settings, ALERT_COMMANDS, enter_alert_command, self._take_over)

    def _take_over(self, known: Mapping[str, AlertCommand]) -> None:
        self.known = AlertCommands(known)
