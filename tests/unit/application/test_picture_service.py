"""The picture service on a log in memory: who gets which pictures, also after faults."""

from collections import Counter

import numpy as np
import pytest
from kafka.errors import KafkaConnectionError

from pycturestream.application.picture_service import COMMIT_S, PictureService
from pycturestream.blur.faces import FaceModelError
from pycturestream.config.settings import Settings
from pycturestream.contracts.codec import encode_record
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.frames.missing import Missing
from pycturestream.errors import ServiceError
from pycturestream.log.followed_detections import LoggedResult
from pycturestream.pictures import frame_pictures
from pycturestream.pictures.frame_pictures import FramePicture
from pycturestream.pictures.live_sink import LiveSink
from tests.builders import NOON, detection_record

CAMERAS = {"gate": Camera("gate", annotated=True)}


class Clock:
    """Passes time only where a test says so; stops after so many sleeps."""

    def __init__(self):
        self.at = NOON
        self.sleeps = 0
        self.stopped = False

    def now(self):
        return self.at

    def seconds(self):
        return self.at / 1000

    def sleep(self, seconds):
        self.at += round(1000 * seconds)
        self.sleeps += 1
        self.stopped = self.sleeps > 20


class Detections:
    """A topic of one partition, from which each reading returns so many messages."""

    def __init__(self, clock, batch=100):
        self.values = []
        self.committed = {}
        self.position = 0
        self.starts = []
        self.failures = []
        self._batch, self._clock = batch, clock

    def write(self, *records):
        for record in records:
            self.values.append(record if isinstance(record, bytes) else encode_record(record))

    def start(self, since, known):
        self.starts.append((since, dict(known)))
        self.position = known.get(0, self.committed.get(0, 0))
        return True

    def read(self, wait_ms):
        if self.failures:
            raise self.failures.pop(0)
        if wait_ms and self.position == len(self.values):
            self._clock.stopped = True  # nothing else will come
        first, self.position = self.position, min(self.position + self._batch, len(self.values))
        return [
            LoggedResult("detections", 0, offset, self.values[offset])
            for offset in range(first, self.position)
        ]

    def commit(self, offsets):
        self.committed |= offsets

    def close(self):
        pass


class Pictures:
    """Grey pictures of all records but those that are missing."""

    def __init__(self):
        self.missing = {}
        self.fetched = []
        self.failures = []

    def fetch(self, records):
        if self.failures:
            raise self.failures.pop(0)
        for record in records:
            self.fetched.append(record.frame_id)
            missing = self.missing.get(record.frame_id)
            yield record, missing or FramePicture(record, np.full((48, 64, 3), 90, np.uint8))

    def close(self):
        pass


class Sink:
    """Takes what `choose` says, and fails as often as a test wants."""

    def __init__(self, name="sink", choose=lambda record, _camera: [record]):
        self.name = name
        self.choose = choose
        self.failures = []
        self.got = []
        self.pictures = []

    def put(self, picture, _camera):
        if self.failures:
            raise self.failures.pop(0)
        self.got.append(picture.record.frame_id)
        self.pictures.append(picture.blurred)

    def close(self):
        pass


@pytest.fixture(autouse=True)
def blurs(monkeypatch):
    """Count how often pictures are blurred, without a model."""
    counts = Counter()

    class Blurred:
        pixels = np.zeros((48, 64, 3), np.uint8)

    def blur(_pixels, _people):
        counts["blurred"] += 1
        return Blurred

    monkeypatch.setattr(frame_pictures, "blur", blur)
    return counts


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def detections(clock):
    return Detections(clock)


@pytest.fixture
def pictures():
    return Pictures()


@pytest.fixture
def serve(clock, detections, pictures):
    """Return a function that runs a service until nothing is left, and returns it."""

    def serve(*sinks, **settings):
        clock.stopped = False
        service = PictureService(
            sinks,
            lambda name: CAMERAS.get(name) or Camera(name),
            clock,
            Settings().model_copy(update=settings),
        )
        service.run(lambda: detections, lambda: pictures)
        return service

    return serve


def records(count, **fields):
    return [detection_record(captured_at=NOON + number, **fields) for number in range(count)]


def ids(found):
    return [record["frame_id"] for record in found]


def test_each_sink_gets_what_it_chose_and_each_picture_is_blurred_once(serve, detections, blurs):
    everything = Sink("everything")
    gate = Sink("gate", lambda record, camera: [record] if camera.annotated else [])
    nothing = Sink("nothing", lambda _record, _camera: [])
    of_gate, of_door = records(3), records(2, camera_id="door")
    detections.write(*of_gate, *of_door)

    service = serve(everything, gate, nothing)

    assert sorted(everything.got) == sorted(ids(of_gate + of_door))
    assert gate.got == ids(of_gate)
    assert nothing.got == []
    assert blurs["blurred"] == 5
    assert everything.pictures[0] is not None
    assert service.counts == {"everything": 5, "gate": 3}
    assert detections.committed == {0: 5}


