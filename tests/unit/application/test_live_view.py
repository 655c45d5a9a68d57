"""What is known of all cameras at this moment, in memory."""

from types import SimpleNamespace

import msgspec
import pytest

from pycturestream.application.live_ports import Snapshot
from pycturestream.application.live_view import FRAMES_KEPT, KEPT_MS, LiveView
from pycturestream.contracts.topics import ALERTS, DETECTIONS
from pycturestream.domain.alerts.alert_command import AlertCommands
from pycturestream.domain.cameras.camera import Camera
from pycturestream.stores.redis_view import CameraView, PushedBytes
from tests.builders import NOON, alert_record, detection_record, narration_record

PHONE = "eye-00000000000000aa"


@pytest.fixture
def known():
    """The settings and commands that a test sets."""
    return SimpleNamespace(settings={}, commands=AlertCommands())


@pytest.fixture
def view(known):
    return LiveView(lambda: known.settings, lambda: known.commands, 15_000)


def pushed(record, channel=DETECTIONS):
    return PushedBytes(channel, record["camera_id"], msgspec.json.encode(record))


def camera(view, camera_id="gate"):
    return msgspec.json.decode(view.camera(camera_id))


def newest(view, camera_id="gate"):
    return msgspec.json.decode(view.newest_frame(camera_id))


def test_each_frame_is_told_once_however_often_it_comes(view):
    record = detection_record()
    view.take([Snapshot([CameraView("gate", NOON, record, (), None)])])
    assert view.take_changes() == ({"gate"}, {"gate"})
    view.take([pushed(record)])
    assert view.take_changes() == (set(), set())


def test_a_frame_is_known_until_its_picture_can_have_come(view):
    records = [detection_record(captured_at=NOON + each) for each in range(FRAMES_KEPT + 1)]
    view.take(map(pushed, records))
    assert view.frame("gate", records[0]["frame_id"]) is None
    first = msgspec.json.decode(view.frame("gate", records[1]["frame_id"]))
    assert first["frame_id"] == records[1]["frame_id"]
    assert newest(view)["frame_id"] == records[-1]["frame_id"]


def test_hidden_objects_are_in_view_and_people_come_first(view):
    hidden = [{"label": "person", "track_id": "t", "seen_at": "2026-11-21T12:00:00.000Z"}]
    view.take([pushed(detection_record(labels=("car",)) | {"hidden": hidden})])
    assert newest(view)["in_view"] == "1 person, 1 car"


def test_an_older_change_of_an_alert_does_not_undo_a_newer_one(view):
    newer, older = (alert_record(revision=revision) for revision in (2, 1))
    view.take([pushed(newer | {"level": 1}, ALERTS), pushed(older, ALERTS)])
    assert [alert["level"] for alert in camera(view)["alerts"]] == [1]


def test_what_redis_does_not_hold_any_more_is_forgotten(view):
    full = CameraView("gate", NOON, detection_record(), (alert_record(),), narration_record())
    view.take([Snapshot([full])])
    view.take([Snapshot([])])
    assert view.newest_frame("gate") is None
    assert (camera(view)["alerts"], camera(view)["sentence"]) == ([], None)


def test_the_settings_say_where_a_camera_is_and_otherwise_its_records(view, known):
    view.take([pushed(detection_record())])
    assert (camera(view)["site"], camera(view)["revision"]) == ("north", 0)
    known.settings = {"gate": Camera("gate", "south", timezone="Europe/Vienna", revision=3)}
    view.take_changes()
    view.pass_time(NOON)
    assert "gate" in view.take_changes()[0]
    assert (camera(view)["site"], camera(view)["timezone"]) == ("south", "Europe/Vienna")


def test_a_camera_of_the_settings_is_there_before_it_was_seen(view, known):
    known.settings = {"gate": Camera("gate"), PHONE: Camera(PHONE)}
    view.pass_time(NOON)
    assert view.camera_ids == ("gate",)


def test_one_without_settings_goes_when_it_was_not_seen_for_a_day(view):
    view.take([pushed(detection_record())])
    view.pass_time(NOON + KEPT_MS)
    assert view.camera_ids == ("gate",)
    view.pass_time(NOON + KEPT_MS + 1)
    assert view.camera_ids == ()
    assert view.camera("gate") is None


def test_what_no_record_is_does_not_stop_the_others(view):
    junk = PushedBytes(DETECTIONS, "gate", b"\xff")
    view.take([junk, pushed(detection_record(camera_id="door"))])
    assert newest(view, "door")


def test_after_results_were_not_followed_nothing_old_is_told(view):
    view.take([Snapshot([CameraView("gate", NOON, detection_record(), (), None)])])
    view.forget_results()
    assert not view.is_complete
    assert view.newest_frame("gate") is None
