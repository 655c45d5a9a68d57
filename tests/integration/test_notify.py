"""The alert service as a process, with a real broker and mail server, killed and started again."""

import json
import signal
import threading
import time
import uuid

import pytest
from kafka import KafkaProducer

from pycturestream.clock import SystemClock
from pycturestream.contracts import topics
from pycturestream.domain.alerts.alert_command import AlertCommand, AlertCommands
from pycturestream.domain.erasure import Erasures
from pycturestream.domain.frames.frame import Frame, frame_id
from pycturestream.domain.notifications.recipient import Recipient, Subscription
from pycturestream.domain.times import rfc3339
from pycturestream.log.alert_commands import publish_alert_command
from pycturestream.log.alerts import AlertLog
from pycturestream.log.create_topics import create_topics
from pycturestream.log.reader import read_to_end
from pycturestream.notifications.evidence import fetch_evidence
from pycturestream.notifications.notification_service import NotificationService
from pycturestream.notifications.notification_store import NotificationStore
from tests import jpegs
from tests.alerts import alert
from tests.builders import alert_record, detection_record
from tests.mail_server import PASSWORD, mail_server
from tests.waiting import eventually

pytestmark = pytest.mark.integration


@pytest.fixture
def broker(kafka_server):
    create_topics(kafka_server)
    return kafka_server


@pytest.fixture
def camera():
    return f"camera-{uuid.uuid4()}"


def now():
    return time.time_ns() // 1_000_000


def publish(settings, topic, *records):
    producer = KafkaProducer(bootstrap_servers=settings.kafka)
    for record in records:
        producer.send(topic, json.dumps(record).encode(), key=record["camera_id"].encode()).get(60)
    producer.close()


class Service:
    """`pycturestream notify` with its own store and mail server."""

    def __init__(self, start, broker, mail, folder, camera):
        self._start, self._folder = start, folder
        self.file = folder / "recipients.yaml"
        self.file.write_text(
            "recipients: [{name: watch, mail: watch@example.org, "
            f"alerts: [{{cameras: [{camera}], level: 1}}]}}]"
        )
        self._environment = {
            "PYCTURESTREAM_KAFKA_SERVERS": broker.kafka,
            "PYCTURESTREAM_DATA_FOLDER": str(folder),
            "PYCTURESTREAM_SMTP_HOST": mail.smtp_host,
            "PYCTURESTREAM_SMTP_PORT": str(mail.smtp_port),
            "PYCTURESTREAM_SMTP_USER": mail.smtp_user,
            "PYCTURESTREAM_SMTP_PASSWORD": PASSWORD,
            "PYCTURESTREAM_SMTP_SENDER": mail.smtp_sender,
            "PYCTURESTREAM_SMTP_CA_FILE": mail.smtp_ca_file,
        }

    def start(self):
        """Return the process once it reads alerts."""
        process = self._start("notify", str(self.file), **self._environment)
        printed = []
        while not printed or not printed[-1].startswith("reading alerts"):
            line = process.stdout.readline()
            assert line, process.stderr.read()
            printed.append(line)
        return process

    def unsent(self):
        store = NotificationStore(self._folder / "notifications.db")
        try:
            return store.unsent()
        finally:
            store.close()


@pytest.fixture
def mailbox(tmp_path):
    with mail_server(tmp_path) as (inbox, settings):
        yield inbox, settings


def test_a_service_that_is_killed_between_intent_and_mark_sends_the_same_mail_again_and_no_other(
    start, broker, mailbox, tmp_path, camera
):
    inbox, mail = mailbox
    service = Service(start, broker, mail, tmp_path, camera)
    raised = alert_record(camera_id=camera, raised_at=now(), revision=1)
    inbox.stall = threading.Event()

    first = service.start()
    publish(broker, topics.ALERTS, raised)
    assert eventually(lambda: len(inbox.emails) == 1)
    first.kill()  # the server has taken the email, and nobody is there to mark it
    first.wait()
    inbox.stall.set()
    [waiting] = service.unsent()
    # The job crashed as well: it writes its records again, and then the end of the situation.
    over = alert_record(
        camera_id=camera, raised_at=now(), state="cleared", revision=2, updated_at=now()
    )
    publish(broker, topics.ALERTS, raised, {**over, "id": raised["id"]}, raised)
    second = service.start()
    assert eventually(lambda: len(inbox.emails) == 3)
    another = alert_record(camera_id=camera, rule="other", raised_at=now(), revision=1)
    publish(broker, topics.ALERTS, raised, another)
    assert eventually(lambda: len(inbox.emails) == 4)
    second.send_signal(signal.SIGTERM)
    _, err = second.communicate(timeout=60)

    # Other tests leave commands in the topic that are none.
    assert [line for line in err.splitlines() if "left out" not in line] == []
    assert second.returncode == 0
    one, again, end, other = inbox.emails
    assert one["Message-ID"] == again["Message-ID"] == f"<{waiting.message.id}@example.org>"
    assert end["In-Reply-To"] == one["Message-ID"]
    assert end["Subject"].startswith("[ended] ")
    assert other["Message-ID"] != one["Message-ID"]
    assert service.unsent() == []


