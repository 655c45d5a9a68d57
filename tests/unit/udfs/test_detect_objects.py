"""The shell of admission and detection, with a detector that a test can follow."""

from collections import Counter
from dataclasses import replace as replace_result
from datetime import UTC, datetime
from types import SimpleNamespace

import cv2
import numpy as np
import pandas as pd
import pytest
from msgspec.structs import replace

from pycturestream.contracts.codec import decode_outcome
from pycturestream.detector.detection_result import DetectionBatch, DetectionResult, DetectorError
from pycturestream.detector.gpu_memory import GpuMemory
from pycturestream.domain.cameras.camera import Camera, Resolution, Zone
from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.admission import (
    AdmissionLimits,
    Admitted,
    Dropped,
    Place,
)
from pycturestream.domain.frames.dead_letter import DeadLetter
from pycturestream.domain.frames.picture_measure import PictureMeasure
from pycturestream.domain.frames.rejection import Rejection
from pycturestream.domain.geometry import BoundingBox
from pycturestream.domain.pipeline.events import FrameDetections, ModelVersion
from tests import jpegs
from tests.erasures import FakeErasures, erasure
from udfs import detect_objects
from udfs.detect_objects import REPEAT_MS, SETTINGS_S, UNKNOWN_CAMERAS_S, DetectObjects

NOW = int(datetime.now(UTC).timestamp() * 1000)
DAMAGED = b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x60\x00\x80" + bytes(40) + b"\xff\xd9"
"""Its header promises a picture; there is none."""
FACE_MODEL = ModelVersion("faces", "3")
FAILING = jpegs.encoded(64, 48, shade=66)
"""The detector fails on it."""


class BrightnessDetector:
    """Finds in each picture one object, whose score is the picture's brightness."""

    def __init__(self):
        self.description = SimpleNamespace(name="brightness", version="7")
        self.picture_ms = 50.0
        self.faces_ms = 100.0
        self.decode_ms = 4.0
        self.replaced = 0
        self.breaks_down = False
        self.gpu_memory = None
        self.batches = []
        self.faces_in = []
        """The numbers of the pictures in which faces were looked for, of each batch."""

    def wait_until_ready(self):
        pass

    def close(self):
        pass

    def fail(self):
        """Break down in the next call."""
        self.breaks_down = True

    def detect(self, jpegs, with_faces=()):
        self.faces_in.append(list(with_faces))
        self.replaced += self.breaks_down
        self.breaks_down = False
        self.batches.append(len(jpegs))
        results = tuple(
            replace_result(self._detect_one(jpeg), further_models=(FACE_MODEL,))
            if number in with_faces
            else self._detect_one(jpeg)
            for number, jpeg in enumerate(jpegs)
        )
        return DetectionBatch(results, 1.0, 2.0, 3.0 * len(with_faces), self.gpu_memory)

    def _detect_one(self, jpeg):
        if jpeg == FAILING:
            error = DetectorError("detector-failed", "the decoder took longer than 1 s")
            return DetectionResult(error=error)
        if jpeg == DAMAGED:
            return DetectionResult(error=DetectorError("not-jpeg", "nothing in it"))
        picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
        item = Detection("brightness", float(picture.mean()) / 255, BoundingBox(0.0, 0.0, 1.0, 1.0))
        measure = PictureMeasure(item.score, 0.0, 0.0, bytes(192))
        return DetectionResult(
            picture.shape[1],
            picture.shape[0],
            (item.rounded(),),
            measure,
            decode_ms=self.decode_ms,
        )


class FakeCameraSettings:
    """A fake source of camera settings."""

    def __init__(self):
        self.cameras = {}
        self.unreadable = {}
        self.is_complete = True
        self.coming = {}
        """Settings that arrive during the second wait."""
        self.waits = []
        self.closed = False

    @property
    def known(self):
        return self

    def wait(self, timeout_s):
        self.waits.append(timeout_s)
        if len(self.waits) > 1:
            self.cameras |= self.coming
        return bool(self.cameras)

    def close(self):
        self.closed = True


class References:
    """A fake folder of references; the test sets how often a picture can be read."""

    def __init__(self):
        self.pictures = {}
        self.readings = 99

    def read(self, reference):
        self.readings -= 1
        if reference not in self.pictures or self.readings < 0:
            raise Rejection("bad-reference", f"no {reference!r}")
        return self.pictures[reference]


