"""The archive as a sink of the picture service: what it chooses, and what it archives."""

from hashlib import sha256

import msgspec
import numpy as np
import pytest
from jsonschema import Draft202012Validator
from kafka.errors import KafkaTimeoutError

from pycturestream.application.archiving import ArchiveSink
from pycturestream.archive.archive import Archive
from pycturestream.archive.folder import FolderStorage
from pycturestream.archive.storage import StorageError
from pycturestream.contracts.alerts import read_alert
from pycturestream.contracts.archived import encode_archived
from pycturestream.contracts.detections import read_detections_record
from pycturestream.contracts.schemas import schema
from pycturestream.domain.archive.choice import WINDOWS_LIMIT
from pycturestream.domain.cameras.camera import Archiving, Camera
from pycturestream.domain.erasure import Erasures
from pycturestream.domain.frames.frame import parse_frame_id
from pycturestream.domain.times import DAY_MS, rfc3339
from pycturestream.errors import ServiceError
from pycturestream.log.dead_letters import LoggedDeadLetter
from pycturestream.pictures.frame_pictures import FramePicture
from pycturestream.pixels import decode
from tests.archives import ListedLog, name_at
from tests.builders import NOON, alert_record, detection_record

SECOND = 1_000
ALERTS = Camera("gate", archive=Archiving())
ORIGINALS = Camera("gate", archive=Archiving(original=True), originals=True)
LIMIT = 40_000_000


