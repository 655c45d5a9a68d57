import sqlite3
from contextlib import closing

import msgspec
import pytest
from msgspec.structs import replace

from pycturestream.domain.notifications.notification import (
    NotificationState,
    Notified,
    Pending,
    RecipientState,
    Situation,
    forget,
    new_test_message,
)
from pycturestream.notifications.notification_store import (
    SENT_KEEP_MS,
    UNDELIVERABLE_KEEP_MS,
    NotificationStore,
    StoreError,
)
from tests.alerts import NotificationDriver, alert, cleared
from tests.builders import NOON

PARTITION = ("alerts", 3)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "notifications.db"


def test_the_state_is_there_after_a_restart(path):
    driver, store = NotificationDriver(), NotificationStore(path)
    messages = driver.at(NOON, alert("a"), alert("b"))
    store.keep(driver.state, {PARTITION: 7}, [(one, "mail") for one in messages], NOON)
    store.close()

    again = NotificationStore(path)

    assert again.load() == driver.state
    assert again.offsets() == {PARTITION: 7}
    assert [entry.message for entry in again.unsent()] == messages
    again.close()


def test_a_store_of_the_program_before_is_read(path):
    NotificationStore(path).close()
    situation = {
        "alert": msgspec.to_builtins(alert()),
        "noticed_at": NOON,
        "told": {
            "watch": {
                "thread": "t",
                "title": "x",
                "alone": True,
                "count": 1,
                "level": 2,
                "at": NOON,
                "over": False,
            }
        },
        "muted": True,
    }
    recipient = {
        "waiting": {"gate:a": {"since": NOON, "held": True}},
        "sent": [NOON],
        "digest_at": NOON,
        "cooling": {"gate:rule-a": NOON},
    }
    with closing(sqlite3.connect(path)) as connection, connection:
        for table, key, value in (
            ("situations", "gate:a", situation),
            ("correspondences", "watch", recipient),
        ):
            row = (key, msgspec.msgpack.encode(value))
            connection.execute(f"INSERT INTO {table} VALUES (?, ?)", row)  # noqa: S608 - two names

    store = NotificationStore(path)

    notified = Notified("t", "x", alone=True, count=1, level=2, at=NOON)
    assert store.load() == NotificationState(
        {"gate:a": Situation(alert(), NOON, {"watch": notified}, muted=True)},
        {
            "watch": RecipientState(
                {"gate:a": Pending(NOON, delayed=True)}, (NOON,), NOON, {"gate:rule-a": NOON}
            )
        },
    )
    store.close()


def test_only_changes_are_written_and_forgotten_situations_are_removed(path):
    driver, store = NotificationDriver(), NotificationStore(path)
    driver.at(NOON, alert("a"))
    store.keep(driver.state, {PARTITION: 1})
    driver.at(NOON + SENT_KEEP_MS, alert("b"))
    store.keep(forget(driver.state, driver.now), {PARTITION: 2})
    store.close()

    again = NotificationStore(path)

    assert list(again.load().situations) == ["gate:b"]
    assert again.offsets() == {PARTITION: 2}
    again.close()


def test_a_write_that_fails_changes_nothing(path):
    store = NotificationStore(path)
    driver = NotificationDriver()
    messages = driver.at(NOON, alert())

    with pytest.raises(StoreError, match=r"notifications\.db"):
        store.keep(driver.state, {PARTITION: None}, [(messages[0], "mail")], NOON)

    assert store.unsent() == []
    store.keep(driver.state, {PARTITION: 1})
    assert store.load() == driver.state
    store.close()


def test_messages_about_an_alert_are_found_sent_or_not():
    driver, store = NotificationDriver(), NotificationStore(None)
    messages = driver.at(NOON, alert("a"), alert("b"))
    store.keep(driver.state, {PARTITION: 7}, [(one, "mail") for one in messages], NOON)
    about = messages[0].alerts[0].id
    store.mark_sent(store.about(about)[0], NOON)

    assert [(entry.message, entry.state) for entry in store.about(about)] == [(messages[0], "sent")]
    assert store.about("another") == []
    store.close()