class Metrics:
    """A fake for Flink's metric group, which keeps all values."""

    def __init__(self):
        self.measured = {}
        self.gauges = {}
        self.counted = Counter()

    def counter(self, name):
        return SimpleNamespace(inc=lambda number=1: self.counted.update({name: number}))

    def gauge(self, name, value):
        assert name not in self.gauges
        self.gauges[name] = value

    def add_group(self, *_):
        return self

    def distribution(self, name):
        return SimpleNamespace(
            update=lambda value: self.measured.setdefault(name, []).append(value)
        )


def grey(shade: int, width: int = 128, height: int = 96) -> bytes:
    return cv2.imencode(".jpg", np.full((height, width, 3), shade, np.uint8))[1].tobytes()


@pytest.fixture
def clock(monkeypatch):
    """A clock that is stopped unless a test advances it."""
    fake = SimpleNamespace(now=NOW)
    monkeypatch.setattr(detect_objects, "_now", lambda: fake.now)
    return fake


@pytest.fixture
def opened(clock):  # noqa: ARG001 - tests may take longer than a frame is fresh
    """A function that has just been opened; `log` holds the results in the log."""
    limits = AdmissionLimits("live", 60_000, 5_000, 1_000_000, 1_000_000, 32)
    detector, metrics, log = BrightnessDetector(), Metrics(), {}
    camera_settings, references = FakeCameraSettings(), References()
    erasures = FakeErasures()
    function = DetectObjects(
        limits,
        "frames",
        lambda: detector,
        lambda _since: log,
        lambda: camera_settings,
        lambda: erasures,
        live_detection_budget_ms=300,
        read_reference=references.read,
    )
    function.open(SimpleNamespace(get_metric_group=lambda: metrics))
    yield SimpleNamespace(
        function=function,
        detector=detector,
        metrics=metrics,
        log=log,
        camera_settings=camera_settings,
        erasures=erasures,
        references=references,
    )
    function.close()
    assert camera_settings.closed
    assert erasures.closed


def detect(opened, *rows, received_at=NOW, senders=None):
    """Hand a bundle to the function; each row is (camera, picture, captured_at[, reference])."""
    cameras, pictures, times, references = zip(*((*row, None)[:4] for row in rows), strict=True)
    outcomes = opened.function.eval(
        pd.Series(cameras),
        pd.Series(pictures),
        pd.Series([str(at).encode() for at in times]),
        pd.Series([None] * len(rows)),
        pd.Series(references),
        pd.Series([datetime.fromtimestamp(received_at / 1000, UTC)] * len(rows)),
        pd.Series([2] * len(rows)),
        pd.Series(range(len(rows))),
        pd.Series(senders or [None] * len(rows)),
    )
    return [decode_outcome(outcome) for outcome in outcomes]


def test_pictures_of_many_cameras_are_one_batch_and_keep_their_order(opened):
    shades = (0, 128, 255)
    outcomes = detect(opened, *((f"c{n}".encode(), grey(s), NOW) for n, s in enumerate(shades)))
    scores = [outcome.detections[0].score for outcome in outcomes]
    assert scores == pytest.approx([shade / 255 for shade in shades], abs=0.01)
    assert [outcome.frame.camera_id for outcome in outcomes] == ["c0", "c1", "c2"]
    assert [outcome.frame.place.offset for outcome in outcomes] == [0, 1, 2]
    assert opened.detector.batches == [3]


def test_a_broken_picture_does_not_harm_its_neighbours(opened):
    outcomes = detect(
        opened,
        (b"a", grey(0), NOW),
        (b"b", DAMAGED, NOW),
        (b"c", b"junk", NOW),
        (b"d", grey(255), NOW),
    )
    assert [type(outcome) for outcome in outcomes] == [
        FrameDetections,
        DeadLetter,
        DeadLetter,
        FrameDetections,
    ]
    assert (outcomes[1].rejected.reason, outcomes[1].value) == ("not-jpeg", DAMAGED)
    assert (outcomes[2].rejected.reason, outcomes[2].key) == ("not-an-image", b"c")
    assert outcomes[3].detections[0].score == pytest.approx(1.0)
    assert outcomes[3].measure.brightness == pytest.approx(1.0)


