import pytest
from msgspec.structs import replace

from pycturestream.domain.alerts.alert_command import AlertCommands
from pycturestream.domain.cameras.schedule import Period
from pycturestream.domain.notifications.notification import (
    BURST,
    KEEP_MS,
    NotificationState,
    clamp,
    decide,
    forget,
    ingest,
    restore,
)
from pycturestream.domain.notifications.recipient import QuietHours, Recipient, Subscription
from pycturestream.domain.times import parse_rfc3339
from tests.alerts import (
    MINUTE,
    WATCH,
    NotificationDriver,
    acknowledged,
    alert,
    cleared,
    false_alarm,
    in_force,
    silence,
)
from tests.builders import NOON


def kinds(messages):
    return [message.kind for message in messages]


def grown(one, count, at, **changes):
    return replace(
        one, state="updated", revision=one.revision + 1, count=count, updated_at=at, **changes
    )


def test_a_situation_is_notified_once_and_its_end_replies_to_that_message():
    driver = NotificationDriver()

    [first] = driver.at(NOON, alert())
    assert driver.later(1, alert()) == []
    assert driver.later(1) == []
    [last] = driver.later(1, cleared(alert(), NOON + 3 * MINUTE))

    assert (first.kind, first.thread) == ("raised", None)
    assert first.title == "Warning: a person in the driveway, camera gate"
    assert (last.kind, last.thread, last.title) == ("cleared", first.id, first.title)
    assert driver.later(1, cleared(alert(), NOON + 3 * MINUTE)) == []


def test_a_thread_keeps_its_subject_when_its_recipient_changes_the_language():
    driver = NotificationDriver(replace(WATCH, language="de"))
    [raised] = driver.at(NOON, alert())
    assert (raised.language, raised.title) == (
        "de",
        "Warnung: eine Person im Bereich „driveway“, Kamera gate",
    )
    driver.recipients = (replace(WATCH, language="fr"),)
    [ended] = driver.later(1, cleared(alert(), NOON + MINUTE))
    assert (ended.language, ended.title) == ("fr", raised.title)


def test_a_digest_has_the_language_of_its_recipient():
    driver = NotificationDriver(replace(WATCH, language="es"))
    driver.at(NOON, alert("a", rule="r"))
    driver.later(1, alert("b", rule="r"), alert("c", rule="r"))
    [digest] = driver.later(30)
    assert (digest.kind, digest.language) == ("digest", "es")


def test_nobody_is_notified_about_a_replay():
    assert NotificationDriver().at(NOON, alert(run="holiday")) == []


def test_an_older_revision_changes_nothing():
    driver = NotificationDriver()
    driver.at(NOON, cleared(alert(), NOON))

    assert driver.later(2, alert()) != []
    assert driver.later(2) == []


def test_growth_is_notified_when_the_count_has_doubled_and_the_cooldown_is_over():
    driver = NotificationDriver()
    driver.at(NOON, alert(count=2))

    assert driver.later(1, grown(alert(), 3, NOON)) == []
    assert driver.later(1, grown(alert(revision=2), 4, NOON)) == []
    assert driver.later(1, grown(alert(revision=3), 9, NOON)) == []
    [message] = driver.later(7)

    assert message.kind == "updated"
    assert message.alerts[0].count == 9
    assert driver.later(20, grown(alert(revision=4), 10, NOON + 30 * MINUTE)) == []


def test_a_higher_level_is_notified_at_once():
    driver = NotificationDriver()
    [first] = driver.at(NOON, alert())

    [message] = driver.later(0.5, grown(alert(), 1, NOON, level=3))

    assert (message.kind, message.thread) == ("updated", first.id)


def test_an_end_replaces_growth_that_was_not_notified():
    driver = NotificationDriver()
    driver.at(NOON, alert())
    driver.later(1, grown(alert(), 5, NOON + MINUTE))

    assert kinds(driver.later(1, cleared(alert(revision=2), NOON + 2 * MINUTE))) == ["cleared"]
    assert driver.later(30) == []


def test_the_cooldown_of_a_rule_begins_with_a_message_and_its_alerts_are_grouped():
    driver = NotificationDriver()
    same = {"rule": "driveway"}
    assert kinds(driver.at(NOON, alert("a", **same))) == ["raised"]
    for minute in range(1, 6):
        at = NOON + minute * MINUTE
        assert driver.at(at, alert(f"b{minute}", at=at, **same)) == []

    [digest] = driver.at(NOON + 10 * MINUTE)

    assert digest.kind == "digest"
    assert len(digest.alerts) == 5
    at = NOON + 19 * MINUTE
    assert driver.at(at, alert("c", at=at, **same)) == []
    assert kinds(driver.at(NOON + 20 * MINUTE)) == ["raised"]


def test_the_cooldown_is_of_one_rule_and_camera():
    driver = NotificationDriver()
    driver.at(NOON, alert("a"))

    assert kinds(driver.later(1, alert("b"), alert("a2", camera_id="door"))) == ["raised", "raised"]


