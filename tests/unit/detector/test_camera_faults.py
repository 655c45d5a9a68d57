"""Cameras that are covered, blurred or moved, and those that are not, on real footage."""

from functools import cache

import cv2
import numpy as np
import pytest
from msgspec.structs import replace

from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.detector.canvas import Canvas
from pycturestream.detector.decoding import decode_jpeg
from pycturestream.detector.measure import measure
from pycturestream.domain.cameras.camera import DEFAULT_FOR_MS, Rule
from tests.scenes import NINE, CameraRun, frame, guarded

CANVAS = Canvas(512, 384)
RATES = {"gate": 7, "plaza": 7, "street": 25}
"""Pictures per second of the clips."""
RULES = tuple(
    Rule(about, about=about, for_ms=DEFAULT_FOR_MS[about], clear_after_ms=5_000)
    for about in ("covered", "blurred", "moved")
)


@cache
def clip(name):
    """Return a clip at 2 pictures per second."""
    video = cv2.VideoCapture(str(PROJECT_FOLDER / "samples" / f"{name}.mp4"))
    pictures = []
    while (read := video.read())[0]:
        pictures.append(read[1])
    step = RATES[name] / 2
    return [pictures[int(number * step)] for number in range(int(len(pictures) / step))]


def measured(picture):
    """Return the measure of a picture after JPEG compression, as a camera sends it."""
    pixels = np.clip(picture, 0, 255).astype(np.uint8)
    jpeg = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 80])[1]
    return measure(decode_jpeg(jpeg.tobytes(), CANVAS))


@cache
def baseline(name):
    return [measured(picture) for picture in clip(name)]


class GuardedCamera:
    """A camera with all rules about its picture."""

    def __init__(self, name):
        self.name = name
        self.at = NINE
        self.scene = CameraRun(guarded(*RULES))
        self.see(baseline(name)[-40:])

    def see(self, measures, every_ms=500):
        for one in measures:
            self.scene.see(replace(frame(at=self.at), measure=one))
            self.at += every_ms
        return self

    def show(self, change, seconds=80, every_ms=4_000):
        """Show the clip for some seconds, each of its pictures changed."""
        number = seconds * 1000 // every_ms
        pictures = [clip(self.name)[n % len(clip(self.name))] for n in range(number)]
        return self.see([measured(change(p.astype(np.float32))) for p in pictures], every_ms)

    @property
    def alerts(self):
        return [(one.alert.rule, one.state) for one in self.scene.alerts]


@cache
def grain(shape):
    return np.random.default_rng(7).normal(0, 1, shape).astype(np.float32)


def noisy(picture, deviation):
    return picture + deviation * np.roll(grain(picture.shape), int(picture[0, 0, 0]), axis=1)


def across(picture):
    """Return 0..1 from the left to the right of a picture."""
    height, width = picture.shape[:2]
    return np.broadcast_to(np.linspace(0, 1, width)[None, :, None], (height, width, 3))


def soft(picture, pixels_of_640):
    return cv2.GaussianBlur(picture, (0, 0), pixels_of_640 * picture.shape[1] / 640)


def checks(picture):
    rows, columns = np.indices(picture.shape[:2]) // 3
    return np.repeat(((rows + columns) % 2)[..., None], 3, 2)