def test_superseded_and_stale_frames_are_never_decoded(opened):
    outcomes = detect(
        opened, (b"a", grey(0), NOW - 10), (b"a", grey(255), NOW), (b"b", grey(0), NOW - 99_000)
    )
    assert [getattr(outcome, "reason", None) for outcome in outcomes] == ["superseded", None, None]
    stale = detect(opened, (b"b", grey(0), NOW - 61_000))
    assert isinstance(stale[0], FrameDetections)  # its clock is off by more than the tolerance
    assert opened.detector.batches == [2, 1]


def test_a_bundle_without_a_good_frame_needs_no_model(opened):
    assert isinstance(detect(opened, (b"a", b"junk", NOW))[0], DeadLetter)
    assert opened.detector.batches == []


def test_the_result_names_the_model_and_the_bytes_of_the_picture(opened):
    one, other, same = (detect(opened, (b"a", grey(shade), NOW))[0] for shade in (0, 9, 0))
    assert (one.model.name, one.model.version) == ("brightness", "7")
    assert one.digest == same.digest != other.digest


def test_batch_sizes_and_times_are_measured(opened):
    detect(opened, (b"a", grey(0), NOW), (b"b", grey(0), NOW))
    assert opened.metrics.measured["batch_size"] == [2]
    assert set(opened.metrics.measured) == {"batch_size", "decode_ms", "inference_ms"}


def test_without_a_gpu_there_are_no_metrics_of_one(opened):
    detect(opened, (b"a", grey(0), NOW))
    assert opened.metrics.gauges == {}


def test_the_memory_of_a_gpu_is_that_after_the_newest_bundle(opened):
    for number, memory in enumerate((GpuMemory(10, 30), GpuMemory(20, 40), None)):
        opened.detector.gpu_memory = memory
        detect(opened, (b"a", grey(number), NOW))
    found = {name: value() for name, value in opened.metrics.gauges.items()}
    assert found == {"gpu_memory_bytes": 20, "gpu_memory_peak_bytes": 40}


def test_it_is_counted_how_often_the_model_had_to_be_replaced(opened):
    detect(opened, (b"a", grey(0), NOW))
    assert opened.metrics.counted["detector_replaced"] == 0
    opened.detector.fail()
    detect(opened, (b"a", grey(1), NOW))
    detect(opened, (b"a", grey(2), NOW))
    assert opened.metrics.counted["detector_replaced"] == 1


def test_a_drop_is_a_drop(opened):
    assert isinstance(detect(opened, (b"a", grey(0), NOW - 9), (b"a", grey(0), NOW))[0], Dropped)


def test_more_than_fits_into_the_budget_is_dropped_and_every_camera_has_its_turn(opened):
    opened.detector.picture_ms = 100.0  # three fit into 300 ms
    cameras = [f"c{number}".encode() for number in range(6)]
    turns = []
    for _ in range(2):
        outcomes = detect(opened, *((camera, grey(9), NOW) for camera in cameras))
        dropped = {v.camera_id for v in outcomes if isinstance(v, Dropped)}
        assert {v.reason for v in outcomes if isinstance(v, Dropped)} == {"overload"}
        turns.append({camera.decode() for camera in cameras} - dropped)
    assert [len(turn) for turn in turns] == [3, 3]
    assert turns[0].isdisjoint(turns[1])


SOME_WITH_FACES = {
    "a": Camera("a"),
    "b": Camera("b", models=("objects", "faces")),
    "c": Camera("c", models=("objects", "faces")),
}