def test_a_sink_may_want_pictures_of_before(serve, detections):
    before = []

    def choose(record, _camera):
        before.append(record)
        return before if record.threats else []

    found = records(4)
    found[2]["threats"] = [{"rule": "stranger", "level": 3, "alert_id": "a"}]
    detections.write(*found)
    sink = Sink("archive", choose)

    serve(sink)

    assert sink.got == ids(found[:3])


def test_records_of_replays_and_what_is_no_record_are_left_out(serve, detections):
    good = detection_record()
    detections.write(*records(2, run="night"), b"junk", b"", good)
    sink = Sink()

    serve(sink)

    assert sink.got == [good["frame_id"]]
    assert detections.committed == {0: 5}


def test_a_picture_that_is_missing_is_counted_by_its_reason(serve, detections, pictures):
    found = records(3)
    detections.write(*found)
    pictures.missing = {
        found[0]["frame_id"]: Missing.EXPIRED,
        found[2]["frame_id"]: Missing.REPLACED,
    }
    sink = Sink()

    service = serve(sink)

    assert sink.got == [found[1]["frame_id"]]
    assert service.counts == {
        "sink": 1,
        f"missing: {Missing.EXPIRED}": 1,
        f"missing: {Missing.REPLACED}": 1,
    }
    assert detections.committed == {0: 3}


def test_who_falls_behind_serves_the_newest_and_drops_the_oldest(serve, detections):
    found = records(50)
    detections.write(*found)
    sink = Sink()

    service = serve(sink, picture_backlog=10)

    assert sink.got[:8] == ids(found[-8:])
    assert sorted(sink.got) == ids(found[-10:])
    assert service.counts == {"sink": 10, "dropped: too many wait": 40}
    assert detections.committed == {0: 50}


def test_what_expired_while_it_waited_is_not_fetched(serve, detections, pictures):
    found = [detection_record(captured_at=NOON - 3_600_000), detection_record()]
    detections.write(*found)
    sink = Sink()

    service = serve(sink)

    assert pictures.fetched == [found[1]["frame_id"]]
    assert service.counts["dropped: expired"] == 1


def test_a_sink_that_is_away_gets_its_pictures_later_and_the_others_at_once(
    clock, detections, pictures
):
    away, well = Sink("away"), Sink("well")
    away.failures = [ServiceError("no storage"), ServiceError("still none")]
    found = records(3)
    detections.write(*found)
    service = PictureService([away, well], Camera, clock, Settings())
    detections.start(0, {})

    service.turn(detections, pictures)

    assert (away.got, well.got) == ([], ids(found))
    service._commit(detections)
    assert detections.committed == {0: 0}
    for _ in range(2):
        clock.at += 2_000
        service.turn(detections, pictures)
    assert away.got == ids(found)
    assert well.got == ids(found)
    clock.at += round(1000 * COMMIT_S)
    service.turn(detections, pictures)
    assert detections.committed == {0: 3}


def test_an_error_of_a_sink_costs_it_one_picture_and_nobody_else_anything(serve, detections):
    def choose(record, _camera):
        if record.frame_id.endswith("001Z"):
            raise KeyError("a fault")
        return [record]

    broken, well = Sink("broken", choose), Sink("well")
    broken.failures = [ValueError("another fault")]
    found = records(4)
    detections.write(*found)

    service = serve(broken, well)

    assert broken.got == ids(found[2:])
    assert well.got == ids(found)
    assert service.counts["failed: broken"] == 2
    assert detections.committed == {0: 4}


def test_nothing_leaves_and_the_service_ends_where_nothing_can_be_blurred(
    serve, detections, monkeypatch
):
    def broken(_pixels, _people):
        raise FaceModelError("float16.tflite is damaged")

    monkeypatch.setattr(frame_pictures, "blur", broken)
    detections.write(*records(1))
    sink = Sink()

    with pytest.raises(FaceModelError):
        serve(sink)
    assert sink.got == [records(1)[0]["frame_id"]]
    assert sink.pictures == []
    assert detections.committed == {}


def test_a_broker_that_is_away_is_waited_for_and_nothing_is_done_twice(serve, detections, pictures):
    found = records(20)
    detections.write(*found)
    detections.failures = [KafkaConnectionError("away")]
    pictures.failures = [KafkaConnectionError("away again")]
    sink = Sink()

    serve(sink)

    assert sorted(sink.got) == ids(found)
    assert [known for _, known in detections.starts] == [{}, {}, {0: 20}]