def test_300_alerts_in_a_minute_are_a_handful_of_messages():
    driver, sent = NotificationDriver(), []
    for number in range(300):
        at = NOON + number * 200
        one = alert(str(number), at=at, camera_id=f"camera-{number % 20}", rule=f"r{number % 3}")
        sent += driver.at(at, one)
        if number % 2:
            sent += driver.at(at, cleared(one, at + 100))
    for second in range(60, 3600, 5):
        sent += driver.at(NOON + second * 1000)

    assert len(sent) <= 9
    notified = {one.id for message in sent for one in message.alerts}
    assert len(notified) == 300
    assert kinds(sent)[0] == "raised"


@pytest.mark.parametrize("limit", [7, 12, 20])
def test_an_hour_has_a_limit_and_no_alert_is_lost_by_it(limit):
    driver = NotificationDriver(replace(WATCH, hourly_limit=limit))
    sent, raised = [], 0
    for minute in range(300):
        at = NOON + minute * MINUTE
        raised += 2
        sent += driver.at(at, alert(f"{minute}a", at=at), alert(f"{minute}b", at=at))
    sent += driver.later(11)

    for message in sent:
        within = [one for one in sent if message.at <= one.at < message.at + 60 * MINUTE]
        assert len(within) <= limit
    assert len({one.id for message in sent for one in message.alerts}) == raised


def test_the_most_dangerous_alert_comes_first():
    driver = NotificationDriver()
    many = [alert(str(number)) for number in range(BURST + 3)]

    sent = driver.at(NOON, *many, alert("danger", level=3))

    assert len(sent) == BURST
    assert sent[0].alerts[0].level == 3


def test_in_quiet_hours_only_danger_is_notified_and_the_rest_is_grouped_after_them():
    night = replace(
        WATCH,
        timezone="Europe/Vienna",
        quiet_hours=QuietHours(Period(from_minute=22 * 60, to_minute=7 * 60)),
    )
    driver = NotificationDriver(night)
    at = parse_rfc3339("2026-11-21T21:30:00Z")  # 22:30 in Vienna

    assert driver.at(at, alert("a", at=at), alert("b", at=at)) == []
    assert kinds(driver.at(at, alert("c", at=at, level=3))) == ["raised"]
    driver.at(at + MINUTE, cleared(alert("a", at=at), at + MINUTE))
    assert driver.at(parse_rfc3339("2026-11-22T05:59:00Z")) == []
    [digest] = driver.at(parse_rfc3339("2026-11-22T06:00:00Z"))

    assert digest.kind == "digest"
    assert {one.id for one in digest.alerts} == {"gate:a", "gate:b"}


def test_a_delayed_alert_that_becomes_a_danger_is_notified_at_once():
    driver = NotificationDriver(
        replace(WATCH, quiet_hours=QuietHours(Period(from_minute=0, to_minute=23 * 60)))
    )
    driver.at(NOON, alert())

    assert kinds(driver.later(1, grown(alert(), 1, NOON + MINUTE, level=3))) == ["raised"]


def test_an_alert_that_is_old_when_it_is_read_comes_in_a_digest():
    driver = NotificationDriver()
    old = NOON - 20 * MINUTE

    assert driver.at(NOON, alert("a", at=old), alert("b", at=old)) == []
    assert kinds(driver.later(1)) == ["digest"]


def test_an_alert_that_ended_before_its_message_comes_in_a_digest():
    driver = NotificationDriver()

    assert driver.at(NOON, alert("a"), cleared(alert("a"), NOON)) == []
    [message] = driver.later(1)

    assert (message.kind, message.alerts[0].state) == ("raised", "cleared")


def test_an_acknowledged_alert_grows_without_messages_and_its_end_is_notified():
    driver = NotificationDriver()
    driver.at(NOON, alert())
    driver.commands = in_force(acknowledged(alert()))

    assert driver.later(20, grown(alert(), 8, NOON + 20 * MINUTE, level=3)) == []
    assert kinds(driver.later(1, cleared(alert(revision=2), driver.now))) == ["cleared"]


def test_an_alert_acknowledged_before_its_message_has_none():
    driver = NotificationDriver(commands=in_force(acknowledged(alert())))

    assert driver.at(NOON, alert()) == []
    assert driver.later(1, cleared(alert(), NOON + MINUTE)) == []


def test_a_false_alarm_has_no_more_messages():
    driver = NotificationDriver()
    driver.at(NOON, alert())
    driver.commands = in_force(false_alarm(alert()))

    assert driver.later(1, grown(alert(), 8, NOON, level=3)) == []
    assert driver.later(1, cleared(alert(revision=2), driver.now)) == []


def test_an_alert_raised_in_a_silence_never_has_a_message():
    quiet = silence("gate", NOON, NOON + 10 * MINUTE)
    driver = NotificationDriver(commands=in_force(quiet))

    assert driver.at(NOON, alert("a")) == []
    driver.commands = in_force(silence("gate", NOON + 20 * MINUTE, NOON + 30 * MINUTE))
    assert driver.later(15, grown(alert("a"), 4, driver.now, level=3)) == []
    assert kinds(driver.later(1, alert("b", at=driver.now))) == ["raised"]