def test_a_silence_and_a_broken_file_while_it_runs(start, broker, mailbox, tmp_path, camera):
    inbox, mail = mailbox
    service = Service(start, broker, mail, tmp_path, camera)
    silence = AlertCommand(
        "silence", camera, "ann", now() - 60_000, rule="dull", until=now() + 3_600_000
    )
    publish_alert_command(broker, silence)
    process = service.start()
    text = service.file.read_text()
    service.file.write_text(text.replace("level: 1", "level: high"))
    printed = process.stdout.readline() + process.stdout.readline()
    publish(
        broker,
        topics.ALERTS,
        alert_record(camera_id=camera, rule="dull", raised_at=now(), revision=1),
        alert_record(camera_id=camera, rule="loud", raised_at=now(), revision=1, level=1),
    )
    assert eventually(lambda: len(inbox.emails) == 1)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)

    assert f"{service.file}:1: recipients[0].alerts[0].level: 'high': must be 1, 2 or 3" in printed
    assert "the recipients from before its change stay in force" in printed
    assert "loud" in inbox.emails[0].get_body(("plain",)).get_content()


class LocalService:
    """A service in this process, whose messages stay in the outbox."""

    def __init__(self, broker, camera, store=None):
        self.store = store or NotificationStore(None)
        everybody = {"watch": Recipient("watch", mail="a@b.org", alerts=(Subscription((camera,)),))}
        self.service = NotificationService(
            self.store,
            lambda: everybody,
            AlertCommands,
            Erasures,
            SystemClock(),
            broker,
        )
        self.log = AlertLog(broker)
        assert eventually(lambda: self.service.seek(self.log))

    def read_until(self, check):
        assert eventually(lambda: self.service.process(self.log.read()) or check())

    def close(self):
        self.log.close()

    @property
    def messages(self):
        return [entry.message.alerts[0].id for entry in self.store.unsent()]


def test_a_lost_store_repeats_no_message_and_misses_none(broker, camera):
    before = LocalService(broker, camera)
    one = alert_record(camera_id=camera, rule="one", raised_at=now(), revision=1)
    two = alert_record(camera_id=camera, rule="two", raised_at=now(), revision=1)
    publish(broker, topics.ALERTS, one)
    before.read_until(lambda: before.messages == [one["id"]])
    before.log.commit(before.service._offsets)
    before.close()
    publish(broker, topics.ALERTS, two)

    after = LocalService(broker, camera)
    publish(broker, topics.ALERTS, one)
    after.read_until(lambda: after.messages == [two["id"]])
    end = {**one, "state": "cleared", "revision": 2, "cleared_at": rfc3339(now())}
    publish(broker, topics.ALERTS, end)
    after.read_until(lambda: len(after.messages) == 2)
    last = after.store.unsent()[-1].message
    after.close()

    assert (last.kind, last.alerts[0].id) == ("cleared", one["id"])
    assert last.thread == before.store.unsent()[0].message.id


def test_the_evidence_is_fetched_from_the_log_and_is_none_where_it_is_gone(broker, camera):
    at = now()
    jpeg = jpegs.encoded(64, 48) + camera.encode()
    producer = KafkaProducer(bootstrap_servers=broker.kafka)
    place = producer.send(
        topics.FRAMES, jpeg, key=camera.encode(), headers=Frame(camera, at, jpeg).headers(at)
    ).get(60)
    producer.close()
    record = detection_record(camera_id=camera, captured_at=at, offset=place.offset)
    record["picture"]["partition"] = place.partition
    publish(broker, topics.DETECTIONS, record)
    assert any(
        camera.encode() in (message.value or b"") for message in read_to_end(broker, "detections")
    )

    seen = alert(camera_id=camera, frame_id=frame_id(camera, at))
    evidence = fetch_evidence(broker, seen)
    assert jpegs.pixels_of(evidence).shape == (48, 64, 3)
    assert camera.encode() not in evidence
    assert (
        fetch_evidence(broker, alert(camera_id=camera, frame_id=frame_id(camera, at + 1))) is None
    )
    old = at - 3_600_000
    assert fetch_evidence(broker, alert(camera_id=camera, frame_id=frame_id(camera, old))) is None
    assert fetch_evidence(broker, alert(camera_id=camera, frame_id="../x")) is None
