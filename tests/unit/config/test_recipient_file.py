from textwrap import dedent

import pytest

from pycturestream.config.recipient_file import RecipientFileError, read_recipient_file
from pycturestream.domain.cameras.schedule import Period
from pycturestream.domain.notifications.recipient import (
    QuietHours,
    Recipient,
    Subscription,
    Webhook,
)
from pycturestream.domain.times import HOUR_MS, MINUTE_MS
from tests.builders import NOON

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - it opens nothing
ENVIRONMENT = {"WATCH_SECRET": SECRET, "SHORT": "YWJj", "ODD": "not base64!"}


@pytest.fixture
def read(tmp_path):
    def read(text):
        path = tmp_path / "recipients.yaml"
        path.write_text(dedent(text).lstrip("\n"))
        return read_recipient_file(path, ENVIRONMENT)

    return read


@pytest.fixture
def mistakes_in(read, tmp_path):
    def mistakes_in(text):
        with pytest.raises(RecipientFileError) as caught:
            read(text)
        return [
            mistake.removeprefix(f"{tmp_path}/recipients.yaml:")
            for mistake in caught.value.mistakes
        ]

    return mistakes_in


def test_a_recipient_needs_only_a_name_and_an_address(read):
    [recipient] = read("recipients: [{name: watch, mail: watch@example.org}]")

    assert recipient == Recipient("watch", mail="watch@example.org")


def test_every_key_is_read(read):
    [recipient] = read("""
        groups:
          entrances: [gate, door]
        recipients:
          - name: night watch
            mail: watch@example.org
            webhook: {url: "https://example.org/alerts", secret: "${WATCH_SECRET}"}
            language: de
            alerts:
              - {groups: [entrances], cameras: [plaza], level: 1}
              - {sites: [north], level: 3}
            timezone: Europe/Vienna
            quiet_hours: {from: 22:00, until: "07:30", except_level: 2}
            cooldown_minutes: 5
            digest_minutes: 30
            messages_per_hour: 12
    """)

    assert recipient == Recipient(
        "night watch",
        mail="watch@example.org",
        webhook=Webhook("https://example.org/alerts", SECRET),
        alerts=(Subscription(("plaza", "gate", "door"), (), 1), Subscription((), ("north",), 3)),
        language="de",
        timezone="Europe/Vienna",
        quiet_hours=QuietHours(Period(from_minute=22 * 60, to_minute=7 * 60 + 30), 2),
        cooldown_ms=300_000,
        digest_ms=1_800_000,
        hourly_limit=12,
    )


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ("mail: two@example.org,one", "mail: 'two@example.org,one': must be one address, such as"),
        ("mail: 'a@b.org\\nBcc: x@y.z'", "mail: 'a@b.org\\\\nBcc: x@y.z': must be one address"),
        ("mali: a@b.org", "mali: not a known key; did you mean mail? allowed: name, mail, webhook"),
        ("language: nl", "language: 'nl': must be 'en', 'de', 'fr' or 'es'"),
        ("timezone: Vienna", "timezone: 'Vienna': must be a name such as Europe/Berlin"),
        ("cooldown_minutes: 0", "cooldown_minutes: 0: must be greater than or equal to 1"),
        ("messages_per_hour: 6", "messages_per_hour must be at least 7: a digest every 10 minutes"),
        ("quiet_hours: {from: '22:00'}", "quiet_hours.to: is missing"),
        ("quiet_hours: {from: '25:00', until: '7:00'}", 'must be a time of the day such as "22:'),
        ("quiet_hours: {from: '7:00', to: '7:00'}", "must not be the same time"),
        ("quiet_hours: {from: '0:00', to: '24:00'}", "must not be the same time"),
        ("quiet_hours: {from: '24:00', to: '7:00'}", "quiet_hours.from: '24:00': must be less"),
        ("quiet_hours: {from: '7:00', until: '7'}", "quiet_hours.until: '7': must be a time of"),
        (
            "quiet_hours: {from: '7:00', to: '8:00', until: '9:00'}",
            "quiet_hours.until: not a known",
        ),
        (
            "quiet_hours: {from: '1:00', until: '2:00', of: 1}",
            "of: not a known key; allowed: from, to, except_level",
        ),
        ("alerts: [{level: 4}]", "alerts[0].level: 4: must be 1, 2 or 3"),
        ("alerts: [{groups: [doors]}]", "groups[0]: 'doors': no such group; allowed: entrances"),
        ("alerts: []", "alerts: []: must not be empty"),
        ("webhook: {url: 'ftp://x', secret: '${ODD}'}", "url: 'ftp://x': must be a URL that"),
        ("webhook: {url: 'http://x', secret: '${ODD}'}", "secret: ${ODD}: must be base64"),
        ("webhook: {url: 'http://x', secret: '${SHORT}'}", "secret: ${SHORT}: must be base64"),
        ("webhook: {url: 'http://x', secret: '${NONE}'}", "${NONE}: is not set in the environment"),
        ("webhook: {url: 'http://x', secret: 'abc'}", "must name a variable of the environment"),
    ],
)
def test_a_mistake_is_reported_with_line_key_and_what_is_allowed(mistakes_in, line, mistake):
    rest = "" if "mail" in line or "mali" in line else "mail: a@b.org\n            "
    found = mistakes_in(f"""
        groups: {{entrances: [gate]}}
        recipients:
          - name: watch
            {rest}{line}
    """)

    assert len(found) == 1
    assert mistake in found[0]
    assert found[0][0] in "345"