class TestFaces:
    def test_are_looked_for_in_the_pictures_of_cameras_that_ask_for_it(self, opened):
        opened.camera_settings.cameras = SOME_WITH_FACES
        opened.detector.faces_ms = 10.0
        rows = [(camera, grey(9), NOW) for camera in (b"b", b"a", b"x", b"c")]
        outcomes = detect(opened, (b"a", b"junk", NOW), *rows)
        assert opened.detector.faces_in == [[0, 3]]
        models = [outcome.further_models for outcome in outcomes[1:]]
        assert models == [(FACE_MODEL,), (), (), (FACE_MODEL,)]
        assert {outcome.model.name for outcome in outcomes[1:]} == {"brightness"}
        assert opened.metrics.measured["faces_ms"] == [6]

    def test_are_looked_for_as_the_settings_are_when_the_frame_comes(self, opened):
        for models in (("objects",), ("objects", "faces"), ("objects",)):
            opened.camera_settings.cameras = {"a": Camera("a", models=models)}
            detect(opened, (b"a", grey(9), NOW))
        assert opened.detector.faces_in == [[], [0], []]

    def test_cost_time_of_the_budget_for_as_many_frames_as_show_them(self, opened):
        # Given 50 ms for a picture, and 100 ms more for faces in two of six: 83 ms, of 300 ms
        opened.camera_settings.cameras = {**SOME_WITH_FACES, **{n: Camera(n) for n in "def"}}
        rows = [(camera.encode(), grey(9), NOW) for camera in "abcdef"]
        turns = []
        for _ in range(2):
            outcomes = detect(opened, *rows)
            seen = [o.frame.camera_id for o in outcomes if isinstance(o, FrameDetections)]
            turns.append(seen)
        assert [len(turn) for turn in turns] == [3, 3]
        assert sorted(turns[0] + turns[1]) == list("abcdef")


def test_a_slow_model_still_processes_one(opened):
    opened.detector.picture_ms = 5_000.0
    outcomes = detect(opened, (b"a", grey(0), NOW), (b"b", grey(0), NOW))
    assert [type(outcome) for outcome in outcomes] == [FrameDetections, Dropped]


def logged(offset: int) -> FrameDetections:
    """Return the logged result of frame `offset` of camera a, which saw a fox."""
    place = Place("frames", 2, offset)
    frame = Admitted("a", place, NOW, NOW, NOW, clock_corrected=False, width=128, height=96)
    fox = Detection("fox", 0.5, BoundingBox(0.0, 0.0, 0.5, 0.5))
    return FrameDetections(frame, "", ModelVersion("elder", "1"), (fox,), NOW)


def test_a_frame_processed_before_a_crash_keeps_its_result(opened):
    opened.log |= {logged(offset).frame.place: logged(offset) for offset in (0, 1)}
    long_ago = NOW - 90_000
    outcomes = detect(
        opened, *((b"a", grey(9), long_ago + n) for n in range(3)), received_at=long_ago
    )
    assert [type(outcome) for outcome in outcomes] == [FrameDetections, FrameDetections, Dropped]
    assert [outcome.detections[0].label for outcome in outcomes[:2]] == ["fox", "fox"]
    assert outcomes[2].reason == "stale"
    assert opened.detector.batches == []


def test_a_result_is_reused_however_long_the_model_took_to_load(opened, clock):
    opened.log[logged(0).frame.place] = logged(0)
    clock.now += 2 * REPEAT_MS
    (again,) = detect(opened, (b"a", grey(9), NOW))
    assert again.detections[0].label == "fox"


def test_a_frame_that_is_stale_long_after_the_restart_is_not_processed(opened, clock):
    opened.log[logged(0).frame.place] = logged(0)
    row, long_ago = (b"a", grey(9), NOW - 90_000), NOW - 90_000
    (again,) = detect(opened, row, received_at=long_ago)
    assert again.detections[0].label == "fox"
    clock.now += 2 * REPEAT_MS
    (later,) = detect(opened, row, received_at=long_ago)
    assert later.reason == "stale"
    assert opened.detector.batches == []


def test_a_reused_result_is_recognised_as_a_duplicate(opened):
    opened.log[logged(0).frame.place] = logged(0)
    (again,) = detect(opened, (b"a", grey(9), NOW - 90_000), received_at=NOW - 90_000)
    (fresh,) = detect(opened, (b"a", grey(9), NOW))
    assert again.digest == fresh.digest


def test_settings_apply_as_they_are_when_the_frame_comes(opened):
    """The picture is 128x96."""
    assert isinstance(detect(opened, (b"a", grey(0), NOW))[0], FrameDetections)
    opened.camera_settings.cameras = {"a": Camera("a", resolution=Resolution(640, 480))}
    (rejected,) = detect(opened, (b"a", grey(0), NOW))
    assert rejected.rejected.reason == "wrong-resolution"


