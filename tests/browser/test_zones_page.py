"""Drawing zones, lines and masks in a real browser, on services in memory."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from pycturestream.api.application import application
from pycturestream.api.camera_settings_api import camera_settings_paths, snapshot_paths
from pycturestream.api.links import Links
from pycturestream.api.pages.zones import zones_page
from pycturestream.api.picture_turns import PictureTurns
from pycturestream.api.tokens import Tokens
from pycturestream.config.camera_file import parse_camera_file
from pycturestream.domain.cameras.camera import Camera, Crossing, Line, Rule, Zone
from pycturestream.domain.cameras.schedule import Period
from tests.browser.pages import OpenPage, served
from tests.builders import NOON
from tests.fake_alert_service import FakeAlertService
from tests.fake_camera_settings import FakeCameraSettings, FakeSnapshots
from tests.waiting import eventually

LAWN = ((0.1, 0.6), (0.4, 0.6), (0.4, 0.9), (0.1, 0.9))
GATE = Camera(
    "gate",
    timezone="Europe/Vienna",
    source="rtsp://gate.local:554",
    fps=3,
    zones=(Zone("lawn", LAWN),),
    lines=(Line("fence", (0.6, 0.2), (0.6, 0.8)),),
    rules=(Rule("stranger", ("person",), ("lawn",), level=3),),
)
TRIANGLE = [(0.6, 0.2), (0.9, 0.2), (0.75, 0.5)]
DRAWN = ((0.6, 0.2), (0.9, 0.2), (0.75, 0.5))


class ZonesPage(OpenPage):
    """The page of the camera `gate`."""

    cameras: FakeCameraSettings
    snapshots: FakeSnapshots

    def open(self):
        self.goto("/cameras/gate/zones")
        self.page.wait_for_selector("#editor:not([hidden])")
        self.wait_until_checked()
        # What is below moves when the picture comes.
        self.until("!/^Loading/.test(document.getElementById('taken').textContent)")

    def wait_until_checked(self):
        self.until("!/Checking/.test(document.getElementById('outcome').textContent)")

    def on_picture(self, point):
        """Return a point of the picture in pixels of the window."""
        stage = self.page.locator("#shapes").bounding_box()
        x, y = point
        return stage["x"] + x * stage["width"], stage["y"] + y * stage["height"]

    def click(self, point):
        self.page.mouse.click(*self.on_picture(point))

    def drag(self, start, end):
        mouse = self.page.mouse
        mouse.move(*self.on_picture(start))
        mouse.down()
        mouse.move(*self.on_picture(end), steps=4)
        mouse.up()

    def draw(self, kind, points):
        self.page.click(f"[data-draw={kind}]")
        for point in points:
            self.click(point)
        if kind != "line":
            self.click(points[0])

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def names(self, kind="zone"):
        return self.page.eval_on_selector_all(
            f"[aria-label^='Name of {kind}']", "inputs => inputs.map((each) => each.value)"
        )

    def apply(self):
        """Apply; return the settings that were published."""
        count = len(self.cameras.written)
        self.wait_until_checked()
        self.page.click("#apply")
        assert eventually(lambda: len(self.cameras.written) > count)
        self.page.wait_for_selector(".applied")
        return self.cameras.written[-1]


@pytest.fixture(scope="module")
def _server(tmp_path_factory):
    cameras, snapshots = FakeCameraSettings(), FakeSnapshots()
    app = application(
        FakeAlertService(),
        Tokens(tmp_path_factory.mktemp("tokens") / "tokens.json"),
        Links("secret", "", 60_000),
        lambda: NOON,
        pages=[
            zones_page(),
            camera_settings_paths(cameras, ["person", "car", "dog"]),
            snapshot_paths(snapshots, PictureTurns()),
        ],
        is_open=True,
    )
    with served(app) as address:
        yield address, cameras, snapshots


@pytest.fixture(scope="module")
def device(browser):
    """One browser for all tests: it loads scripts once."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    yield context
    context.close()


@pytest.fixture
def zones(device, _server):
    address, cameras, snapshots = _server
    cameras.cameras.clear()
    cameras.written.clear()
    cameras.is_away = False
    cameras.put(GATE)
    snapshots.pictures.clear()
    snapshots.take("gate", "2026-11-21T12:00:00.000Z")
    device.set_default_timeout(20_000)
    zones = ZonesPage(device.new_page(), address)
    zones.cameras, zones.snapshots = cameras, snapshots
    yield zones
    zones.page.close()
    assert zones.errors == []


