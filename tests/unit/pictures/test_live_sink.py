"""What is shown of the cameras that somebody looks at, and what never."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycturestream.blur.faces import FaceModelError
from pycturestream.config.settings import Settings
from pycturestream.contracts.detections import read_detections_record
from pycturestream.domain.frames.missing import Missing
from pycturestream.domain.times import HOUR_MS
from pycturestream.errors import ServiceError
from pycturestream.pictures import blurring, frame_pictures
from pycturestream.pictures.frame_pictures import FramePicture
from pycturestream.pictures.live_sink import PAUSE_S, LiveSink
from tests import jpegs
from tests.builders import NOON, detection_record

PHONE = "eye-0123456789abcdef"


def blank(width, height):
    return np.zeros((height, width, 3), np.uint8)


class Clock:
    def __init__(self):
        self.at = NOON
        self.ahead = 0

    def now(self):
        return round(self.at) + self.ahead

    def seconds(self):
        return self.at / 1000


class Writer:
    """Keeps what it is given, and fails as often as a test wants."""

    def __init__(self):
        self.written = []
        self.failures = []

    def write(self, header, jpeg):
        if self.failures:
            raise self.failures.pop(0)
        self.written.append((header, jpeg))

    def close(self):
        pass


class Pictures:
    """Pictures of all records: these pixels, or nothing for a reason."""

    def __init__(self, pixels=None):
        self.pixels = blank(1920, 1080) if pixels is None else pixels
        self.missing = None
        self.fetched = []

    def fetch(self, records):
        for record in records:
            self.fetched.append(record.frame_id)
            yield record, self.missing or FramePicture(record, self.pixels)


class Processor:
    """The time that a picture takes, which its fetching costs here."""

    def __init__(self):
        self.spent = 0.0

    def __call__(self):
        self.spent += 0.05
        return self.spent


@pytest.fixture
def grey(monkeypatch):
    """Blur without a model: everything."""
    blurred = []

    class Blurred:
        def __init__(self, pixels):
            self.pixels = np.full_like(pixels, 128)

    def blur(pixels, people):
        blurred.append(tuple(people))
        return Blurred(pixels)

    monkeypatch.setattr(frame_pictures, "blur", blur)
    return blurred


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def writer():
    return Writer()


@pytest.fixture
def sink(writer, clock):
    return LiveSink(writer, clock, Settings(), Processor())


def record(camera_id="gate", at=NOON):
    return read_detections_record(detection_record(camera_id=camera_id, captured_at=at))


def look(sink, **cameras):
    sink.request({name.replace("_", "-"): sizes for name, sizes in cameras.items()})
    sink.prepare()


def test_a_picture_is_shown_scaled_down_with_what_it_is(sink, writer, clock, grey):
    look(sink, gate=["small", "large"])
    clock.at += 130
    sink.take(record())

    assert sink.show_next(Pictures())

    shown = {header.size: (header, jpeg) for header, jpeg in writer.written}
    assert sorted(shown) == ["large", "small"]
    for size, width, height in (("small", 480, 270), ("large", 1280, 720)):
        header, jpeg = shown[size]
        assert (header.camera_id, header.frame_id) == ("gate", record().frame_id)
        assert header.captured_at == record().captured_at
        assert (header.width, header.height) == (width, height)
        assert jpegs.pixels_of(jpeg).shape == (height, width, 3)
    assert len(grey) == 1
    assert sink.counts == {"small": 1, "large": 1}
    assert sink.ages == {0.2: 2}


@pytest.mark.usefixtures("grey")
def test_a_small_picture_is_not_made_larger(sink, writer):
    look(sink, gate=["large"])
    sink.take(record())

    sink.show_next(Pictures(blank(320, 240)))

    [(header, jpeg)] = writer.written
    assert (header.width, header.height) == (320, 240)
    assert jpegs.pixels_of(jpeg).shape == (240, 320, 3)


def test_faces_and_people_are_covered_before_anything_is_scaled(sink, writer, astronaut):
    look(sink, gate=["small"])
    sink.take(record())

    sink.show_next(Pictures(jpegs.pixels_of(astronaut)))  # 512x512, with a face in the middle

    [(_, jpeg)] = writer.written
    pixels = jpegs.pixels_of(jpeg).astype(int)
    assert pixels.shape == (480, 480, 3)
    assert np.abs(pixels[104:154, 184:242] - 128).mean() < 8


@pytest.mark.usefixtures("grey")
def test_nobody_looks_and_nothing_is_fetched(sink):
    pictures = Pictures()
    sink.take(record())
    look(sink, yard=["small"])
    sink.take(record())

    assert not sink.show_next(pictures)
    assert pictures.fetched == []
    assert sink.counts == {}


@pytest.mark.usefixtures("grey")
def test_pictures_of_phones_are_shown_to_nobody_whoever_asks(sink, writer):
    sink.request({PHONE: ["small", "large"], "gate": ["small"]})
    sink.prepare()
    sink.take(record(PHONE))
    sink.take(record("gate"))

    while sink.show_next(Pictures()):
        pass
    sink.put(blurred_picture(record(PHONE)))

    assert {header.camera_id for header, _ in writer.written} == {"gate"}


@pytest.mark.usefixtures("grey")
def test_what_is_too_old_is_not_shown(sink, clock):
    look(sink, gate=["small"], yard=["small"])
    sink.take(record(at=NOON - Settings().push_fresh_ms - 20))
    assert not sink.is_waiting
    sink.take(record("yard"))
    assert sink.is_waiting
    clock.at += Settings().push_fresh_ms + 20
    look(sink, gate=["small"], yard=["small"])

    assert not sink.show_next(Pictures())
    assert sink.counts == {"late": 2}


@pytest.mark.usefixtures("grey")
def test_pictures_are_shown_when_a_clock_that_was_ahead_is_set_back(sink, writer, clock):
    for clock.ahead in (HOUR_MS, 0):
        for _ in range(2):
            look(sink, gate=["small"])
            sink.take(record(at=clock.now()))
            sink.show_next(Pictures())
            clock.at += 1_000

    assert len(writer.written) == 4


@pytest.mark.usefixtures("grey")
def test_of_a_camera_the_newest_frame_is_fetched_alone(sink):
    look(sink, gate=["small"])
    pictures = Pictures()
    for number in range(30):
        sink.take(record(at=NOON + number))

    while sink.show_next(pictures):
        pass

    assert pictures.fetched == [record(at=NOON + 29).frame_id]
    assert sink.counts == {"superseded": 29, "small": 1}


@pytest.mark.usefixtures("grey")
def test_a_missing_picture_is_not_shown_and_not_tried_again(sink, writer):
    look(sink, gate=["small"])
    sink.take(record())
    pictures = Pictures()
    pictures.missing = Missing.ERASED

    assert sink.show_next(pictures)
    assert not sink.show_next(pictures)

    assert writer.written == []
    assert sink.counts == {"missing": 1}


@pytest.mark.usefixtures("grey")
def test_processor_time_is_kept_to_its_share(writer, clock):
    settings = Settings().model_copy(update={"live_picture_share": 0.25})
    sink, shown = LiveSink(writer, clock, settings, Processor()), 0
    pictures = Pictures(blank(64, 48))
    for number in range(4_000):  # 40 seconds
        clock.at = NOON + 10 * number
        sink.request({f"camera-{each}": ["small"] for each in range(20)})
        sink.prepare()
        sink.take(record(f"camera-{number % 20}", round(clock.at)))
        shown += sink.show_next(pictures)

    assert sink.processor_s == pytest.approx(0.05 * shown)
    assert 0.25 * 40 <= sink.processor_s <= 0.25 * 42 + 0.1
    assert shown == len(writer.written)


@pytest.mark.usefixtures("grey")
def test_with_a_share_of_nothing_no_picture_is_made(writer, clock):
    sink = LiveSink(writer, clock, Settings().model_copy(update={"live_picture_share": 0}))
    look(sink, gate=["small"])
    sink.take(record())

    assert not sink.show_next(Pictures())
    sink.put(blurred_picture(record()))
    assert writer.written == []
    assert not sink.is_waiting  # for which the service would wake 50 times a second


def blurred_picture(of):
    picture = FramePicture(of, blank(640, 480))
    assert picture.blurred is not None
    return picture


@pytest.mark.usefixtures("grey")
def test_what_another_sink_has_blurred_is_shown_without_fetching_it(sink, writer):
    look(sink, gate=["small"])
    sink.take(record())

    sink.put(blurred_picture(record()))

    assert [header.frame_id for header, _ in writer.written] == [record().frame_id]
    assert not sink.show_next(Pictures())


@pytest.mark.usefixtures("grey")
def test_what_another_sink_has_is_left_out_unless_it_is_blurred_and_the_newest(sink, writer):
    look(sink, gate=["small"])
    sink.take(record(at=NOON + 1))

    sink.put(blurred_picture(record()))
    sink.put(blurred_picture(record("yard")))
    sink.put(FramePicture(record(at=NOON + 1), blank(640, 480)))

    assert writer.written == []


@pytest.mark.usefixtures("grey")
def test_while_redis_is_away_nothing_is_tried_for_a_while(sink, writer, clock, capfd):
    look(sink, gate=["small", "large"])
    sink.take(record())
    writer.failures = [ServiceError("Redis: away")] * 2
    pictures = Pictures()

    assert sink.show_next(pictures)
    for _ in range(2):
        look(sink, gate=["small"])
        sink.take(record(at=NOON + 1))
        assert not sink.show_next(pictures)
    clock.at += 1000 * PAUSE_S + 1
    for _ in range(2):
        look(sink, gate=["small"])
        sink.take(record(at=round(clock.at)))
        sink.show_next(pictures)
        clock.at += 1000 * PAUSE_S + 1

    assert len(writer.written) == 1
    assert sink.counts["failed"] == 2
    assert "".join(capfd.readouterr()).count("live pictures: Redis: away") == 1


@pytest.mark.usefixtures("grey")
def test_an_error_costs_one_picture(sink, writer, clock):
    writer.failures = [KeyError("a fault")]
    for _ in range(2):
        look(sink, gate=["small"])
        sink.take(record(at=round(clock.at)))
        sink.show_next(Pictures())
        clock.at += 1_000

    assert len(writer.written) == 1
    assert sink.counts == {"failed": 1, "small": 1}


def test_nothing_is_shown_that_can_not_be_blurred(sink, writer, monkeypatch):
    def broken():
        raise FaceModelError("float16.tflite is damaged")

    monkeypatch.setattr(blurring, "_face_finder", broken)
    look(sink, gate=["small"])
    sink.take(record())

    with pytest.raises(FaceModelError):
        sink.show_next(Pictures())
    assert writer.written == []


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 400)), max_size=80))
def test_never_more_than_one_frame_of_a_camera_waits(events):
    clock = Clock()
    sink = LiveSink(Writer(), clock, Settings(), Processor())
    pictures = Pictures(blank(4, 4))
    pictures.missing = Missing.EXPIRED
    for camera, step in events:
        clock.at += step
        sink.request({f"camera-{camera}": ["small"]})
        sink.prepare()
        sink.take(record(f"camera-{camera}", round(clock.at)))
        if step % 3 == 0:
            sink.show_next(pictures)
        assert len(sink._backlog) <= len({name for name, _ in events})
    assert len(pictures.fetched) == len(set(pictures.fetched))