COVERS = {
    "a dark hand": lambda p: noisy(8 + 25 * across(p), 4),
    "a hand that light shines through": lambda p: noisy(60 + 90 * across(p) ** 2, 3),
    "a plain bag": lambda p: noisy(0 * p + 120, 3),
    "a woven bag": lambda p: noisy(40 + 120 * checks(p), 3),
    "a crumpled bag": lambda p: 90 + 600 * soft(grain(p.shape), 20),
    "tape": lambda p: 0 * p,
}
BLURS = {
    "out of focus": lambda p: soft(p, 4),
    "far out of focus": lambda p: soft(p, 12),
    "grease": lambda p: 0.6 * soft(p, 8) + 50,
    "spray": lambda p: 0.1 * soft(p, 40) + 150,
}
TURNS = {
    "to the side": lambda p: np.roll(p, int(0.4 * p.shape[1]), axis=1),
    "up": lambda p: np.roll(p, int(0.4 * p.shape[0]), axis=0),
    "elsewhere": lambda p: cv2.resize(clip("street")[0], p.shape[1::-1]),
    "upside down": lambda p: p[::-1, ::-1],
}
NOTHING = {
    "lights off": lambda p: noisy(0.2 * p, 3),
    "lights nearly off": lambda p: noisy(0.05 * p, 4),
    "a bright lamp": lambda p: 1.5 * p + 20,
    "a lamp on one side": lambda p: p * (0.4 + 1.4 * across(p)),
    "noise at night": lambda p: noisy(0.12 * p + 6, 8),
    "infrared": lambda p: noisy(
        np.repeat((0.8 * p[..., 2:] + 0.4 * p[..., 1:2] - 0.3 * p[..., :1]) * 0.7, 3, 2), 4
    ),
    "fog": lambda p: 0.3 * p + 130,
    "half hidden by a lorry": lambda p: np.where(across(p) < 0.5, checks(p) * 20 + 180, p),
}


@pytest.mark.parametrize("name", ["gate", "plaza"])
def test_people_and_cars_raise_no_alert_about_the_camera(name):
    assert GuardedCamera(name).see(baseline(name) * 3).alerts == []


def test_a_clip_with_changing_views_is_neither_covered_nor_blurred():
    alerts = GuardedCamera("street").see(baseline("street") * 20).alerts
    assert not {rule for rule, _ in alerts} & {"covered", "blurred"}


@pytest.mark.parametrize("name", ["gate", "plaza"])
@pytest.mark.parametrize(
    ("about", "change"),
    [
        pytest.param(about, change, id=f"{about}: {what}")
        for about, changes in (("covered", COVERS), ("blurred", BLURS), ("moved", TURNS))
        for what, change in changes.items()
    ],
)
def test_a_fault_raises_an_alert_that_clears_when_it_ends(name, about, change):
    camera = GuardedCamera(name).show(change)
    assert camera.alerts == [(about, "raised")]
    assert camera.see(baseline(name)[:30]).alerts == [(about, "raised"), (about, "cleared")]


@pytest.mark.parametrize("name", ["gate", "plaza"])
@pytest.mark.parametrize("what", NOTHING)
def test_light_weather_and_partial_views_raise_no_alert(name, what):
    camera = GuardedCamera(name)
    for _ in range(2):
        camera.show(NOTHING[what]).see(baseline(name)[:10])
    assert camera.alerts == []


@pytest.mark.parametrize("name", ["gate", "plaza"])
@pytest.mark.parametrize(
    ("change", "seconds"),
    [(COVERS["a dark hand"], 2), (COVERS["a plain bag"], 8), (BLURS["far out of focus"], 1)],
    ids=["a hand before the lens", "a passing lorry", "autofocus"],
)
def test_a_short_fault_raises_no_alert(name, change, seconds):
    camera = GuardedCamera(name)
    for _ in range(3):
        camera.show(change, seconds, every_ms=500).see(baseline(name)[:20])
    assert camera.alerts == []


@pytest.mark.parametrize("about", ["covered", "blurred", "moved"])
def test_masks_neither_hide_nor_cause_a_fault(about):
    change = {
        "covered": COVERS["a plain bag"],
        "blurred": BLURS["out of focus"],
        "moved": TURNS["elsewhere"],
    }[about]

    def masked(picture):
        picture = picture.copy()
        height, width = picture.shape[:2]
        picture[: height // 2, : width // 3] = picture[height * 2 // 3 :, width // 2 :] = 0
        return picture

    camera = GuardedCamera("plaza").show(masked, 30, every_ms=500)
    assert camera.alerts == []
    assert camera.show(lambda p: masked(change(p))).alerts == [(about, "raised")]