class TestByMouse:
    def test_a_zone_is_drawn_named_and_applied(self, zones):
        zones.open()
        zones.draw("zone", TRIANGLE)
        zones.page.keyboard.type("door")  # its name is selected
        assert zones.names() == ["lawn", "door"]
        camera = zones.apply()
        assert camera.zones[0] == GATE.zones[0]
        assert camera.zones[1].name == "door"
        for drawn, (x, y) in zip(camera.zones[1].polygon, DRAWN, strict=True):
            assert drawn == pytest.approx((x, y), abs=0.003)
        assert replace(camera, zones=GATE.zones, revision=0) == GATE

    @pytest.mark.slow
    def test_a_double_click_closes_a_mask(self, zones):
        zones.open()
        zones.page.click("[data-draw=mask]")
        for point in TRIANGLE[:2]:
            zones.click(point)
        zones.page.mouse.dblclick(*zones.on_picture(TRIANGLE[2]))
        assert zones.names("mask") == ["mask 1"]
        assert len(zones.apply().masks[0].polygon) == 3

    def test_a_line_has_two_points_and_is_turned_round(self, zones):
        zones.open()
        zones.draw("line", [(0.2, 0.2), (0.5, 0.2)])
        assert zones.names("line") == ["fence", "line 1"]
        zones.page.click("[aria-label='Turn round line 1']")
        line = zones.apply().lines[1]
        assert line.start == pytest.approx((0.5, 0.2), abs=0.003)
        assert line.end == pytest.approx((0.2, 0.2), abs=0.003)

    def test_points_and_shapes_are_dragged_and_snap_to_the_edge_of_the_picture(self, zones):
        zones.open()
        zones.click((0.25, 0.75))  # selects
        zones.drag((0.1, 0.6), (0.004, 0.5))
        zones.drag((0.25, 0.75), (0.35, 0.75))
        polygon = zones.apply().zones[0].polygon
        assert polygon[0] == pytest.approx((0.1, 0.5), abs=0.004)  # snapped to 0, then moved by .1
        assert polygon[1] == pytest.approx((0.5, 0.6), abs=0.004)

    @pytest.mark.slow
    def test_the_dot_of_an_edge_makes_a_point(self, zones):
        zones.open()
        zones.click((0.25, 0.75))
        zones.drag((0.25, 0.6), (0.25, 0.4))
        polygon = zones.apply().zones[0].polygon
        assert polygon[1] == pytest.approx((0.25, 0.4), abs=0.004)
        assert len(polygon) == 5

    def test_escape_draws_nothing(self, zones):
        zones.open()
        zones.page.click("[data-draw=zone]")
        zones.click(TRIANGLE[0])
        zones.press("Escape")
        assert zones.names() == ["lawn"]
        assert "Nothing was drawn" in zones.page.inner_text("#said")


class TestByTouch:
    @pytest.fixture(scope="class")
    def device(self, browser):
        """A phone in its place."""
        viewport = {"width": 390, "height": 844}
        context = browser.new_context(viewport=viewport, has_touch=True, is_mobile=True)
        yield context
        context.close()

    def test_a_zone_is_drawn_and_applied_on_a_phone(self, zones):
        zones.open()
        assert not zones.is_too_wide()
        zones.page.tap("[data-draw=zone]")
        for point in (*TRIANGLE, TRIANGLE[0]):
            zones.page.touchscreen.tap(*zones.on_picture(point))
        assert zones.names() == ["lawn", "zone 1"]
        assert zones.violations() == []
        polygon = zones.apply().zones[1].polygon
        for drawn, (x, y) in zip(polygon, DRAWN, strict=True):
            assert drawn == pytest.approx((x, y), abs=0.01)

    @pytest.mark.slow
    def test_what_a_finger_hits_is_large(self, zones):
        zones.open()
        zones.page.touchscreen.tap(*zones.on_picture((0.25, 0.75)))
        boxes = [
            each.bounding_box() for each in zones.page.query_selector_all("circle[data-point]")
        ]
        boxes += [zones.page.locator(name).bounding_box() for name in ("[data-draw=zone]", "#undo")]
        assert len(boxes) == 6
        assert min(box[side] for box in boxes for side in ("width", "height")) >= 43.9