def reject_unknown(opened):
    """Open the function again, as one that rejects cameras without settings."""
    opened.function._admission = replace(opened.function._admission, unknown_cameras="refuse")
    opened.camera_settings.waits.clear()
    opened.function.open(SimpleNamespace(get_metric_group=lambda: opened.metrics))


@pytest.mark.parametrize("cameras", [{}, {"a": Camera("a", resolution=Resolution(640, 480))}])
def test_a_frame_processed_before_a_crash_keeps_its_result_whatever_was_set_since(opened, cameras):
    reject_unknown(opened)
    opened.camera_settings.cameras = cameras
    opened.log[logged(0).frame.place] = logged(0)
    again, fresh = detect(opened, (b"a", grey(9), NOW), (b"a", grey(9), NOW))
    assert again.detections[0].label == "fox"
    assert isinstance(fresh, DeadLetter)


def test_no_camera_is_rejected_as_unknown_before_the_settings_were_read(opened):
    reject_unknown(opened)
    opened.camera_settings.coming = {"a": Camera("a")}
    (seen,) = detect(opened, (b"a", grey(0), NOW))
    assert isinstance(seen, FrameDetections)


def test_a_worker_that_waited_for_settings_in_vain_goes_on_and_waits_no_more(opened):
    reject_unknown(opened)
    for _ in range(2):
        (rejected,) = detect(opened, (b"a", grey(0), NOW))
        assert rejected.rejected.reason == "unknown-camera"
    assert opened.camera_settings.waits == [SETTINGS_S, UNKNOWN_CAMERAS_S]


def test_where_unknown_cameras_are_accepted_no_frame_waits_for_settings(opened):
    detect(opened, (b"a", grey(0), NOW))
    assert opened.camera_settings.waits == [SETTINGS_S]


class TestReference:
    def test_the_picture_is_read_where_it_lies(self, opened):
        opened.references.pictures[b"a/1.jpg"] = grey(255, 640, 480)
        (outcome,) = detect(opened, (b"a", None, NOW, b"a/1.jpg"))
        assert outcome.detections[0].score == pytest.approx(1.0)
        assert (outcome.frame.width, outcome.frame.height) == (640, 480)
        assert outcome.frame.reference == "a/1.jpg"

    def test_a_missing_picture_is_a_dead_letter_and_its_neighbours_are_processed(self, opened):
        letter, seen = detect(opened, (b"a", None, NOW, b"a/9.jpg"), (b"b", grey(255), NOW))
        assert letter.rejected.reason == "bad-reference"
        assert seen.detections[0].score == pytest.approx(1.0)

    def test_a_picture_that_vanishes_before_detection_is_a_dead_letter(self, opened):
        opened.references.pictures[b"a/1.jpg"] = grey(255)
        opened.references.readings = 1
        (letter,) = detect(opened, (b"a", None, NOW, b"a/1.jpg"))
        assert letter.rejected.reason == "bad-reference"
        assert opened.detector.batches == []

    def test_pictures_by_reference_are_distinguished_by_their_names(self, opened):
        opened.references.pictures |= {b"a/1.jpg": grey(1), b"a/2.jpg": grey(2)}
        one, other, again = (
            detect(opened, (b"a", None, NOW, b"a/%d.jpg" % n))[0].digest for n in (1, 2, 1)
        )
        assert one == again != other

    def test_a_picture_in_the_record_needs_no_reference(self, opened):
        (outcome,) = detect(opened, (b"a", grey(255), NOW, b"a/9.jpg"))
        assert outcome.detections[0].score == pytest.approx(1.0)
        assert outcome.frame.reference is None


def test_a_clock_at_the_edge_of_the_tolerance_is_not_right_and_wrong_in_turns(opened):
    """Jitter on the way must not make every second frame out of order."""
    lags = (4_990, 5_010, 4_990, 4_990, 5_010, 2_000)
    outcomes = [detect(opened, (b"a", grey(n), NOW - lag))[0] for n, lag in enumerate(lags)]
    corrected = [outcome.frame.clock_corrected for outcome in outcomes]
    assert corrected == [False, True, True, True, True, False]