class Setup:
    """A sink with an archive, a log, and a camera that sends frames."""

    def __init__(self, folder) -> None:
        self.archive = Archive(FolderStorage(str(folder)), 1_000_000)
        self.log = ListedLog()
        self.erased = Erasures()
        self.sink = self.another()

    def another(self):
        """Return the sink of a service that started again."""
        return ArchiveSink(
            self.archive, self.log.write, lambda: NOON + 60 * SECOND, lambda: self.erased
        )

    def see(self, at, camera=ALERTS, **fields):
        """Let a frame come, archive what is chosen, and return the times of that."""
        chosen = self.sink.choose(frame(at, **fields), camera)
        for record in chosen:
            self.sink.put(FramePicture(record, pixels()), camera)
        return [(taken(record) - NOON) // SECOND for record in chosen]

    @property
    def kept(self):
        return [(held.name.at - NOON) // SECOND for held in self.archive.held("gate")]


def taken(record):
    return parse_frame_id(record.frame_id)[1]


def frame(at, **fields):
    return read_detections_record(detection_record(captured_at=at, **fields))


def pixels():
    return np.full((96, 128, 3), (200, 150, 100), np.uint8)


@pytest.fixture
def setup(tmp_path):
    return Setup(tmp_path / "archive")


def threat(alert_id="people:gate#1"):
    return {"rule": "people", "level": 2, "alert_id": alert_id}


def test_nothing_is_chosen_of_a_camera_that_does_not_ask(setup):
    assert setup.see(NOON, Camera("gate"), threats=[threat()]) == []
    assert not setup.kept


def test_a_replay_is_not_archived(setup):
    assert setup.see(NOON, threats=[threat()], run="yesterday") == []


@pytest.mark.parametrize(
    "frame_id", ["../../x_20261121T120000000Z", "door_20261121T120000000Z", ""]
)
def test_a_record_whose_frame_id_is_not_its_own_is_not_archived(setup, frame_id):
    forged = msgspec.structs.replace(
        frame(NOON, threats=[threat()]), frame_id=frame_id, id=f"{frame_id}:nanodet@1"
    )
    assert setup.sink.choose(forged, ALERTS) == ()


def test_a_record_that_is_not_archived_makes_nothing_forgotten(setup):
    for second in range(5):
        setup.see(NOON + second * SECOND)
    setup.see(NOON + 5 * SECOND, run="yesterday")
    assert setup.see(NOON + 5 * SECOND, threats=[threat()]) == [0, 1, 2, 3, 4, 5]


def test_an_alert_in_a_frame_has_the_frames_before_it_fetched(setup):
    for second in range(10):
        assert setup.see(NOON + second * SECOND) == []
    assert setup.see(NOON + 10 * SECOND, threats=[threat()]) == [5, 6, 7, 8, 9, 10]
    assert setup.kept == [5, 6, 7, 8, 9, 10]


def test_an_alert_of_the_log_is_looked_at_with_the_next_frame(setup):
    for second in range(10):
        setup.see(NOON + second * SECOND)
    raised = read_alert(alert_record(raised_at=NOON + 8 * SECOND))
    setup.sink.take_alert(raised)
    assert setup.see(NOON + 10 * SECOND) == [3, 4, 5, 6, 7, 8, 9, 10]
    (first, *_) = setup.log.records
    assert first.alerts == (raised.id,)


def test_of_a_camera_without_frames_only_so_many_alerts_are_remembered(setup):
    for number in range(WINDOWS_LIMIT + 50):
        for _ in range(2):  # raised, and then updated
            setup.sink.take_alert(read_alert(alert_record(raised_at=NOON + number * SECOND)))
    last = WINDOWS_LIMIT + 49
    remembered = setup.sink._alerts["gate"]
    assert len(remembered) == WINDOWS_LIMIT
    assert setup.see(NOON + last * SECOND) == [last]
    assert not setup.sink._alerts


def test_what_is_archived_is_blurred_and_described_with_its_checksum(setup):
    setup.see(NOON, threats=[threat()])
    (record,) = setup.log.records
    Draft202012Validator(schema("archived")).validate(msgspec.json.decode(encode_archived(record)))
    assert setup.archive.find(name_at(NOON)) == record
    data = setup.archive.picture(record.path, record.sha256)
    assert record.path == "gate/2026-11-21/gate_20261121T120000000Z.jpg"
    assert (record.size, record.original) == (len(data), False)
    assert (record.why, record.alerts) == (("alert",), ("people:gate#1",))
    assert record.expires_at == rfc3339(NOON + 30 * DAY_MS)
    # The person of the record is at the left, and its head is grey.
    shown = decode(data, LIMIT)
    assert np.abs(shown[30, 25].astype(int) - 128).max() < 20
    assert np.abs(shown[30, 100].astype(int) - (200, 150, 100)).max() < 20


def test_originals_are_archived_only_where_the_camera_allows_originals_too(setup):
    setup.see(NOON, ORIGINALS, threats=[threat()])
    forbidden = Camera("gate", archive=Archiving(original=True))
    setup.see(NOON + SECOND, forbidden, threats=[threat()])
    first, second = setup.log.records
    assert (first.original, second.original) == (True, False)
    shown = decode(setup.archive.picture(first.path), LIMIT)
    assert np.abs(shown[30, 25].astype(int) - (200, 150, 100)).max() < 20


def test_a_picture_that_comes_again_is_written_once_and_told_again(setup):
    setup.see(NOON, threats=[threat()])
    before = list(setup.log.records)
    setup.sink = setup.another()
    setup.see(NOON, threats=[threat()])
    assert setup.log.records == before * 2
    assert setup.kept == [0]


def test_a_picture_gets_further_reasons_and_keeps_its_bytes(setup):
    moving = Camera("gate", archive=Archiving(motion=True))
    setup.see(NOON, moving)
    # What was archived is not offered again.
    assert setup.see(NOON + SECOND, moving, threats=[threat()]) == [1]
    setup.sink.settle()
    record = setup.archive.find(name_at(NOON))
    assert (record.why, record.alerts) == (("alert", "motion"), ("people:gate#1",))
    assert record.sha256 == setup.log.records[0].sha256
    assert setup.log.records[-1].updated_at >= setup.log.records[0].updated_at
    setup.archive.picture(record.path, record.sha256)


def test_further_reasons_wait_for_the_log_and_are_written_once(setup):
    def away(_records):
        raise KafkaTimeoutError("no broker")

    moving = Camera("gate", archive=Archiving(motion=True))
    setup.see(NOON, moving)
    setup.see(NOON + SECOND, moving, threats=[threat()])
    setup.sink._publish = away
    with pytest.raises(ServiceError):
        setup.sink.settle()
    setup.sink._publish = setup.log.write
    setup.sink.settle()
    told = len(setup.log.records)
    setup.sink.settle()
    assert len(setup.log.records) == told == 3
    assert setup.log.records[-1].why == ("alert", "motion")


def test_a_picture_that_got_reasons_while_it_waited_has_them_all(setup):
    moving = Camera("gate", archive=Archiving(motion=True))
    (first,) = setup.sink.choose(frame(NOON), moving)
    again, second = setup.sink.choose(frame(NOON + SECOND, threats=[threat()]), moving)
    assert again == first
    for record in (first, second):
        setup.sink.put(FramePicture(record, pixels()), moving)
    assert [record.why for record in setup.log.records] == [("alert", "motion")] * 2


def test_what_was_erased_since_it_was_fetched_is_not_archived(setup):
    chosen = setup.sink.choose(frame(NOON, threats=[threat()]), ALERTS)
    chosen += setup.sink.choose(frame(NOON + SECOND, threats=[threat()]), ALERTS)
    setup.erased = Erasures({"gate": ((NOON, NOON + 1),)})
    for record in chosen:
        setup.sink.put(FramePicture(record, pixels()), ALERTS)
    assert setup.kept == [1]
    assert [taken(record) for record in setup.log.records] == [NOON + SECOND]


def test_no_reason_is_added_to_what_was_erased_meanwhile(setup):
    moving = Camera("gate", archive=Archiving(motion=True))
    setup.see(NOON, moving)
    setup.see(NOON + SECOND, moving, threats=[threat()])
    told, find = len(setup.log.records), setup.archive.find

    def erased_after_this(name):
        found = find(name)
        setup.erased = Erasures({"gate": ((NOON, NOON + 1),)})
        setup.archive.remove([name])
        return found

    setup.archive.find = erased_after_this
    setup.sink.settle()
    assert setup.kept == [1]
    assert len(setup.log.records) == told


def test_a_reason_that_somebody_else_wrote_is_kept_in_part(setup):
    setup.sink.take_dead_letter(letter(reason="x" * 1_000_000), ALERTS)
    (record,) = setup.log.records
    assert record.reason == "x" * 100


def test_a_rejected_picture_of_an_erased_time_is_not_described(setup):
    setup.erased = Erasures({"gate": ((NOON, NOON + 1),)})
    setup.sink.take_dead_letter(letter(), ORIGINALS)
    assert not setup.log.records
    assert not list(setup.archive.storage.folders())


def test_reasons_of_what_was_removed_are_forgotten(setup):
    moving = Camera("gate", archive=Archiving(motion=True))
    setup.see(NOON, moving)
    setup.archive.remove([name_at(NOON)])
    setup.see(NOON + SECOND, moving, threats=[threat()])
    setup.sink.settle()
    assert setup.kept == [1]


def test_stationary_objects_are_no_motion(setup):
    record = detection_record(captured_at=NOON)
    record["objects"][0]["stationary"] = True
    camera = Camera("gate", archive=Archiving(alerts=False, motion=True))
    assert setup.sink.choose(read_detections_record(record), camera) == []


def test_while_the_log_is_away_a_picture_is_offered_again_and_then_told(setup):
    def away(_records):
        raise KafkaTimeoutError("no broker")

    setup.sink = ArchiveSink(setup.archive, away, lambda: NOON, Erasures)
    (chosen,) = setup.sink.choose(frame(NOON, threats=[threat()]), ALERTS)
    picture = FramePicture(chosen, pixels())
    for _ in range(2):
        with pytest.raises(ServiceError, match="Kafka"):
            setup.sink.put(picture, ALERTS)
    setup.sink._publish = setup.log.write
    setup.sink.put(picture, ALERTS)
    assert [record.id for record in setup.log.records] == [chosen.frame_id]


def test_while_the_storage_is_away_a_picture_is_offered_again(setup, tmp_path):
    (tmp_path / "archive").write_text("no folder")
    (chosen,) = setup.sink.choose(frame(NOON, threats=[threat()]), ALERTS)
    with pytest.raises(StorageError):
        setup.sink.put(FramePicture(chosen, pixels()), ALERTS)
    assert not setup.log.records
    (tmp_path / "archive").unlink()
    setup.sink.put(FramePicture(chosen, pixels()), ALERTS)
    assert setup.kept == [0]


def letter(value=b"broken", **fields):
    return LoggedDeadLetter(
        **{
            "camera_id": "gate",
            "at": rfc3339(NOON),
            "reason": "truncated",
            "detail": "the end is missing",
            "size": str(len(value)),
            "sha256": sha256(value).hexdigest(),
            "came_from": "frames/3/812",
            "value": value,
            **fields,
        }
    )


def test_a_rejected_picture_is_described_with_its_reason_and_without_its_bytes(setup):
    setup.sink.take_dead_letter(letter(), ALERTS)
    (record,) = setup.log.records
    Draft202012Validator(schema("archived")).validate(msgspec.json.decode(encode_archived(record)))
    assert (record.path, record.original, record.frame_id) == (None, False, None)
    assert (record.why, record.reason, record.detail) == (
        ("rejected",),
        "truncated",
        "the end is missing",
    )
    assert (record.size, record.sha256) == (6, sha256(b"broken").hexdigest())
    (files,) = setup.archive.files("gate")
    assert list(files.by_suffix) == ["json"]


def test_its_bytes_are_kept_of_a_camera_that_archives_originals(setup):
    setup.sink.take_dead_letter(letter(), ORIGINALS)
    (record,) = setup.log.records
    assert record.path.endswith("-3-812.bin")
    assert setup.archive.picture(record.path, record.sha256) == b"broken"


def test_bytes_that_were_cut_off_or_left_out_are_not_kept(setup):
    whole = sha256(b"longer than what was kept").hexdigest()
    setup.sink.take_dead_letter(letter(sha256=whole), ORIGINALS)
    setup.sink.take_dead_letter(letter(b"", sha256=whole, came_from="frames/3/813"), ORIGINALS)
    assert [record.path for record in setup.log.records] == [None, None]


def test_a_rejected_picture_that_is_read_again_is_told_again(setup):
    setup.sink.take_dead_letter(letter(), ALERTS)
    setup.another().take_dead_letter(letter(), ALERTS)
    first, second = setup.log.records
    assert first == second


@pytest.mark.parametrize(
    "camera", [None, Camera("gate"), Camera("gate", originals=True)], ids=["?", "none", "originals"]
)
def test_nothing_rejected_is_archived_of_a_camera_that_does_not_ask(setup, camera):
    setup.sink.take_dead_letter(letter(), camera)
    assert not setup.log.records


@pytest.mark.parametrize(
    "fields",
    [
        {"came_from": "frames.replay/3/812"},
        {"came_from": "frames/../812"},
        {"came_from": "frames/3"},
        {"came_from": "frames/3/812/../../x"},
        {"camera_id": "../gate"},
        {"camera_id": ""},
        {"size": "many"},
        {"size": "²"},
        {"sha256": ""},
        {"sha256": "../" * 21 + "x"},
        {"at": "yesterday"},
    ],
)
def test_headers_that_somebody_else_wrote_archive_nothing(setup, fields):
    setup.sink.take_dead_letter(letter(**fields), ORIGINALS)
    assert not setup.log.records
    assert not list(setup.archive.storage.folders())