class TestByKeyboard:
    def test_a_zone_is_drawn_and_applied_without_a_mouse(self, zones):
        zones.open()
        zones.page.focus("[data-draw=zone]")
        zones.press("Enter", "Space", *["Shift+ArrowRight"] * 4, "Space", "ArrowLeft")
        zones.press(*["Shift+ArrowDown"] * 4, "Space", "Enter")
        assert zones.names() == ["lawn", "zone 1"]
        assert zones.apply().zones[1].polygon == ((0.5, 0.5), (0.7, 0.5), (0.695, 0.7))

    def test_points_are_reached_moved_added_and_removed(self, zones):
        zones.open()
        zones.page.focus("[aria-label='Zone lawn, 4 points']")
        zones.press("Enter", "Tab", "ArrowUp", "Shift+ArrowUp")  # the first point
        zones.press("Tab", "+", "Tab", "Delete")
        polygon = zones.apply().zones[0].polygon
        assert polygon == ((0.1, 0.545), (0.4, 0.6), (0.4, 0.75), (0.1, 0.9))

    def test_a_line_is_turned_and_a_shape_deleted(self, zones):
        zones.open()
        zones.page.focus("[aria-label='Line fence, 2 points']")
        zones.press("t")
        assert zones.apply().lines == (Line("fence", (0.6, 0.8), (0.6, 0.2)),)
        zones.page.focus("[aria-label='Line fence, 2 points']")
        zones.press("Delete")
        assert zones.apply().lines == ()

    def test_every_point_is_a_pair_of_numbers(self, zones):
        zones.open()
        zones.page.click("[aria-label='Points of lawn']")
        zones.page.focus("[aria-label='Point 2 of lawn, across']")
        zones.press("Control+a")
        zones.page.keyboard.type("0.55")
        zones.press("Tab")
        zones.page.keyboard.type("0.65")
        polygon = zones.apply().zones[0].polygon
        assert polygon == ((0.1, 0.6), (0.55, 0.65), (0.4, 0.9), (0.1, 0.9))


class TestUndo:
    def test_goes_back_and_forth_step_by_step(self, zones):
        zones.open()
        zones.draw("zone", TRIANGLE)
        zones.page.keyboard.type("door")
        zones.press("Control+z")  # the name, at once
        assert zones.names() == ["lawn", "zone 1"]
        zones.press("Control+z")
        assert zones.names() == ["lawn"]
        assert zones.page.is_disabled("#undo")
        zones.wait_until_checked()
        assert "Nothing has changed" in zones.page.inner_text("#outcome")
        zones.press("Control+Shift+z")
        zones.page.click("#redo")
        assert zones.names() == ["lawn", "door"]
        assert zones.page.is_disabled("#redo")

    @pytest.mark.slow
    def test_takes_back_points_while_a_shape_is_drawn(self, zones):
        zones.open()
        zones.page.click("[data-draw=zone]")
        for point in (TRIANGLE[0], (0.3, 0.3)):
            zones.click(point)
        zones.press("Control+z")
        for point in TRIANGLE[1:]:
            zones.click(point)
        zones.press("Enter")
        assert len(zones.apply().zones[1].polygon) == 3

    @pytest.mark.slow
    def test_brings_back_what_was_deleted(self, zones):
        zones.open()
        zones.page.click("[aria-label='Delete lawn']")
        assert zones.names() == []
        zones.page.click("#undo")
        assert zones.names() == ["lawn"]


class TestMistakes:
    def test_a_name_that_is_taken_is_shown_at_the_name_and_not_applied(self, zones):
        zones.open()
        zones.draw("zone", TRIANGLE)
        zones.page.keyboard.type("lawn")
        zones.page.wait_for_selector("text='lawn': duplicate name")
        name = zones.page.locator("[data-checked$='/name']").nth(1)
        assert name.get_attribute("aria-invalid") == "true"
        assert zones.page.is_disabled("#apply")
        assert zones.page.is_disabled("#download")
        zones.page.keyboard.type("s")
        zones.wait_until_checked()
        zones.page.wait_for_selector("text='lawn': duplicate name", state="hidden")
        assert zones.apply().zones[1].name == "lawns"

    def test_a_zone_that_crosses_itself_is_marked_in_the_picture_too(self, zones):
        zones.open()
        zones.draw("zone", [(0.6, 0.2), (0.9, 0.5), (0.9, 0.2), (0.6, 0.5)])
        zones.page.wait_for_selector("text=must not cross itself")
        assert zones.page.locator("polygon.shape.faulty").count() == 1
        assert "There is a mistake" in zones.page.inner_text("#outcome")

    @pytest.mark.slow
    def test_a_rule_that_names_a_deleted_zone_says_so(self, zones):
        zones.open()
        zones.page.click("[aria-label='Delete lawn']")
        zones.page.wait_for_selector(".rule .badge.bad:not([hidden])")
        zones.page.click(".rule summary")
        zones.page.wait_for_selector("text='lawn': no such zone")
        zones.page.click("label:has-text('lawn') input")
        assert zones.apply().rules[0].zones == ()