CORNER = Zone("corner", ((0.0, 0.0), (0.2, 0.0), (0.2, 0.2)))
MASKED, OPEN = Camera("masked", masks=(CORNER,)), Camera("open")


def without_bytes(letter):
    return letter.value is None and "mask" in letter.rejected.left_out


class TestMaskedBytes:
    """What a camera masks lies in no dead letter."""

    @pytest.mark.parametrize("picture", [DAMAGED, b"junk"])
    def test_the_bytes_of_a_camera_with_masks_are_left_out(self, opened, picture):
        opened.camera_settings.cameras = {"masked": MASKED, "open": OPEN}
        masked, kept = detect(opened, (b"masked", picture, NOW), (b"open", picture, NOW))
        assert without_bytes(masked)
        assert masked.rejected.size == len(picture)
        assert (kept.value, kept.rejected.left_out) == (picture, "")

    def test_so_are_all_bytes_until_the_settings_were_read(self, opened):
        opened.camera_settings.cameras = {"open": OPEN}
        opened.camera_settings.is_complete = False
        assert without_bytes(detect(opened, (b"open", DAMAGED, NOW))[0])
        opened.camera_settings.is_complete = True
        assert detect(opened, (b"open", DAMAGED, NOW))[0].value == DAMAGED

    @pytest.mark.parametrize("sender", [b"masked ", b"", None])
    def test_a_sender_without_a_name_may_be_a_camera_with_masks(self, opened, sender):
        opened.camera_settings.cameras = {"open": OPEN}
        assert detect(opened, (sender, DAMAGED, NOW))[0].value == DAMAGED
        opened.camera_settings.cameras = {"open": OPEN, "masked": MASKED}
        assert without_bytes(detect(opened, (sender, DAMAGED, NOW))[0])

    def test_a_camera_whose_settings_can_not_be_read_may_have_masks(self, opened):
        opened.camera_settings.unreadable = {"gate": "no JSON"}
        assert without_bytes(detect(opened, (b"gate", DAMAGED, NOW))[0])

    def test_a_letter_that_had_no_bytes_anyway_says_nothing(self, opened):
        opened.camera_settings.cameras = {"masked": MASKED}
        assert detect(opened, (b"masked", None, NOW))[0].rejected.left_out == ""


class TestPauses:
    """A picture that the detector fails on costs its camera time, and no other one."""

    def test_the_camera_waits_and_the_others_do_not(self, opened, clock):
        bad, good = (b"bad", FAILING, NOW), (b"good", grey(9), NOW)
        letter, seen = detect(opened, bad, good)
        assert letter.rejected.reason == "detector-failed"
        assert isinstance(seen, FrameDetections)

        clock.now += 9_000
        dropped, seen = detect(opened, (b"bad", grey(0), NOW + 1), good, received_at=NOW + 9_000)
        assert (type(dropped), dropped.reason) == (Dropped, "paused")
        assert isinstance(seen, FrameDetections)

        clock.now += 2_000
        (seen,) = detect(opened, (b"bad", grey(0), NOW + 2), received_at=NOW + 11_000)
        assert isinstance(seen, FrameDetections)

    def test_a_broken_picture_costs_nothing_and_brings_no_pause(self, opened):
        detect(opened, (b"bad", DAMAGED, NOW))
        assert isinstance(detect(opened, (b"bad", grey(0), NOW))[0], FrameDetections)

    def test_a_camera_of_costly_pictures_waits_in_proportion(self, opened, clock):
        opened.detector.decode_ms = 400.0
        detect(opened, (b"large", grey(0), NOW))
        opened.detector.decode_ms = 4.0
        clock.now += 3_900
        assert detect(opened, (b"large", grey(0), NOW))[0].reason == "paused"
        clock.now += 200
        assert isinstance(detect(opened, (b"large", grey(0), NOW))[0], FrameDetections)

    def test_cameras_without_settings_wait_together(self, opened):
        opened.camera_settings.cameras = {"gate": Camera("gate")}
        detect(opened, (b"stranger-1", FAILING, NOW))
        dropped, seen = detect(opened, (b"stranger-2", grey(0), NOW), (b"gate", grey(0), NOW))
        assert (type(dropped), dropped.reason) == (Dropped, "paused")
        assert isinstance(seen, FrameDetections)

    def test_where_no_camera_has_settings_each_waits_for_itself(self, opened):
        detect(opened, (b"stranger-1", FAILING, NOW))
        assert isinstance(detect(opened, (b"stranger-2", grey(0), NOW))[0], FrameDetections)

    def test_of_an_impostor_a_picture_a_second_is_detected(self, opened, clock):
        opened.camera_settings.cameras = {"gate": Camera("gate")}

        def processed(sender):
            row = (b"gate", grey(0), clock.now)
            (outcome,) = detect(opened, row, received_at=clock.now, senders=[sender])
            return isinstance(outcome, FrameDetections)

        assert processed(b"first:1")
        found = []
        for _ in range(20):
            clock.now += 100
            found.append((processed(b"impostor:1"), processed(b"first:1")))
        assert sum(impostor for impostor, _ in found) == 2
        assert all(first for _, first in found)

    def test_a_replay_drops_nothing(self, opened):
        opened.function._admission = replace(opened.function._admission, mode="replay")
        letter, seen = detect(opened, (b"bad", FAILING, NOW), (b"bad", grey(0), NOW + 1))
        assert isinstance(letter, DeadLetter)
        assert isinstance(seen, FrameDetections)
        assert isinstance(detect(opened, (b"bad", grey(0), NOW + 2))[0], FrameDetections)

    def test_a_result_in_the_log_is_used_again_during_a_pause(self, opened):
        detect(opened, (b"a", FAILING, NOW))
        opened.log[logged(0).frame.place] = logged(0)
        opened.function._logged = opened.log
        (again,) = detect(opened, (b"a", grey(9), NOW))
        assert again.detections[0].label == "fox"


