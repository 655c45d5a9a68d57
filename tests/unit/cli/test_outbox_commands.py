"""`pycturestream notify outbox` and `times`, on a store that the alert service has left."""

import pytest

from pycturestream.cli.composition.notifier import NOTIFICATION_STORE
from pycturestream.clock import SystemClock
from pycturestream.config.settings import settings
from pycturestream.notifications.notification_store import NotificationStore
from tests.alerts import MINUTE, NotificationDriver, alert
from tests.command_line import command_line


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("PYCTURESTREAM_DATA_FOLDER", str(tmp_path))
    settings.cache_clear()
    yield command_line(monkeypatch, capsys)
    settings.cache_clear()


@pytest.fixture
def store(tmp_path):
    """Three messages: two were taken, after 400 and 1400 ms, and one waits."""
    service, store, begin = (
        NotificationDriver(),
        NotificationStore(tmp_path / NOTIFICATION_STORE),
        SystemClock().now() - MINUTE,
    )
    messages = service.at(begin, *(alert(name, at=begin) for name in "abc"))
    store.keep(service.state, {}, [(one, "mail") for one in messages], begin)
    for at in (begin + 400, begin + 1_400):
        store.mark_sent(store.due("mail", at), at)
    yield store
    store.close()


@pytest.mark.usefixtures("store")
def test_times_are_percentiles(run):
    ended = run("notify", "times", "--json")

    assert ended.status == 0
    assert ended.records == [
        {"channel": "mail", "messages": 2, "p50_s": 0.9, "p95_s": 1.35, "longest_s": 1.4}
    ]
    assert "1.4 s" in run("notify", "times").output


@pytest.mark.usefixtures("store")
def test_what_waits_is_in_the_outbox(run):
    [entry] = run("notify", "outbox", "--json").records

    assert (entry["state"], entry["channel"], entry["recipient"]) == ("waiting", "mail", "watch")


def test_without_a_service_nothing_was_sent(run):
    assert "everything was sent" in run("notify", "outbox").output
    assert "no message was sent" in run("notify", "times").output
    assert run("notify", "times", "--json").records == []


def test_a_file_that_is_not_a_store_is_one_line(run, tmp_path):
    (tmp_path / NOTIFICATION_STORE).write_bytes(
        b"this is no database, but a text that somebody has put here" * 10
    )

    ended = run("notify", "times")

    assert ended.status == 1
    assert "file is not a database" in ended.errors
    assert "Traceback" not in ended.errors