class TestRules:
    def test_are_chosen_from_lists(self, zones):
        zones.open()
        zones.page.click("#add-rule")
        zones.page.keyboard.type("over-the-fence")
        form = zones.page.locator(".rule").nth(1)
        form.get_by_label("Level").select_option("3")
        form.get_by_label("Add a label").select_option("dog")
        form.get_by_label("fence").select_option("in")
        form.get_by_label("From").fill("22:00")
        form.get_by_label("To").fill("06:00")
        form.get_by_label("Sun").uncheck()
        form.get_by_label("Ends when gone for (seconds)").fill("2.5")
        assert zones.apply().rules[1] == Rule(
            "over-the-fence",
            ("dog",),
            level=3,
            crosses=(Crossing("fence", "in"),),
            schedule=(Period((1, 2, 3, 4, 5, 6), 22 * 60, 6 * 60),),
            clear_after_ms=2_500,
        )

    @pytest.mark.slow
    def test_about_the_camera_itself_lose_the_keys_without_effect(self, zones):
        zones.open()
        zones.page.click(".rule summary")
        zones.page.get_by_label("What it is about").select_option("offline")
        zones.page.get_by_label("Lasts at least (seconds)").fill("60")
        expected = Rule("stranger", about="offline", for_ms=60_000, level=3)
        assert zones.apply().rules == (expected,)

    @pytest.mark.slow
    def test_follow_a_zone_that_gets_another_name(self, zones):
        zones.open()
        zones.page.fill("[aria-label='Name of zone lawn']", "grass")
        assert zones.apply().rules[0].zones == ("grass",)

    def test_what_the_form_does_not_know_is_kept_and_shown(self, zones):
        periods = (Period((1,), 0, 60), Period((2,), 0, 60, "Asia/Tokyo"))
        zones.cameras.put(replace(GATE, rules=(replace(GATE.rules[0], schedule=periods),)))
        zones.open()
        zones.page.click(".rule summary")
        assert "Asia/Tokyo" in zones.page.inner_text(".rule code")
        zones.page.get_by_label("Level").select_option("1")
        assert zones.apply().rules[0].schedule == periods


class TestYaml:
    def test_is_shown_with_what_changes_and_downloaded(self, zones):
        zones.open()
        zones.page.click("[aria-label='Turn round fence']")
        zones.wait_until_checked()
        zones.page.click("text=What changes")
        assert "+  fence: [[0.6, 0.8], [0.6, 0.2]]" in zones.page.inner_text("#diff")
        with zones.page.expect_download() as download:
            zones.page.click("#download")
        assert download.value.suggested_filename == "gate-zones.yaml"
        text = Path(download.value.path()).read_text("utf-8")
        assert text == zones.page.text_content("#yaml")
        assert "  fence: [[0.6, 0.8], [0.6, 0.2]]\n" in text

    def test_goes_into_a_file_that_keeps_its_comments(self, zones, tmp_path):
        path = tmp_path / "our-cameras.yaml"
        path.write_text("cameras:\n  - camera_id: gate   # the big one\n", "utf-8")
        zones.open()
        zones.draw("zone", TRIANGLE)
        zones.wait_until_checked()
        zones.page.click("text=Write it into my cameras.yaml")
        zones.page.set_input_files("#file", path)
        with zones.page.expect_download() as download:
            zones.page.click("text=Download our-cameras.yaml")
        text = Path(download.value.path()).read_text("utf-8")
        assert text.startswith("cameras:\n  - camera_id: gate   # the big one\n")
        (entry,) = parse_camera_file(text, path)
        assert [zone.name for zone in entry.camera.zones] == ["lawn", "zone 1"]
        assert zones.cameras.written == []

    @pytest.mark.slow
    def test_a_file_with_a_mistake_is_named(self, zones, tmp_path):
        path = tmp_path / "cameras.yaml"
        path.write_text("cameras:\n  - camera_id: gate\n    fsp: 3\n", "utf-8")
        zones.open()
        zones.page.click("text=Write it into my cameras.yaml")
        zones.page.set_input_files("#file", path)
        zones.page.wait_for_selector("text=not a known key; did you mean fps?")


