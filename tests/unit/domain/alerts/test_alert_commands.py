"""Commands about alerts: which are in force, and their form on the topic."""

import json

import jsonschema
import pytest
from msgspec.structs import replace

from pycturestream.contracts.alert_commands import decode_alert_command, encode_alert_command
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.schemas import schema
from pycturestream.domain.alerts.alert_command import AlertCommand, AlertCommands
from pycturestream.log.alert_commands import apply_alert_command
from tests.builders import MINUTE, NOON

ACKNOWLEDGED = AlertCommand("acknowledge", "gate", "guard", NOON, alert_id="gate:rule:a")
FALSE_ALARM = AlertCommand("wrong", "gate", "guard", NOON, alert_id="gate:rule:a", reason="a cone")
SILENT = AlertCommand("silence", "gate", "guard", NOON, until=NOON + MINUTE)
SILENT_RULE = replace(SILENT, rule="nobody:here")
OF_A_KNOWN_TIME = replace(FALSE_ALARM, raised_at=NOON - MINUTE)


def in_force(*commands):
    return AlertCommands({command.key: command for command in commands})


def test_each_kind_of_command_has_its_own_key():
    assert [command.key for command in (ACKNOWLEDGED, FALSE_ALARM, SILENT, SILENT_RULE)] == [
        "acknowledge:gate:rule:a",
        "wrong:gate:rule:a",
        "silence:gate",
        "silence:gate:nobody:here",
    ]


def test_commands_about_an_alert_are_found_by_its_id():
    commands = in_force(ACKNOWLEDGED, FALSE_ALARM)
    assert commands.acknowledged("gate:rule:a") == ACKNOWLEDGED
    assert commands.wrong("gate:rule:a") == FALSE_ALARM
    assert commands.acknowledged("gate:rule:b") is None
    assert in_force(ACKNOWLEDGED).wrong("gate:rule:a") is None


@pytest.mark.parametrize(
    ("raised_at", "is_silent"),
    [(NOON - 1, False), (NOON, True), (NOON + MINUTE - 1, True), (NOON + MINUTE, False)],
)
def test_a_silence_covers_alerts_raised_in_its_time(raised_at, is_silent):
    assert (in_force(SILENT).silence("gate", "any", raised_at) is not None) == is_silent


def test_a_silence_of_a_rule_covers_no_other_and_one_of_a_camera_covers_all():
    assert in_force(SILENT_RULE).silence("gate", "nobody:here", NOON) == SILENT_RULE
    assert in_force(SILENT_RULE).silence("gate", "other", NOON) is None
    assert in_force(SILENT).silence("gate", "other", NOON) == SILENT
    assert in_force(SILENT).silence("door", "other", NOON) is None


def test_silences_that_ended_are_not_listed():
    commands = in_force(
        SILENT, replace(SILENT_RULE, at=NOON + 1, until=NOON + 2 * MINUTE), ACKNOWLEDGED
    )
    assert [command.rule for command in commands.silences(NOON)] == ["nobody:here", None]
    assert [command.rule for command in commands.silences(NOON + MINUTE)] == ["nobody:here"]


@pytest.mark.parametrize(
    "command", [ACKNOWLEDGED, FALSE_ALARM, SILENT, SILENT_RULE, OF_A_KNOWN_TIME]
)
def test_a_command_survives_the_topic_and_keeps_to_its_contract(command):
    value = encode_alert_command(command)
    jsonschema.validate(json.loads(value), schema("alert-commands"))
    assert decode_alert_command(value) == command


def test_the_schema_knows_what_each_command_needs():
    record = json.loads(encode_alert_command(SILENT))
    for wrong in ({"until": None}, {"alert_id": "a"}, {"command": "acknowledge"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**record, **wrong}, schema("alert-commands"))


@pytest.mark.parametrize(
    "change",
    [
        {"camera_id": "../gate"},
        {"raised_at": "soon"},
        {"until": None},
        {"until": "soon"},
        {"command": "shout"},
        {"command": "wrong", "until": None},
        {"at": 7},
        {"by": None},
    ],
)
def test_invalid_commands_are_rejected_with_a_reason(change):
    record = {**json.loads(encode_alert_command(SILENT)), **change}
    with pytest.raises(CodecError):
        decode_alert_command(json.dumps(record).encode())


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b"\xff", b"[" * 100_000])
def test_bytes_that_are_not_a_record_are_rejected_with_a_reason(data):
    with pytest.raises(CodecError):
        decode_alert_command(data)


def test_the_newest_command_of_a_key_is_in_force_and_a_tombstone_takes_it_back():
    known = {}
    longer = replace(SILENT, until=NOON + 9 * MINUTE)
    for command in (SILENT, ACKNOWLEDGED, longer):
        apply_alert_command(known, command.key, encode_alert_command(command), NOON)
    assert known == {longer.key: longer, ACKNOWLEDGED.key: ACKNOWLEDGED}
    apply_alert_command(known, longer.key, None, NOON)
    apply_alert_command(known, "silence:nobody", None, NOON)
    assert known == {ACKNOWLEDGED.key: ACKNOWLEDGED}


def test_a_silence_of_a_clock_that_is_ahead_begins_when_it_was_written():
    known, ahead = {}, 400 * 24 * 60 * MINUTE
    command = replace(SILENT, at=SILENT.at + ahead, until=SILENT.until + ahead)
    apply_alert_command(known, command.key, encode_alert_command(command), NOON)
    assert AlertCommands(known).silence("gate", "any", NOON + MINUTE + 1) is not None
    assert AlertCommands(known).silences(NOON + 9 * MINUTE) == []


def test_what_stands_under_another_key_or_can_not_be_read_says_nothing():
    known = {}
    for key, value in (("silence:door", encode_alert_command(SILENT)), ("silence:gate", b"{")):
        with pytest.raises(CodecError):
            apply_alert_command(known, key, value, NOON)
    assert known == {}