def test_the_silence_of_one_rule_leaves_the_others():
    driver = NotificationDriver(
        commands=in_force(silence("gate", NOON, NOON + MINUTE, rule="rule-a"))
    )

    assert [one.alerts[0].rule for one in driver.at(NOON, alert("a"), alert("b"))] == ["rule-b"]


def test_recipients_get_the_alerts_of_their_subscriptions():
    everybody = (
        Recipient("all", mail="a@b.org", alerts=(Subscription(level=1),)),
        Recipient("gate", mail="a@b.org", alerts=(Subscription(cameras=("gate",), level=2),)),
        Recipient("south", mail="a@b.org", alerts=(Subscription(sites=("south",), level=3),)),
        Recipient("two", mail="a@b.org", alerts=(Subscription(("door",)), Subscription(level=3))),
    )

    def who(one):
        return {message.recipient for message in NotificationDriver(*everybody).at(NOON, one)}

    assert who(alert(level=1)) == {"all"}
    assert who(alert(level=2)) == {"all", "gate"}
    assert who(alert(level=3, site="south")) == {"all", "gate", "south", "two"}
    assert who(alert(camera_id="door", site="south")) == {"all", "two"}


def test_a_notified_recipient_is_notified_about_the_end_too():
    driver = NotificationDriver()
    driver.at(NOON, alert())
    driver.recipients = (replace(WATCH, alerts=(Subscription(level=3),)),)

    assert kinds(driver.later(1, cleared(alert(), driver.now))) == ["cleared"]


def test_a_removed_recipient_is_forgotten():
    driver = NotificationDriver()
    driver.recipients = (
        replace(WATCH, quiet_hours=QuietHours(Period(from_minute=0, to_minute=1439))),
    )
    driver.at(NOON, alert())
    driver.recipients = ()
    driver.later(1)

    assert driver.state.recipient_states == {}


def test_after_a_lost_store_only_the_end_of_a_situation_is_notified():
    before = NotificationDriver()
    [first] = before.at(NOON, alert())
    driver = NotificationDriver()
    driver.state = restore(NotificationState(), alert(), driver.recipients, NOON)

    assert driver.later(1, alert()) == []
    [last] = driver.later(1, cleared(alert(), driver.now))
    assert (last.kind, last.thread) == ("cleared", first.id)


def test_nothing_before_the_first_start_is_notified():
    driver = NotificationDriver()
    driver.state = restore(NotificationState(), alert(), (), NOON)

    assert driver.later(1, grown(alert(), 9, driver.now, level=3)) == []


def test_a_situation_without_records_for_a_week_is_forgotten():
    driver = NotificationDriver()
    driver.at(NOON, alert())

    assert driver.state == forget(driver.state, NOON + KEEP_MS - 1)
    assert forget(driver.state, NOON + KEEP_MS).situations == {}


def test_the_functions_do_not_change_the_state_they_are_given():
    before = ingest(NotificationState(), alert(), (WATCH,), AlertCommands(), NOON)

    first = decide(before, (WATCH,), AlertCommands(), NOON)

    assert decide(before, (WATCH,), AlertCommands(), NOON) == first
    assert len(first[1]) == 1


YEAR = 365 * 24 * 60 * MINUTE


@pytest.mark.parametrize("messages", [1, BURST, 20])
def test_a_clock_that_was_a_year_ahead_mutes_nobody(messages):
    driver = NotificationDriver()
    for number in range(messages):
        driver.at(NOON + YEAR, alert(str(number), at=NOON + YEAR))
    # when the clock is right again
    found = driver.at(NOON, alert("new"), alert("0", rule="rule-0", id="gate:again"))
    for minute in range(1, 90):
        found += driver.at(NOON + minute * MINUTE)
    # then
    assert {"gate:new", "gate:again"} <= {one.id for message in found for one in message.alerts}


def test_a_situation_of_a_year_ahead_grows_and_ends_with_messages():
    driver = NotificationDriver()
    one = alert(at=NOON + YEAR)
    driver.at(NOON + YEAR, one)
    [growth] = [
        message
        for minute in range(0, 30, 5)
        for message in driver.at(
            NOON + minute * MINUTE, grown(one, 4, NOON + minute * MINUTE) if not minute else one
        )
    ]
    [end] = driver.at(NOON + 31 * MINUTE, cleared(replace(one, revision=3), NOON + 31 * MINUTE))
    assert (growth.kind, end.kind) == ("updated", "cleared")


def test_no_time_to_come_is_kept():
    driver = NotificationDriver()
    driver.at(NOON + YEAR, alert("one", at=NOON + YEAR), alert("other"))
    clamped = clamp(driver.state, NOON)
    assert clamp(clamped, NOON) is clamped
    assert forget(clamped, NOON + KEEP_MS + 1).situations == {}
