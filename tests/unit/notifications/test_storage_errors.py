"""A store that can't be written for a time: nothing is lost, nothing is sent twice."""

import resource
import sqlite3
import threading
from contextlib import ExitStack, closing, contextmanager

import pytest
from structlog.testing import capture_logs

from pycturestream.clock import SystemClock, now
from pycturestream.config.settings import Settings
from pycturestream.domain.alerts.alert_command import AlertCommands
from pycturestream.domain.erasure import Erasures
from pycturestream.domain.notifications.notification import NotificationState, new_test_message
from pycturestream.log.alerts import LogRecord
from pycturestream.notifications.delivery import Delivery
from pycturestream.notifications.notification_service import NotificationService
from pycturestream.notifications.notification_store import (
    INTERRUPTED,
    NotificationStore,
    StoreBlockedError,
)
from tests.alerts import WATCH
from tests.builders import NOON, alert_record, message
from tests.waiting import eventually

PARTITION = ("alerts", 0)
MESSAGE = new_test_message("watch", NOON)


@pytest.fixture
def store(tmp_path):
    with closing(NotificationStore(tmp_path / "notifications.db")) as store:
        store._connection.execute("PRAGMA busy_timeout = 20")
        yield store


@contextmanager
def full_disk(_store, _path):
    """No file of this process can grow: the system's own limit takes the place of a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def locked_file(_store, path):
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def read_only_file(store, _path):
    store._connection.execute("PRAGMA query_only = ON")
    yield
    store._connection.execute("PRAGMA query_only = OFF")


@pytest.fixture(params=[full_disk, locked_file, read_only_file])
def blocked(request, store, tmp_path):
    """Return a context in which nothing can be written."""
    return lambda: request.param(store, tmp_path / "notifications.db")


class Receiver:
    """A sender that counts, and may be told what to do while it sends."""

    def __init__(self):
        self.got, self.meanwhile = [], lambda: None

    def send(self, message, _recipient):
        self.meanwhile()
        self.got.append(message.id)


@contextmanager
def working(work):
    """Do something in a thread, which ends by itself or with its clock."""
    stop, failures = threading.Event(), []

    def run():
        try:
            work(SystemClock(stop))
        except StoreBlockedError as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield failures
    finally:
        stop.set()
        thread.join()


def delivery(store, sender, clock):
    return Delivery(store, "mail", sender, lambda: {"watch": WATCH}, clock, Settings())


def test_nothing_is_sent_before_its_attempt_is_written(store, blocked):
    store.keep(NotificationState(), {}, [(MESSAGE, "mail")], NOON)
    receiver = Receiver()

    with capture_logs() as events, ExitStack() as block:
        block.enter_context(blocked())
        with working(lambda clock: delivery(store, receiver, clock).run()):
            assert eventually(lambda: events)
            threading.Event().wait(0.5)  # several attempts
            assert receiver.got == []
            block.close()
            assert eventually(lambda: store.counts() == {"sent": 1})

    assert receiver.got == [MESSAGE.id]
    assert [event["log_level"] for event in events] == ["error", "info", "info"]
    assert "check disk space and permissions" in events[0]["event"]


def test_what_was_sent_is_not_sent_again_when_that_can_not_be_written(store, blocked):
    store.keep(NotificationState(), {}, [(MESSAGE, "mail")], NOON)
    receiver, sending, go_on = Receiver(), threading.Event(), threading.Event()
    receiver.meanwhile = lambda: (sending.set(), go_on.wait())

    with capture_logs() as events, working(lambda clock: delivery(store, receiver, clock).run()):
        sending.wait()
        with blocked():
            go_on.set()
            assert eventually(lambda: events)
            assert store.counts() == {"waiting": 1}
        assert eventually(lambda: store.counts() == {"sent": 1})

    assert receiver.got == [MESSAGE.id]


def test_a_service_that_ends_before_it_could_write_repeats_only_what_it_was_sending(store, blocked):
    messages = [new_test_message("watch", NOON + number) for number in range(3)]
    store.keep(NotificationState(), {}, [(one, "mail") for one in messages], NOON)
    receiver, sending, go_on = Receiver(), threading.Event(), threading.Event()
    receiver.meanwhile = lambda: (sending.set(), go_on.wait())

    with capture_logs() as events, ExitStack() as block:
        with working(lambda clock: delivery(store, receiver, clock).run()) as failures:
            sending.wait()
            block.enter_context(blocked())
            go_on.set()
            assert eventually(lambda: events)
        assert failures
    assert [entry.error for entry in store.unsent()] == [INTERRUPTED, "", ""]
    with working(lambda clock: delivery(store, receiver, clock).run()):
        assert eventually(lambda: store.counts() == {"sent": 3})

    first, *others = (one.id for one in messages)
    assert receiver.got == [first, first, *others]


class Log:
    """A log with one alert, and no more after it."""

    def __init__(self, settled):
        raised = alert_record(revision=1, raised_at=now())
        record = LogRecord(PARTITION, 1, message("alerts", raised)[1])
        self._batches, self._settled = [[record]], settled

    def read(self):
        if not self._batches:
            self._settled.set()
            return []
        return self._batches.pop()

    def partitions(self):
        return [PARTITION]

    def seek(self, offsets):
        pass

    def commit(self, offsets):
        pass

    def close(self):
        pass


def test_an_alert_waits_until_its_message_can_be_written(store, blocked):
    store.keep(NotificationState(), {PARTITION: 0})
    go_on, settled = threading.Event(), threading.Event()

    def work(clock):
        service = NotificationService(
            store, lambda: {"watch": WATCH}, AlertCommands, Erasures, clock, Settings()
        )
        go_on.wait()
        service.run(lambda: Log(settled))

    with capture_logs() as events, working(work) as failures:
        with blocked():
            go_on.set()
            assert eventually(lambda: any(event["log_level"] == "error" for event in events))
            assert store.counts() == {}
        assert eventually(settled.is_set)

    assert failures == []
    assert sum(store.counts().values()) == 1
    assert store.offsets() == {PARTITION: 1}


class FailingCommit:
    """A connection whose next transaction can't be committed."""

    def __init__(self, connection):
        self._connection, self.fails = connection, True

    def __getattr__(self, name):
        return getattr(self._connection, name)

    def cursor(self):
        return FailingCursor(self, self._connection.cursor())


class FailingCursor:
    def __init__(self, connection, cursor):
        self._connection, self._cursor = connection, cursor

    def __getattr__(self, name):
        return getattr(self._cursor, name)

    def execute(self, statement, *values):
        if statement == "COMMIT" and self._connection.fails:
            self._connection.fails = False
            raise sqlite3.OperationalError("database or disk is full")
        return self._cursor.execute(statement, *values)


def test_a_state_whose_commit_failed_is_written_as_a_whole_the_next_time(store, tmp_path):
    service = NotificationService(
        store, lambda: {"watch": WATCH}, AlertCommands, Erasures, FixedClock(), Settings()
    )
    store._connection = FailingCommit(store._connection)
    record = LogRecord(PARTITION, 1, message("alerts", alert_record(revision=1))[1])

    with pytest.raises(StoreBlockedError):
        service.process([record])
    service.process([record])

    with closing(NotificationStore(tmp_path / "notifications.db")) as again:
        assert len(again.load().situations) == 1


class FixedClock:
    stopped = False

    def now(self):
        return NOON
