"""A camera that does not show what it usually does: covered, blurred, moved."""

import random

import pytest
from msgspec.structs import replace

from pycturestream.contracts.states import judge_states
from pycturestream.domain.cameras.camera import Rule
from pycturestream.domain.frames.picture_measure import (
    BLACK,
    COLUMNS,
    ROWS,
    PictureMeasure,
    shade_of,
)
from pycturestream.domain.threats.view_baseline import (
    ACCEPTED_AFTER_ALERT_MS,
    ACCEPTED_AFTER_MS,
    GAP_MS,
    MAX_VIEWS,
    SHARPNESS_MS,
    ViewBaseline,
    fault_of,
    update,
)
from tests.scenes import NINE, CameraRun, frame, guarded

MINUTE = 60_000
CELLS = ROWS * COLUMNS


def view(seed: int = 0, light: float = 1.0, sharpness: float = 1.0) -> PictureMeasure:
    """Return the measure of a view that is like no other of another seed, under some light."""
    source = random.Random(seed)
    greys = [light * source.uniform(30, 200) for _ in range(CELLS)]
    return picture(greys, sharpness)


def picture(greys, sharpness: float = 1.0) -> PictureMeasure:
    shades = bytes(shade_of(min(255.0, grey)) for grey in greys)
    return PictureMeasure(sum(greys) / CELLS / 255, 0.2, sharpness, shades)


def noise(level: float, deviation: float = 0.3, seed: int = 9) -> PictureMeasure:
    source = random.Random(seed)
    return picture([max(3.0, source.gauss(level, deviation)) for _ in range(CELLS)], 4.0)


HAND = picture([60 + cell % COLUMNS for cell in range(CELLS)], 0.1)
BLACKNESS = PictureMeasure(0.0, 0.0, 0.0, bytes(CELLS))
BAG = replace(noise(90), sharpness=5.0)


class CameraView:
    """A camera and its measures, twice a second."""

    def __init__(self, *measures: PictureMeasure, moved_after_ms: int = MINUTE) -> None:
        self.at = NINE
        self.view_baseline = ViewBaseline()
        self.moved_after_ms = moved_after_ms
        for measure in measures or [view()]:
            self.see(measure, 10)

    def see(self, measure: PictureMeasure, seconds: float, every_ms: int = 500) -> "CameraView":
        for _ in range(round(1000 * seconds / every_ms)):
            self.view_baseline = update(self.view_baseline, measure, self.at, self.moved_after_ms)
            self.at += every_ms
        return self

    @property
    def fault(self):
        found = fault_of(self.view_baseline)
        return found and found[0]


@pytest.mark.parametrize("cover", [HAND, BLACKNESS, BAG, noise(10)])
def test_a_picture_without_structure_is_covered(cover):
    camera = CameraView()
    began = camera.at
    camera.see(cover, 10)
    assert fault_of(camera.view_baseline) == ("covered", began)
    assert camera.see(view(), 1).fault is None


def test_a_picture_out_of_focus_is_blurred_from_when_it_began():
    camera = CameraView()
    began = camera.at
    assert fault_of(camera.see(view(sharpness=0.3), 60).view_baseline) == ("blurred", began)
    assert camera.see(view(), 1).fault is None


def test_another_view_has_moved_the_camera():
    camera = CameraView()
    began = camera.at
    assert fault_of(camera.see(view(1), 59).view_baseline) == ("moved", began)


@pytest.mark.parametrize("light", [0.05, 0.2, 1.2])
def test_lights_that_are_switched_change_nothing(light):
    camera = CameraView()
    for _ in range(5):
        assert camera.see(view(light=light), 20).fault is None
        assert camera.see(view(), 5).fault is None


def test_at_dusk_the_view_fades_and_a_black_night_is_no_cover():
    camera = CameraView()
    for step in range(240):
        camera.see(view(light=0.5 ** (step / 20)), 15, every_ms=3_000)
        assert camera.fault is None
    assert camera.see(BLACKNESS, 600, every_ms=5_000).fault is None


def test_a_view_that_keeps_changing_is_no_moved_camera():
    camera = CameraView()
    for seed in range(1, 40):
        camera.see(view(seed), 3, every_ms=1_000)
        assert camera.at - (fault_of(camera.view_baseline) or ("", camera.at))[1] <= 3_000