class TestStrangers:
    def limit(self, opened, limit):
        opened.function._admission = replace(opened.function._admission, unknown_camera_limit=limit)
        opened.camera_settings.cameras = {"gate": Camera("gate")}
        opened.function.open(SimpleNamespace(get_metric_group=lambda: opened.metrics))

    def test_invented_ids_take_no_memory(self, opened):
        self.limit(opened, 5)
        for first in range(0, 3_000, 300):
            rows = [(b"stranger-%d" % n, grey(0), NOW) for n in range(first, first + 300)]
            detect(opened, *rows)
        function = opened.function
        remembered = function._turns, function._untrusted_clocks, function._senders
        assert max(len(each) for each in (*remembered, function._unknown)) <= 6

    def test_cameras_with_settings_are_not_affected(self, opened):
        self.limit(opened, 1)
        opened.camera_settings.cameras = {"gate": Camera("gate"), "door": Camera("door")}
        outcomes = detect(
            opened, *((key, grey(0), NOW) for key in (b"x", b"y", b"gate", b"door", b"z"))
        )
        kinds = [type(outcome) for outcome in outcomes]
        assert kinds == [FrameDetections, DeadLetter, FrameDetections, FrameDetections, DeadLetter]
        assert {letter.rejected.reason for letter in outcomes if type(letter) is DeadLetter} == {
            "unknown-camera"
        }

    def test_no_camera_counts_as_unknown_while_the_settings_are_being_read(self, opened, clock):
        self.limit(opened, 0)
        opened.camera_settings.cameras = {}
        opened.function.open(SimpleNamespace(get_metric_group=lambda: opened.metrics))
        (outcome,) = detect(opened, (b"door", grey(0), NOW))
        assert isinstance(outcome, FrameDetections)
        clock.now += 1000 * round(UNKNOWN_CAMERAS_S) + 1
        (outcome,) = detect(opened, (b"door", grey(0), clock.now), received_at=clock.now)
        assert outcome.rejected.reason == "unknown-camera"

    def test_under_overload_they_share_one_turn(self, opened):
        opened.detector.picture_ms = 150.0  # two fit into 300 ms
        opened.camera_settings.cameras = {"gate": Camera("gate")}
        for turn in range(5):
            keys = (*(b"x-%d-%d" % (turn, n) for n in range(20)), b"gate")
            *_, gate = detect(opened, *((key, grey(0), NOW) for key in keys))
            assert isinstance(gate, FrameDetections)