def test_a_message_is_stored_once_however_often_it_is_decided():
    store, message = NotificationStore(None), new_test_message("watch", NOON)

    for _ in range(2):
        store.keep(NotificationState(), {}, [(message, "mail"), (message, "webhook")], NOON)

    assert [entry.channel for entry in store.unsent()] == ["mail", "webhook"]
    store.close()


def test_no_reply_is_sent_before_the_message_it_replies_to():
    driver, store = NotificationDriver(), NotificationStore(None)
    first = driver.at(NOON, alert())
    last = driver.later(1, cleared(alert(), NOON + 1))
    store.keep(NotificationState(), {}, [(one, "mail") for one in (*first, *last)], NOON)

    store.postpone(store.due("mail", NOON), "busy", NOON + 1_000)
    assert store.due("mail", NOON + 999) is None
    entry = store.due("mail", NOON + 1_000)
    assert entry.message == first[0]
    store.mark_sent(entry, NOON)
    assert store.due("mail", NOON).message == last[0]
    store.close()


def test_the_time_to_send_is_known_of_first_messages():
    driver, store = NotificationDriver(), NotificationStore(None)
    first = alert(at=NOON)
    messages = driver.at(NOON + 400, first) + driver.at(NOON + 900, cleared(first, NOON + 900))
    test = new_test_message("watch", NOON)
    store.keep(driver.state, {}, [(one, "mail") for one in (*messages, test)], NOON)
    assert store.waits("mail", NOON) == []

    for at in (NOON + 500, NOON + 1_000, NOON + 2_000):
        store.mark_sent(store.due("mail", at), at)

    assert store.waits("mail", NOON) == [500]
    assert store.waits("mail", NOON + 501) == []
    assert store.waits("webhook", NOON) == []
    store.close()


def test_messages_settled_long_ago_are_removed_and_waiting_ones_stay():
    store = NotificationStore(None)
    messages = [(new_test_message("watch", NOON + number), "mail") for number in range(3)]
    store.keep(NotificationState(), {}, messages, NOON)
    store.mark_sent(store.due("mail", NOON), NOON)
    store.mark_undeliverable(store.due("mail", NOON), "gone", NOON)

    store.forget(NOON + SENT_KEEP_MS + 1)
    assert store.counts() == {"undeliverable": 1, "waiting": 1}
    store.forget(NOON + UNDELIVERABLE_KEEP_MS + 1)
    assert store.counts() == {"waiting": 1}
    store.close()


def test_a_file_that_is_not_a_store_is_reported_in_one_line(path):
    path.write_bytes(b"this is no database, but a text that somebody has put here" * 10)

    with pytest.raises(StoreError, match=r"notifications\.db: file is not a database"):
        NotificationStore(path)


def test_a_file_of_a_newer_program_is_left_untouched(path):
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(StoreError, match="update it"):
        NotificationStore(path)


def test_a_digest_does_not_overtake_an_earlier_message_about_one_of_its_alerts():
    driver, store = NotificationDriver(), NotificationStore(None)
    [first, other] = driver.at(NOON, alert("a"), alert("b"))
    digest = replace(first, id="d" * 32, kind="digest", alerts=(*first.alerts, alert("c")))
    store.keep(driver.state, {}, [(one, "mail") for one in (first, digest, other)], NOON)

    store.postpone(store.due("mail", NOON), "busy", NOON + 1_000)
    assert store.due("mail", NOON).message == other
    store.mark_sent(store.due("mail", NOON), NOON)
    assert store.due("mail", NOON) is None
    store.mark_sent(store.due("mail", NOON + 1_000), NOON)
    assert store.due("mail", NOON).message == digest
    assert store.due("mail", NOON, busy=["watch"]) is None
    store.close()