def test_after_a_crash_what_was_not_done_comes_again(serve, detections):
    found = records(3)
    detections.write(*found)
    first = Sink()
    first.failures = [ServiceError("no storage")] * 1000
    serve(first)
    assert detections.committed == {0: 0}

    second = Sink()
    serve(second)

    assert second.got == ids(found)
    assert detections.committed == {0: 3}


def test_records_that_come_again_are_not_handed_over_again(serve, detections):
    found = records(3)
    detections.write(*found, *found)
    sink = Sink()

    serve(sink)

    assert sink.got == ids(found)


def test_at_its_start_it_reads_nothing_whose_pictures_are_gone(serve, detections):
    serve(Sink())

    [(since, _)] = detections.starts
    assert since == NOON - Settings().frame_retention_ms


class LiveWriter:
    """Keeps the frames that were shown; may be away."""

    def __init__(self):
        self.shown = []
        self.is_away = False

    def write(self, header, _jpeg):
        if self.is_away:
            raise ServiceError("no Redis")
        self.shown.append(header.frame_id)

    def close(self):
        pass


@pytest.fixture
def live_writer():
    return LiveWriter()


@pytest.fixture
def live(clock, live_writer):
    """Live pictures of two cameras that somebody looks at."""
    sink = LiveSink(live_writer, clock, Settings(), lambda: 0.0)
    sink.request({"gate": ["small"], "door": ["small"]})
    sink.prepare()
    return sink


def test_live_pictures_come_after_those_of_all_sinks(
    clock, detections, pictures, live_writer, live
):
    archive = Sink("archive")
    of_gate, of_door = records(20), records(3, camera_id="door")
    archive.choose = lambda record, _camera: [record] if record.camera_id == "gate" else []
    detections.write(*of_gate, *of_door)
    service = PictureService([archive], Camera, clock, Settings(), live)
    detections.start(0, {})

    order = []
    for _ in range(6):
        service.turn(detections, pictures)
        order.append((len(archive.got), list(live_writer.shown)))

    # The newest of gate was blurred for the archive; that of door is fetched when that is done.
    newest_of_gate, newest_of_door = of_gate[-1]["frame_id"], of_door[-1]["frame_id"]
    assert order[:3] == [(8, [newest_of_gate]), (16, [newest_of_gate]), (20, [newest_of_gate])]
    assert order[3] == (20, [newest_of_gate, newest_of_door])
    assert sorted(archive.got) == ids(of_gate)
    assert Counter(pictures.fetched)[newest_of_gate] == 1


def test_a_sink_that_is_away_does_not_hold_up_live_pictures(
    clock, detections, pictures, live_writer, live
):
    away = Sink("archive")
    away.failures = [ServiceError("no storage")] * 100
    detections.write(*records(2))
    service = PictureService([away], Camera, clock, Settings(), live)
    detections.start(0, {})

    for _ in range(3):
        service.turn(detections, pictures)

    assert live_writer.shown == ids(records(2)[-1:])


def test_what_is_only_shown_live_holds_no_offset_back(clock, detections, pictures, live):
    detections.write(*records(5))
    service = PictureService([Sink(choose=lambda *_: [])], Camera, clock, Settings(), live)
    detections.start(0, {})
    pictures.missing = {record["frame_id"]: Missing.EXPIRED for record in records(5)}

    service.turn(detections, pictures)
    service._commit(detections)

    assert detections.committed == {0: 5}


@pytest.mark.parametrize("is_away", [False, True])
def test_the_archive_gets_the_same_whoever_looks(
    clock, detections, pictures, live_writer, live, is_away
):
    live_writer.is_away = is_away
    archive = Sink("archive")
    found = [*records(40), *records(40, camera_id="door")]
    detections.write(*found)
    service = PictureService([archive], Camera, clock, Settings(), live)
    detections.start(0, {})

    for _ in range(30):
        live.request({"gate": ["small", "large"], "door": ["large"]})
        clock.at += 40
        service.turn(detections, pictures)

    assert sorted(archive.got) == sorted(ids(found))
    assert service.counts == {"archive": 80}


def test_no_live_picture_leaves_where_nothing_can_be_blurred(
    detections, pictures, clock, live_writer, live, monkeypatch
):
    def broken(_pixels, _people):
        raise FaceModelError("float16.tflite is damaged")

    monkeypatch.setattr(frame_pictures, "blur", broken)
    detections.write(*records(1))
    service = PictureService([], Camera, clock, Settings(), live)

    with pytest.raises(FaceModelError):
        service.run(lambda: detections, lambda: pictures)
    assert live_writer.shown == []
