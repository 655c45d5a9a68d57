"""What people say of alerts: what holds, and how it travels."""

import json

import jsonschema
import pytest
from msgspec.structs import replace

from pycturestream.contracts.alert_commands import decode_alert_command, encode_alert_command
from pycturestream.contracts.codec import CodecError
from pycturestream.contracts.schemas import schema
from pycturestream.domain.alerts.alert_command import AlertCommand, AlertCommands
from pycturestream.log.alert_commands import enter_alert_command
from tests.builders import MINUTE, NOON

SEEN_TO = AlertCommand("acknowledge", "gate", "guard", NOON, alert_id="gate:rule:a")
WRONG = AlertCommand("wrong", "gate", "guard", NOON, alert_id="gate:rule:a", reason="a cone")
QUIET = AlertCommand("silence", "gate", "guard", NOON, until=NOON + MINUTE)
QUIET_RULE = replace(QUIET, rule="nobody:here")


def said(*commands):
    return AlertCommands({command.key: command for command in commands})


def test_each_matter_has_a_key_of_its_own():
    assert [command.key for command in (SEEN_TO, WRONG, QUIET, QUIET_RULE)] == [
        "acknowledge:gate:rule:a",
        "wrong:gate:rule:a",
        "silence:gate",
        "silence:gate:nobody:here",
    ]


def test_what_was_said_of_an_alert_is_found_by_its_id():
    commands = said(SEEN_TO, WRONG)
    assert commands.acknowledged("gate:rule:a") == SEEN_TO
    assert commands.wrong("gate:rule:a") == WRONG
    assert commands.acknowledged("gate:rule:b") is None
    assert said(SEEN_TO).wrong("gate:rule:a") is None


@pytest.mark.parametrize(
    ("raised_at", "is_silent"),
    [(NOON - 1, False), (NOON, True), (NOON + MINUTE - 1, True), (NOON + MINUTE, False)],
)
def test_a_silence_is_about_what_is_raised_in_its_time(raised_at, is_silent):
    assert (said(QUIET).silence("gate", "any", raised_at) is not None) == is_silent


def test_a_silence_of_a_rule_leaves_the_others_and_one_of_a_camera_none():
    assert said(QUIET_RULE).silence("gate", "nobody:here", NOON) == QUIET_RULE
    assert said(QUIET_RULE).silence("gate", "other", NOON) is None
    assert said(QUIET).silence("gate", "other", NOON) == QUIET
    assert said(QUIET).silence("door", "other", NOON) is None


def test_silences_that_are_over_are_not_listed():
    commands = said(QUIET, replace(QUIET_RULE, at=NOON + 1, until=NOON + 2 * MINUTE), SEEN_TO)
    assert [command.rule for command in commands.silences(NOON)] == ["nobody:here", None]
    assert [command.rule for command in commands.silences(NOON + MINUTE)] == ["nobody:here"]


@pytest.mark.parametrize("command", [SEEN_TO, WRONG, QUIET, QUIET_RULE])
def test_a_command_survives_the_topic_and_keeps_to_its_contract(command):
    value = encode_alert_command(command)
    jsonschema.validate(json.loads(value), schema("alert-commands"))
    assert decode_alert_command(value) == command


def test_the_schema_knows_what_each_command_needs():
    record = json.loads(encode_alert_command(QUIET))
    for wrong in ({"until": None}, {"alert_id": "a"}, {"command": "acknowledge"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**record, **wrong}, schema("alert-commands"))


@pytest.mark.parametrize(
    "change",
    [
        {"camera_id": "../gate"},
        {"until": None},
        {"until": "soon"},
        {"command": "shout"},
        {"command": "wrong", "until": None},
        {"at": 7},
        {"by": None},
    ],
)
def test_what_is_no_command_is_refused_with_a_reason(change):
    record = {**json.loads(encode_alert_command(QUIET)), **change}
    with pytest.raises(CodecError):
        decode_alert_command(json.dumps(record).encode())


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b"\xff", b"[" * 100_000])
def test_bytes_that_are_no_record_are_refused_with_a_reason(data):
    with pytest.raises(CodecError):
        decode_alert_command(data)


def test_the_newest_of_a_matter_holds_and_none_takes_it_back():
    known = {}
    longer = replace(QUIET, until=NOON + 9 * MINUTE)
    for command in (QUIET, SEEN_TO, longer):
        enter_alert_command(known, command.key, encode_alert_command(command), NOON)
    assert known == {longer.key: longer, SEEN_TO.key: SEEN_TO}
    enter_alert_command(known, longer.key, None, NOON)
    enter_alert_command(known, "silence:nobody", None, NOON)
    assert known == {SEEN_TO.key: SEEN_TO}


def test_what_stands_under_another_key_or_can_not_be_read_says_nothing():
    known = {}
    enter_alert_command(known, "silence:door", encode_alert_command(QUIET), NOON)
    enter_alert_command(known, "silence:gate", b"{", NOON)
    assert known == {}
