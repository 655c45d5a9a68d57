"""False alarms are events as well as commands."""

import pytest

from pycturestream.application import alert_ports
from pycturestream.application.alert_ports import KafkaCommandLog
from pycturestream.config.settings import Settings
from pycturestream.domain.alerts.alert_command import AlertCommand, AlertCommands
from tests.builders import NOON

WRONG = AlertCommand("wrong", "gate", "guard", NOON, alert_id="a-1", rule="r")
SILENCE = AlertCommand("silence", "gate", "guard", NOON, until=NOON + 1)


@pytest.fixture
def written(monkeypatch):
    """What is written to Kafka, in order."""
    written = []
    for name in ("publish_alert_command", "take_back_alert_commands", "publish_alert_events"):
        monkeypatch.setattr(
            alert_ports,
            name,
            lambda _settings, what, name=name: written.append((name, what)),
        )
    return written


def log(*commands):
    known = AlertCommands({command.key: command for command in commands})
    return KafkaCommandLog(Settings(), lambda: known)


def test_a_false_alarm_is_a_command_and_then_an_event(written):
    log().publish(WRONG)

    (first, command), (second, [event]) = written
    assert (first, second) == ("publish_alert_command", "publish_alert_events")
    assert command == WRONG
    assert (event.event, event.alert_id, event.taken_back) == ("false_alarm", "a-1", False)


def test_a_silence_is_no_event(written):
    log().publish(SILENCE)

    assert [name for name, _ in written] == ["publish_alert_command"]


def test_a_false_alarm_that_is_taken_back_is_an_event_of_the_same_time(written):
    log(WRONG, SILENCE).take_back([WRONG.key])

    (_, keys), (_, [event]) = written
    assert keys == [WRONG.key]
    assert (event.at, event.taken_back) == (NOON, True)


def test_what_was_not_marked_can_be_taken_back_without_an_event(written):
    log().take_back([WRONG.key])

    assert [what for name, what in written if name == "publish_alert_events"] == [[]]


def test_ending_a_silence_does_not_need_to_know_the_commands(written):
    def read():
        raise AssertionError

    KafkaCommandLog(Settings(), read).take_back([SILENCE.key])

    assert ("take_back_alert_commands", [SILENCE.key]) in written