def test_an_object_that_hides_half_the_view_is_no_moved_camera():
    camera = CameraView()
    other = view(1)
    half = b"".join(
        view().thumbnail[row : row + COLUMNS // 2] + other.thumbnail[row : row + COLUMNS // 2]
        for row in range(0, CELLS, COLUMNS)
    )
    assert camera.see(replace(view(), thumbnail=half), 120).fault is None


def test_masks_do_not_matter():
    masked = replace(view(), thumbnail=bytes([BLACK] * 128) + view().thumbnail[128:])
    camera = CameraView()
    assert camera.see(masked, 60).fault is None  # as when they are new
    camera = CameraView(masked)
    assert camera.see(HAND, 1).fault == "covered"
    assert CameraView(masked).see(replace(HAND, thumbnail=masked.thumbnail), 1).fault == "blurred"


def test_nothing_is_raised_before_a_view_is_established():
    camera = CameraView()
    camera.view_baseline = ViewBaseline()
    assert camera.see(view(), 5).see(HAND, 30).fault is None


def test_nothing_is_raised_for_a_view_without_structure():
    assert CameraView(noise(10)).see(noise(10, seed=3), 60).fault is None


def test_a_new_view_joins_the_baseline_some_time_after_its_alert():
    camera = CameraView().see(view(1), 60)
    assert camera.fault == "moved"
    camera.see(view(1), ACCEPTED_AFTER_ALERT_MS / 1000 + 5, every_ms=5_000)
    assert camera.fault is None
    assert camera.see(HAND, 1).fault == "covered"
    assert camera.see(view(), 60).fault is None  # it is still remembered


def test_only_so_many_views_are_remembered():
    camera = CameraView(*[view(seed) for seed in range(1, 3)])
    for seed in range(3, 10):
        camera.see(view(seed), (MINUTE + ACCEPTED_AFTER_ALERT_MS) / 1000 + 10, every_ms=10_000)
    assert len(camera.view_baseline.views) == MAX_VIEWS


def test_a_cover_of_a_day_joins_the_baseline():
    camera = CameraView().see(HAND, ACCEPTED_AFTER_MS / 1000 - 60, every_ms=60_000)
    assert camera.fault == "covered"
    assert camera.see(HAND, 180, every_ms=60_000).fault is None


def test_sharpness_that_changes_slowly_is_followed_and_blur_is_not_learned():
    camera = CameraView()
    hours = 3 * SHARPNESS_MS // 3_600_000
    for hour in range(hours):
        camera.see(view(sharpness=1 - 0.6 * hour / hours), 3_600, every_ms=30_000)
        assert camera.fault is None
    camera = CameraView().see(view(sharpness=0.3), 3_600, every_ms=30_000)
    assert camera.fault == "blurred"


def test_after_a_gap_a_fault_begins_again():
    camera = CameraView().see(HAND, 5)
    camera.at += GAP_MS
    again = camera.at
    assert fault_of(camera.see(HAND, 1).view_baseline) == ("covered", again)


def measured(measures, start=NINE):
    return [replace(frame(at=start + n * 500), measure=m) for n, m in enumerate(measures)]


def test_each_fault_is_raised_with_its_figures_until_it_ends():
    rules = [
        Rule(about, about=about, for_ms=for_ms, clear_after_ms=5_000)
        for about, for_ms in (("covered", 10_000), ("blurred", 20_000), ("moved", 20_000))
    ]
    good = [view()] * 60
    series = [*good, *[HAND] * 30, *good, *[view(sharpness=0.2)] * 60, *good, *[view(1)] * 60]
    scene = CameraRun(guarded(*rules)).see(*measured([*series, *good]))

    assert [(change.alert.rule, change.state) for change in scene.alerts] == [
        (rule, state) for rule in ("covered", "blurred", "moved") for state in ("raised", "cleared")
    ]
    assert [change.at - NINE for change in scene.alerts if change.state == "raised"] == [
        30_000 + 10_000,
        75_000 + 20_000,
        135_000 + 20_000,
    ]
    assert [change.alert.reason for change in scene.alerts if change.state == "raised"] == [
        (
            "The camera has been covered since 09:00:30: likeness to the usual view 0.07, "
            "brightness 0.26, usually 0.46."
        ),
        "The picture has been blurred since 09:01:15: sharpness 0.20, usually 1.00.",
        "The camera has shown a different view since 09:02:15: likeness to the usual view 0.01.",
    ]


@pytest.mark.parametrize(
    ("about", "measure", "seconds"), [("covered", HAND, 2), ("blurred", view(sharpness=0.2), 1)]
)
def test_a_short_fault_raises_nothing(about, measure, seconds):
    rule = Rule("it", about=about, for_ms=10_000)
    series = [*[view()] * 60, *[measure] * 2 * seconds] * 10
    assert not CameraRun(guarded(rule)).see(*measured(series)).alerts


def test_a_camera_without_such_a_rule_remembers_no_view():
    scene = CameraRun(guarded(Rule("it", about="covered"))).see(*measured([view()] * 30))
    assert scene.state.judge.rule_state.view_baseline.views
    scene.camera = guarded()
    scene.see(*measured([view()] * 2, NINE + 60_000))
    assert scene.state.judge.rule_state.view_baseline == ViewBaseline()


def test_views_survive_a_restart():
    scene = CameraRun(guarded(Rule("it", about="covered"))).see(*measured([view()] * 30))
    state = scene.state.judge
    assert judge_states.decode(judge_states.encode(state))[0] == state


def test_frames_of_older_programs_raise_nothing_about_the_view():
    rule = Rule("it", about="covered", for_ms=1_000)
    scene = CameraRun(guarded(rule)).see(*measured([*[view()] * 60, *[None] * 60, *[view()] * 20]))
    assert not scene.alerts


def test_one_soft_picture_after_a_night_is_not_the_sharpness_to_expect():
    camera = CameraView().see(view(), 3_600, every_ms=30_000)
    camera.at += 12 * 60 * MINUTE
    camera.see(view(sharpness=0.6), 0.5)

    assert camera.view_baseline.views[0].sharpness > 0.95