class TestConflict:
    @pytest.fixture
    def conflict(self, zones):
        """Somebody else has changed the fence and the rate, while a zone was drawn here."""
        zones.open()
        zones.draw("zone", TRIANGLE)
        zones.cameras.put(replace(GATE, fps=9, lines=()))
        zones.wait_until_checked()
        zones.page.click("#apply")
        zones.page.wait_for_selector("text=have changed since they were loaded")
        assert zones.cameras.written == []
        return zones

    def test_is_noticed_and_theirs_can_be_shown(self, conflict):
        conflict.page.click("text=Show theirs")
        conflict.page.wait_for_selector("text=A line counts who crosses it")
        assert conflict.names() == ["lawn"]

    @pytest.mark.slow
    def test_or_what_is_drawn_here_applied_over_it(self, conflict):
        conflict.page.click("text=Keep mine")
        conflict.page.wait_for_selector(".apply-bar .note", state="detached")
        camera = conflict.apply()
        assert (len(camera.zones), camera.lines, camera.fps) == (2, GATE.lines, 9)


class TestStates:
    def test_a_server_that_is_busy_is_asked_for_the_picture_again(self, zones):
        busy = iter(range(2))

        def answer(route):
            if next(busy, None) is None:
                route.continue_()
            else:
                route.fulfill(status=503, headers={"Retry-After": "1"}, json={"detail": "busy"})

        zones.page.route("**/snapshot.jpg", answer)
        zones.open()
        zones.page.wait_for_selector("#snapshot:not([hidden])")

    def test_without_a_picture_it_says_so_and_draws_on_a_grid(self, zones):
        zones.snapshots.pictures.clear()
        zones.open()
        zones.page.wait_for_selector("text=Draw on the empty grid")
        zones.draw("zone", TRIANGLE)
        assert len(zones.apply().zones) == 2

    @pytest.mark.slow
    def test_settings_that_cannot_be_read_are_tried_again(self, zones):
        zones.cameras.is_away = True
        zones.goto("/cameras/gate/zones")
        zones.page.wait_for_selector("text=Kafka does not answer")
        zones.cameras.is_away = False
        zones.page.get_by_role("button", name="Try again").click()
        zones.page.wait_for_selector("#editor:not([hidden])")

    @pytest.mark.slow
    def test_what_could_not_be_applied_stays_here(self, zones):
        zones.open()
        zones.draw("zone", TRIANGLE)
        zones.wait_until_checked()
        zones.cameras.is_away = True
        zones.page.click("#apply")
        zones.page.wait_for_selector("#conflict .problem")
        zones.cameras.is_away = False
        assert len(zones.apply().zones) == 2

    @pytest.mark.slow
    def test_leaving_with_unsaved_changes_asks(self, zones):
        asked = []
        zones.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        zones.open()
        zones.draw("zone", TRIANGLE)
        zones.page.reload()
        assert asked == ["beforeunload"]
        zones.open()
        zones.page.reload()
        assert asked == ["beforeunload"]

    @pytest.mark.parametrize("theme", [pytest.param("light", marks=pytest.mark.slow), "dark"])
    def test_axe_finds_nothing(self, zones, theme):
        zones.page.emulate_media(color_scheme=theme)
        zones.open()
        zones.page.click(".rule summary")
        zones.click((0.25, 0.75))
        zones.page.click("text=The YAML it becomes")
        zones.draw("zone", [(0.6, 0.2), (0.9, 0.5), (0.9, 0.2), (0.6, 0.5)])
        zones.page.wait_for_selector("text=must not cross itself")
        assert zones.violations() == []


GEOMETRY = """async () => {
  const g = await import("/assets/zones_geometry.js");
  const square = [[.1, .1], [.3, .1], [.3, .3], [.1, .3]];
  return {
    inPicture: g.inPicture([-1, .123456]),
    snapped: [g.snappedToEdge([.01, .5], [.02, .02]), g.snappedToEdge([.99, .97], [.02, .02])],
    moved: g.movedTogether(square, [-.5, .05]),
    pixels: g.pixelsBetween([0, 0], [.3, .4], [1000, 500]),
    middles: [g.middles(square).length, g.middles([[0, 0], [1, .5]])],
    center: g.center(square),
    arrow: g.arrowIn([[.5, 1], [.5, 0]], [640, 360], 10),
  };
}"""


def test_the_geometry_of_the_page(zones):
    zones.open()
    found = zones.page.evaluate(GEOMETRY)
    assert found["inPicture"] == [0, 0.123]
    assert found["snapped"] == [[0, 0.5], [1, 0.97]]
    # As one, and not beyond the edge.
    assert found["moved"] == [[0, 0.15], [0.2, 0.15], [0.2, 0.35], [0, 0.35]]
    assert found["pixels"] == pytest.approx(360.555, abs=0.001)
    assert found["middles"] == [4, [[0.5, 0.25]]]
    assert found["center"] == pytest.approx([0.2, 0.2])
    # Upwards in a picture that is not square: "in" is to the right, as the server has it.
    assert found["arrow"] == [[320, 180], [330, 180]]