class TestSenders:
    def test_a_second_sender_does_not_replace_the_frames_of_the_first(self, opened):
        detect(opened, (b"a", grey(0), NOW), senders=[b"kitchen:1"])
        real, false = detect(
            opened,
            (b"a", grey(0), NOW),
            (b"a", grey(255), NOW + 4_900),
            senders=[b"kitchen:1", b"garage:1"],
        )
        assert (real.frame.sender, false.frame.sender) == ("kitchen:1", "garage:1")

    def test_under_overload_a_second_sender_takes_no_turn_of_the_first(self, opened):
        opened.detector.picture_ms = 300.0
        opened.camera_settings.cameras = {"a": Camera("a"), "b": Camera("b")}
        detect(opened, (b"a", grey(0), NOW), senders=[b"kitchen:1"])
        processed = Counter()
        for turn in range(9):
            outcomes = detect(
                opened,
                (b"a", grey(0), NOW),
                (b"a", grey(255), NOW + 4_900),
                (b"b", grey(0), NOW),
                senders=[b"kitchen:1", b"garage:%d" % turn, None],
                received_at=NOW + turn,
            )
            frames = [one.frame for one in outcomes if isinstance(one, FrameDetections)]
            processed.update((one.camera_id, one.sender[:7]) for one in frames)
        assert processed == {("a", "kitchen"): 4, ("a", "garage:"): 1, ("b", ""): 4}

    def test_a_result_of_the_log_gets_the_sender_of_its_record(self, opened):
        opened.log[logged(0).frame.place] = logged(0)
        (again,) = detect(
            opened, (b"a", grey(9), NOW - 90_000), senders=[b"kitchen:1"], received_at=NOW - 90_000
        )
        assert again.detections[0].label == "fox"
        assert again.frame.sender == "kitchen:1"

    def test_after_a_crash_the_log_says_who_had_the_id(self, opened):
        earlier = replace(logged(0).frame, sender="kitchen:1", received_at=NOW - 95_000)
        opened.log[Place("frames", 2, 99)] = replace(logged(0), frame=earlier)
        rows = [(b"a", grey(0), NOW - 90_000)] * 3
        names = [b"garage:1", b"garden:1", b"kitchen:1"]
        detect(opened, *rows, senders=names, received_at=NOW - 90_000)
        assert opened.function._senders["a"].sender == "kitchen:1"

    def test_older_graphs_hand_over_no_senders(self, opened):
        columns = ([b"a"], [grey(0)], [str(NOW).encode()], [None], [None])
        outcomes = opened.function.eval(
            *map(pd.Series, columns),
            pd.Series([datetime.fromtimestamp(NOW / 1000, UTC)]),
            pd.Series([2]),
            pd.Series([0]),
        )
        assert decode_outcome(outcomes[0]).frame.sender == ""


class TestErasures:
    def test_an_erased_frame_is_dropped_and_the_others_are_processed(self, opened):
        opened.erasures.erase(erasure("a", NOW - 10, NOW + 10))

        erased, other = detect(opened, (b"a", grey(0), NOW), (b"b", grey(0), NOW))

        assert (erased.reason, erased.captured_at) == ("erased", NOW)
        assert isinstance(other, FrameDetections)
        assert opened.detector.batches == [1]

    def test_after_a_crash_a_result_of_an_erased_frame_is_not_taken_from_the_log(self, opened):
        opened.log[logged(0).frame.place] = logged(0)
        at = NOW - 90_000
        opened.erasures.erase(erasure("a", at, at + 1))

        (again,) = detect(opened, (b"a", grey(9), at), received_at=at)

        assert again.reason == "erased"

    def test_a_replay_begins_only_when_it_is_known_what_is_erased(self):
        limits = AdmissionLimits("replay", 60_000, 5_000, 1_000_000, 1_000_000, 32)
        erasures = FakeErasures()
        erasures.is_complete = False
        function = DetectObjects(
            limits,
            "frames.replay",
            BrightnessDetector,
            lambda _since: {},
            FakeCameraSettings,
            lambda: erasures,
            live_detection_budget_ms=300,
        )
        with pytest.raises(TimeoutError, match="erasures"):
            function.open(SimpleNamespace(get_metric_group=Metrics))