def test_a_secret_in_the_file_is_not_repeated(mistakes_in):
    found = mistakes_in(f"""
        recipients:
          - {{name: watch, webhook: {{url: "https://example.org", secret: {SECRET}}}}}
    """)

    assert len(found) == 1
    assert SECRET not in found[0]


def test_an_empty_list_or_a_duplicate_name_is_a_mistake(mistakes_in):
    assert mistakes_in("recipients: []") == [
        "1: recipients: must be a list of recipients, and not empty"
    ]
    assert mistakes_in("recipients: [{name: watch}]") == [
        "1: recipients[0]: must have mail or webhook"
    ]
    duplicates = "recipients: [{name: a, mail: a@b.org}, {name: a, mail: c@b.org}]"
    assert mistakes_in(duplicates) == ["1: recipients[1].name: 'a': duplicate name"]
    empty = "groups: {none: []}\nrecipients: [{name: a, mail: a@b.org}]"
    assert mistakes_in(empty) == ["1: groups.none: must not be empty"]


def test_a_missing_file_is_reported_in_one_line(tmp_path):
    with pytest.raises(RecipientFileError, match=r"none\.yaml: No such file or directory$"):
        read_recipient_file(tmp_path / "none.yaml", {})


@pytest.mark.parametrize("key", ["to", "until"])
@pytest.mark.parametrize(
    ("time", "minute"), [("7:30", 450), ("07:30", 450), ("00:00", 1440), ("24:00", 1440)]
)
def test_quiet_hours_end_at_to_or_until(read, key, time, minute):
    [recipient] = read(f"""
        recipients: [{{name: a, mail: a@b.org, quiet_hours: {{from: "22:00", {key}: "{time}"}}}}]
    """)
    assert recipient.quiet_hours == QuietHours(Period(from_minute=22 * 60, to_minute=minute))


@pytest.mark.parametrize(
    ("minute", "held"),
    [(21 * 60 + 59, False), (22 * 60, True), (0, True), (419, True), (420, False)],
)
def test_quiet_hours_go_over_midnight(minute, held):
    quiet = Period(from_minute=22 * 60, to_minute=7 * 60)
    at = NOON - 12 * HOUR_MS + (minute - 60) * MINUTE_MS  # Vienna is an hour ahead in winter
    assert QuietHours(quiet).hold(2, at, "Europe/Vienna") is held
    assert not QuietHours(quiet).hold(3, at, "Europe/Vienna")
    assert QuietHours(quiet, None).hold(3, at, "Europe/Vienna") is held
