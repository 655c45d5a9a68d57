"""A camera that does not show what it usually does: covered, blurred, moved."""

import random

import msgspec
import pytest
from msgspec.structs import replace

from pycturestream.contracts.codec import decode_state, encode_state
from pycturestream.domain.cameras.camera import Rule
from pycturestream.domain.frames.picture_measure import (
    BLACK,
    COLUMNS,
    ROWS,
    PictureMeasure,
    shade_of,
)
from pycturestream.domain.threats.view_baseline import (
    FORGIVEN_MS,
    GAP_MS,
    SETTLED_MS,
    SHARPNESS_MS,
    VIEWS,
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


class Watched:
    """A camera that is watched by its measures, twice a second."""

    def __init__(self, *measures: PictureMeasure, moved_after_ms: int = MINUTE) -> None:
        self.at = NINE
        self.view_baseline = ViewBaseline()
        self.moved_after_ms = moved_after_ms
        for measure in measures or [view()]:
            self.see(measure, 10)

    def see(self, measure: PictureMeasure, seconds: float, every_ms: int = 500) -> "Watched":
        for _ in range(round(1000 * seconds / every_ms)):
            self.view_baseline = update(self.view_baseline, measure, self.at, self.moved_after_ms)
            self.at += every_ms
        return self

    @property
    def fault(self):
        found = fault_of(self.view_baseline)
        return found and found[0]


@pytest.mark.parametrize("cover", [HAND, BLACKNESS, BAG, noise(10)])
def test_what_takes_all_structure_away_covers(cover):
    watched = Watched()
    began = watched.at
    watched.see(cover, 10)
    assert fault_of(watched.view_baseline) == ("covered", began)
    assert watched.see(view(), 1).fault is None


def test_a_picture_out_of_focus_is_blurred_from_when_it_began():
    watched = Watched()
    began = watched.at
    assert fault_of(watched.see(view(sharpness=0.3), 60).view_baseline) == ("blurred", began)
    assert watched.see(view(), 1).fault is None


def test_another_view_has_moved_the_camera():
    watched = Watched()
    began = watched.at
    assert fault_of(watched.see(view(1), 59).view_baseline) == ("moved", began)


@pytest.mark.parametrize("light", [0.05, 0.2, 1.2])
def test_lights_that_are_switched_change_nothing(light):
    watched = Watched()
    for _ in range(5):
        assert watched.see(view(light=light), 20).fault is None
        assert watched.see(view(), 5).fault is None


def test_at_dusk_the_view_fades_and_a_black_night_is_no_cover():
    watched = Watched()
    for step in range(240):
        watched.see(view(light=0.5 ** (step / 20)), 15, every_ms=3_000)
        assert watched.fault is None
    assert watched.see(BLACKNESS, 600, every_ms=5_000).fault is None


def test_what_differs_all_the_time_is_something_that_passes():
    watched = Watched()
    for seed in range(1, 40):
        watched.see(view(seed), 3, every_ms=1_000)
        assert watched.at - (fault_of(watched.view_baseline) or ("", watched.at))[1] <= 3_000


def test_what_hides_half_the_view_has_not_moved_the_camera():
    watched = Watched()
    other = view(1)
    half = b"".join(
        view().thumbnail[row : row + COLUMNS // 2] + other.thumbnail[row : row + COLUMNS // 2]
        for row in range(0, CELLS, COLUMNS)
    )
    assert watched.see(replace(view(), thumbnail=half), 120).fault is None


def test_masks_do_not_matter():
    masked = replace(view(), thumbnail=bytes([BLACK] * 128) + view().thumbnail[128:])
    watched = Watched()
    assert watched.see(masked, 60).fault is None  # as when they are new
    watched = Watched(masked)
    assert watched.see(HAND, 1).fault == "covered"
    assert Watched(masked).see(replace(HAND, thumbnail=masked.thumbnail), 1).fault == "blurred"


def test_nothing_is_said_before_a_view_is_known():
    watched = Watched()
    watched.view_baseline = ViewBaseline()
    assert watched.see(view(), 5).see(HAND, 30).fault is None


def test_nothing_is_said_of_a_view_in_which_there_is_nothing():
    assert Watched(noise(10)).see(noise(10, seed=3), 60).fault is None


def test_a_new_view_becomes_usual_some_time_after_it_was_told():
    watched = Watched().see(view(1), 60)
    assert watched.fault == "moved"
    watched.see(view(1), SETTLED_MS / 1000 + 5, every_ms=5_000)
    assert watched.fault is None
    assert watched.see(HAND, 1).fault == "covered"
    assert watched.see(view(), 60).fault is None  # it is known still


def test_only_so_many_views_are_known():
    watched = Watched(*[view(seed) for seed in range(1, 3)])
    for seed in range(3, 10):
        watched.see(view(seed), (MINUTE + SETTLED_MS) / 1000 + 10, every_ms=10_000)
    assert len(watched.view_baseline.views) == VIEWS


def test_what_is_covered_for_a_day_is_how_it_is():
    watched = Watched().see(HAND, FORGIVEN_MS / 1000 - 60, every_ms=60_000)
    assert watched.fault == "covered"
    assert watched.see(HAND, 180, every_ms=60_000).fault is None


def test_sharpness_that_changes_slowly_is_followed_and_blur_is_not_learned():
    watched = Watched()
    hours = 3 * SHARPNESS_MS // 3_600_000
    for hour in range(hours):
        watched.see(view(sharpness=1 - 0.6 * hour / hours), 3_600, every_ms=30_000)
        assert watched.fault is None
    watched = Watched().see(view(sharpness=0.3), 3_600, every_ms=30_000)
    assert watched.fault == "blurred"


def test_after_a_gap_it_begins_anew():
    watched = Watched().see(HAND, 5)
    watched.at += GAP_MS
    again = watched.at
    assert fault_of(watched.see(HAND, 1).view_baseline) == ("covered", again)


def measured(measures, start=NINE):
    return [replace(frame(at=start + n * 500), measure=m) for n, m in enumerate(measures)]


def test_each_fault_is_told_with_its_figures_and_until_it_is_over():
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
def test_what_is_over_in_a_moment_is_not_told(about, measure, seconds):
    rule = Rule("it", about=about, for_ms=10_000)
    series = [*[view()] * 60, *[measure] * 2 * seconds] * 10
    assert not CameraRun(guarded(rule)).see(*measured(series)).alerts


def test_a_camera_without_such_a_rule_remembers_no_view():
    scene = CameraRun(guarded(Rule("it", about="covered"))).see(*measured([view()] * 30))
    assert scene.state.rule_state.view_baseline.views
    scene.camera = guarded()
    scene.see(*measured([view()] * 2, NINE + 60_000))
    assert scene.state.rule_state.view_baseline == ViewBaseline()


def test_views_survive_a_restart_and_a_savepoint_of_an_older_program_has_none():
    scene = CameraRun(guarded(Rule("it", about="covered"))).see(*measured([view()] * 30))
    data = encode_state(scene.state)
    assert decode_state(data) == scene.state

    fields = msgspec.msgpack.decode(data[1:])
    del fields["watch"]["sight"]
    older = decode_state(data[:1] + msgspec.msgpack.encode(fields))
    assert older == replace(
        scene.state, rule_state=replace(scene.state.rule_state, view_baseline=ViewBaseline())
    )


def test_pictures_of_older_programs_say_nothing_of_the_camera():
    rule = Rule("it", about="covered", for_ms=1_000)
    scene = CameraRun(guarded(rule)).see(*measured([*[view()] * 60, *[None] * 60, *[view()] * 20]))
    assert not scene.alerts
