"""The live pages in a browser, on services in memory."""

import pytest

from pycturestream.api.access import COOKIE
from pycturestream.api.tokens import Tokens
from pycturestream.clock import SystemClock, now
from pycturestream.contracts.topics import ALERTS, NARRATIONS
from pycturestream.domain.cameras.camera import Camera, Line, Zone
from pycturestream.domain.counting.window_count import WindowCount
from pycturestream.domain.times import DAY_MS, MINUTE_MS, rfc3339
from tests.blurred_samples import blurred_sample
from tests.browser.pages import OpenPage, mark_as_false
from tests.builders import alert_record, event_record, narration_record
from tests.jpegs import encoded
from tests.live_server import LiveServer
from tests.waiting import eventually

WIDE, PHONE_WIDTH = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
GREY = encoded(480, 270)
ORANGE = (230, 159, 0)
SETTINGS = Camera(
    "gate",
    "north",
    timezone="Asia/Tokyo",
    revision=1,
    zones=(Zone("lawn", ((0.5, 0.5), (1, 0.5), (1, 1))),),
    lines=(Line("road", (0.1, 0.9), (0.4, 0.9)),),
)
COLOURS_OF_CANVAS = """([selector, colour]) => {
  const canvas = document.querySelector(selector);
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    if (colour.every((value, part) => Math.abs(data[at + part] - value) < 8)) count += 1;
  }
  return count;
}"""


@pytest.fixture
def server(tmp_path):
    server = LiveServer(Tokens(tmp_path / "tokens.json"), clock=SystemClock())
    server.cameras = {"gate": SETTINGS}
    with server.running():
        yield server


@pytest.fixture
def live(context, server):
    """A page of somebody who has signed in; at the end, no script of it may have failed."""
    text = server.tokens.create("guard", now(), DAY_MS)[1]
    context.add_cookies([{"name": COOKIE, "value": text, "url": server.address}])
    opened = OpenPage(context.new_page(), server.address)
    opened.page.set_viewport_size(WIDE)
    yield opened
    assert opened.errors == []


def canvas(camera_id="gate"):
    return f"#{camera_id} canvas"


def see_and_show(server, camera_id="gate", labels=("person",), jpeg=GREY, size=None, **changes):
    """Have a frame detected and its picture shown, as soon as a page asks for it."""
    assert eventually(lambda: camera_id in server.pictures.wanted)
    at = now()
    name = server.results.see(camera_id, at, labels, **changes)
    [asked] = server.pictures.wanted[camera_id]
    server.pictures.show(jpeg, camera_id, at, size or asked)
    return name


def wait_for_picture(live, name, selector=None):
    shown = f"document.querySelector({selector or canvas()!r})?.dataset.frame"
    live.until(f"{shown} === {name!r}")


def boxes(live, selector=None):
    selector = selector or canvas()
    return live.page.evaluate(f"document.querySelector({selector!r}).dataset.boxes")


def text_of(live, selector):
    return live.page.locator(selector).inner_text()


def window_count(start, most):
    """Return how many people were in view in a minute."""
    return WindowCount(
        camera_id="gate",
        site="",
        timezone="UTC",
        label="person",
        window_start=start,
        window_end=start + MINUTE_MS,
        frames=60,
        maximum=most,
        mean=1.0,
        unique=most,
        new=most,
        entered={},
        left={},
        crossed_in={},
        crossed_out={},
        revision=1,
    )


def impatient(route):
    """Have the page wait for pictures for half a second."""
    body = route.fetch().text()
    assert "PICTURE_MS = 30000" in body
    body = body.replace("PICTURE_MS = 30000", "PICTURE_MS = 500")
    route.fulfill(body=body, content_type="text/javascript")


def many(server, count):
    names = [f"camera-{number:02}" for number in range(count)]
    server.cameras = {name: Camera(name, "north", revision=1) for name in names}
    return names


class TestWall:
    def test_a_camera_is_shown_with_what_is_in_view(self, server, live):
        sample = blurred_sample("gate", 30, 480)
        live.goto("/live")
        assert eventually(lambda: server.pictures.wanted)  # from now on it hears of what is pushed
        at = now()
        alert = alert_record(raised_at=at)
        server.results.push(ALERTS, alert)
        server.results.push(NARRATIONS, narration_record(captured_at=at))
        changes = sample.record("t")
        name = see_and_show(server, labels=(), jpeg=sample.jpeg, **changes)
        wait_for_picture(live, name)
        live.until("document.querySelector('#gate .badge')?.textContent === '1 open alert'")
        people = sum(each.label == "person" for each in sample.detections)
        said = text_of(live, "#gate")
        assert f"{people} people" in said
        assert "north" in said
        assert "A person on the left." in said
        assert "ago" in said
        assert boxes(live) == str(len(sample.detections))

    @pytest.mark.parametrize(
        ("scheme", "size"),
        [pytest.param("light", WIDE, marks=pytest.mark.slow), ("dark", PHONE_WIDTH)],
    )
    def test_nobody_stumbles_over_it(self, server, live, scheme, size):
        live.page.emulate_media(color_scheme=scheme)
        live.page.set_viewport_size(size)
        server.cameras = server.cameras | {"door": Camera("door", revision=1)}
        server.results.hold("gate", alerts=[alert_record(raised_at=now())])
        live.goto("/live")
        wait_for_picture(live, see_and_show(server))
        assert live.violations() == []
        assert not live.is_too_wide()

    def test_boxes_are_those_of_the_picture_that_is_shown(self, server, live):
        live.goto("/live")
        first = see_and_show(server, labels=("person",))
        wait_for_picture(live, first)
        server.results.see("gate", now(), ("person", "person", "car"))
        live.until("document.querySelector('#gate .tile-now')?.textContent === '2 people, 1 car'")
        assert boxes(live) == "1"

    def test_boxes_are_switched_off_and_on(self, server, live):
        live.goto("/live")
        wait_for_picture(live, see_and_show(server))
        live.until("document.querySelector('#gate canvas').dataset.boxes === '1'")
        assert live.page.evaluate(COLOURS_OF_CANVAS, [canvas(), ORANGE]) > 100
        live.page.keyboard.press("b")
        live.until("document.querySelector('#gate canvas').dataset.boxes === '0'")
        assert live.page.evaluate(COLOURS_OF_CANVAS, [canvas(), ORANGE]) == 0
        assert live.page.get_attribute("#boxes", "aria-pressed") == "false"
        live.page.reload()
        assert live.page.get_attribute("#boxes", "aria-pressed") == "false"
        live.page.click("#boxes")
        assert live.page.get_attribute("#boxes", "aria-pressed") == "true"

    def test_four_cameras_share_the_window_without_scrolling(self, server, live):
        many(server, 4)
        live.goto("/live")
        live.until("document.querySelectorAll('.tile').length === 4")
        places = [live.page.locator(".tile").nth(number).bounding_box() for number in range(4)]
        assert len({place["x"] for place in places}) == 2
        assert max(place["y"] + place["height"] for place in places) <= WIDE["height"]

    @pytest.mark.slow
    def test_of_fifty_only_those_in_view_are_asked_for(self, server, live):
        names = many(server, 50)
        live.goto("/live")
        assert eventually(lambda: server.pictures.wanted)
        assert names[-1] not in server.pictures.wanted
        assert len(server.pictures.wanted) < 40
        live.page.locator(f"#{names[-1]}").scroll_into_view_if_needed()
        assert eventually(lambda: names[-1] in server.pictures.wanted)
        assert names[0] not in server.pictures.wanted
        wait_for_picture(live, see_and_show(server, names[-1]), canvas(names[-1]))

    def test_keys_lead_through_the_tiles_to_a_camera_and_back(self, server, live):
        many(server, 4)
        live.goto("/live")
        live.until("document.querySelectorAll('.tile').length === 4")
        live.page.focus("#camera-00")
        for key in ("ArrowRight", "ArrowDown"):
            live.page.keyboard.press(key)
        live.until("document.activeElement.id === 'camera-03'")
        live.page.keyboard.press("Enter")
        live.page.wait_for_url("**/live/camera-03")
        live.page.wait_for_selector("#alerts :not(.state)")
        live.page.keyboard.press("Escape")
        live.page.wait_for_url("**/live#camera-03")
        live.until("document.activeElement.id === 'camera-03'")

    def test_a_new_alert_is_said_and_those_of_before_are_not(self, server, live):
        server.results.hold("gate", alerts=[alert_record(raised_at=now() - 1)])
        live.goto("/live")
        live.until("document.querySelector('#gate .badge')?.textContent === '1 open alert'")
        assert text_of(live, "#alerts-said") == ""
        server.results.push(ALERTS, alert_record(rule="other", raised_at=now()))
        said = "Alert at gate: A person stands at the door."
        live.until(f"document.querySelector('#alerts-said').textContent === {said!r}")

    def test_those_that_were_open_before_redis_was_read_are_not_said(
        self, server, live, monkeypatch
    ):
        server.results.hold("gate", alerts=[alert_record(raised_at=now() - 1)])
        with monkeypatch.context() as slow:
            slow.setattr(server.results, "take", list)
            live.goto("/live")
            live.page.wait_for_selector("#gate")
        live.until("document.querySelector('#gate .badge')?.textContent === '1 open alert'")
        assert text_of(live, "#alerts-said") == ""
        server.results.push(ALERTS, alert_record(rule="other", raised_at=now()))
        live.until("document.querySelector('#alerts-said').textContent.startsWith('Alert at gate')")

    def test_an_offline_camera_says_since_when_by_its_own_clock(self, server, live):
        seen_at = now() - 26 * 60 * MINUTE_MS
        server.results.hold("gate", seen_at=seen_at)
        live.goto("/live")
        live.until("document.querySelector('#gate .health')?.textContent.startsWith('No results')")
        server.events.happen(event_record(at=seen_at + 15_000))
        live.until(
            "document.querySelector('#gate .health')?.textContent.startsWith('Offline since')"
        )
        clock = "{hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Tokyo'}"
        hour = live.page.evaluate(f"new Date({seen_at}).toLocaleTimeString('en-GB', {clock})")
        assert hour in text_of(live, "#gate .health")

    @pytest.mark.parametrize(
        ("event", "said"),
        [("dead_letter", "Its pictures are rejected since"), ("reconnecting", "No picture yet (")],
    )
    @pytest.mark.slow
    def test_what_else_is_wrong_is_said_in_words(self, server, live, event, said):
        live.goto("/live")
        live.until("document.querySelector('#gate')")
        server.events.happen(event_record(at=now(), event=event) | {"detail": "too-small: 9x9; …"})
        live.until(f"document.querySelector('#gate .health')?.textContent.startsWith({said!r})")


class TestStates:
    def test_without_cameras_it_says_how_to_connect_one(self, server, live):
        server.cameras = {}
        live.goto("/live")
        live.until("document.querySelector('#state code')")
        assert "pycturestream publish 0 --camera webcam" in text_of(live, "#state")
        assert live.violations() == []

    def test_while_redis_is_away_it_says_so_and_goes_on(self, server, live):
        live.goto("/live")
        wait_for_picture(live, see_and_show(server))
        server.results.is_connected = False
        live.until("document.querySelector('#problem').textContent.includes('Redis')")
        assert live.page.locator("body.not-live").count() == 1
        server.results.is_connected = True
        live.until("document.querySelector('#problem').hidden")

    @pytest.mark.slow
    def test_without_pictures_boxes_are_shown_and_it_says_so(self, server, live):
        live.page.route("**/live/cameras.js", impatient)
        live.goto("/live")
        assert eventually(lambda: server.pictures.wanted)
        server.results.see("gate", now())
        live.until("document.querySelector('#gate .health')?.textContent === 'No picture'")
        live.until("document.querySelector('#problem').textContent.includes('picture service')")
        live.until("document.querySelector('#gate canvas').dataset.boxes === '1'")

    @pytest.mark.slow
    def test_after_the_server_was_restarted_it_goes_on_by_itself(self, context, tmp_path):
        server = LiveServer(Tokens(tmp_path / "tokens.json"), clock=SystemClock(), is_open=True)
        server.cameras = {"gate": SETTINGS}
        live = OpenPage(context.new_page(), "")
        with server.running():
            live.address = server.address
            live.goto("/live")
            wait_for_picture(live, see_and_show(server))
        live.until("document.querySelector('#line').textContent === 'Not connected'")
        live.until("document.querySelector('#problem').textContent.includes('tried again')")
        again = LiveServer(server.tokens, clock=SystemClock(), is_open=True, port=server.port)
        again.cameras = server.cameras
        with again.running():
            live.until("document.querySelector('#line').textContent === ''")
            wait_for_picture(live, see_and_show(again))
        assert live.errors == []

    @pytest.mark.slow
    def test_after_a_sleep_a_line_that_is_dead_is_replaced(self, server, live):
        live.page.clock.install()
        live.goto("/live")
        assert eventually(lambda: server.pictures.wanted)
        [before] = server.hub._pages
        live.page.clock.fast_forward(3_600_000)
        live.page.clock.run_for(2_000)
        assert eventually(lambda: before not in server.hub._pages and server.hub.page_count == 1)
        wait_for_picture(live, see_and_show(server))

    @pytest.mark.slow
    def test_a_hidden_page_asks_for_nothing(self, server, live):
        live.goto("/live")
        assert eventually(lambda: server.pictures.wanted)
        hide = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true});"
        changed = "document.dispatchEvent(new Event('visibilitychange'))"
        live.page.evaluate(hide % "true" + changed)
        assert eventually(lambda: not server.pictures.wanted)
        live.page.evaluate(hide % "false" + changed)
        assert eventually(lambda: server.pictures.wanted)

    def test_a_token_that_is_revoked_ends_it(self, server, live):
        live.goto("/live")
        live.page.wait_for_load_state("networkidle")
        assert eventually(lambda: server.pictures.wanted)
        server.tokens.revoke("guard")
        live.until("document.querySelector('#problem a')")
        assert live.page.get_attribute("#problem a", "href") == "/sign-in?next=%2Flive"
        live.page.click("#problem a")
        live.page.wait_for_selector("#token")


class TestOneCamera:
    @pytest.fixture(autouse=True)
    def alert(self, server):
        alert = alert_record(raised_at=now() - MINUTE_MS)
        server.results.hold("gate", alerts=[alert])
        server.service.put((ALERTS, alert))
        return alert

    def test_it_has_its_zones_counts_alerts_and_sentences(self, server, live):
        minute = now() // MINUTE_MS * MINUTE_MS
        server.history.windows = [
            window_count(start, most)
            for start, most in ((minute - 3 * MINUTE_MS, 2), (minute - MINUTE_MS, 5))
        ]
        server.history.narrations = [narration_record(captured_at=now() - MINUTE_MS)]
        live.goto("/live/gate")
        wait_for_picture(live, see_and_show(server, jpeg=encoded(1280, 720)), "#picture canvas")
        assert eventually(lambda: server.pictures.wanted == {"gate": ("large",)})
        live.page.wait_for_selector("#counts canvas")
        assert "person: at most 5" in text_of(live, "#counts")
        assert "A person stands at the door." in text_of(live, "#alerts")
        assert "A person on the left." in text_of(live, "#sentences")
        assert "Asia/Tokyo" in text_of(live, "#clock")
        blue = [0, 114, 178]
        assert live.page.evaluate(COLOURS_OF_CANVAS, ["#picture canvas", blue]) > 100
        live.page.click("#zones")
        live.until(f"!({COLOURS_OF_CANVAS})(['#picture canvas', {blue}])")
        assert live.page.get_attribute(".large-links a", "href") == "/search?camera=gate"

    @pytest.mark.parametrize(
        ("scheme", "size"),
        [("dark", WIDE), pytest.param("light", PHONE_WIDTH, marks=pytest.mark.slow)],
    )
    def test_nobody_stumbles_over_it(self, server, live, scheme, size):
        live.page.emulate_media(color_scheme=scheme)
        live.page.set_viewport_size(size)
        live.goto("/live/gate")
        wait_for_picture(live, see_and_show(server), "#picture canvas")
        live.page.wait_for_selector("#alerts button")
        assert live.violations() == []
        assert not live.is_too_wide()

    def test_an_alert_is_acknowledged(self, server, live, alert):
        live.goto("/live/gate")
        live.page.click("#alerts button:text('Acknowledge')")
        live.page.wait_for_selector("text=guard is handling this.")
        assert f"acknowledge:{alert['id']}" in server.service.published
        live.page.click("#alerts button:text('Take back')")
        live.page.wait_for_selector("#alerts button:text('Acknowledge')")
        assert server.service.published == {}

    def test_one_that_can_not_be_found_yet_is_acknowledged_when_it_can(self, server, live, alert):
        server.service.search.records.clear()
        live.goto("/live/gate")
        with live.page.expect_response(lambda answer: answer.status == 404):
            live.page.click("#alerts button:text('Acknowledge')")
        server.service.put((ALERTS, alert))
        live.page.wait_for_selector("text=guard is handling this.")

    @pytest.mark.slow
    def test_one_that_has_ended_is_not_called_open_for_long(self, server, live, alert):
        live.goto("/live/gate")
        live.page.wait_for_selector("#alerts .alert-head :text-is('open')")
        ended = alert | {"state": "cleared", "revision": 1, "cleared_at": rfc3339(now())}
        with live.page.expect_response("**/api/alerts?*"):  # which still says that it is open
            server.results.push(ALERTS, ended)
        server.service.search.records[:] = [(ALERTS, ended)]
        live.page.wait_for_selector("#alerts .alert-head :text('ended')")

    def test_a_command_that_did_not_arrive_is_not_said_to_be_tried_again(self, live):
        live.goto("/live/gate")
        live.page.route("**/acknowledge", lambda route: route.abort())
        live.page.click("#alerts button:text('Acknowledge')")
        live.page.wait_for_selector("#alerts .problem")
        assert text_of(live, "#alerts .problem") == (
            "The server does not answer, and this may not have been saved. Try again."
        )

    def test_a_false_alarm_is_marked_with_a_reason(self, server, live, alert):
        live.goto("/live/gate")
        mark_as_false(live, "#alerts", "a hedgehog")
        live.page.keyboard.press("Enter")
        live.page.wait_for_selector("text=Marked as a false alarm.")
        [command] = server.service.published.values()
        assert (command.by, command.reason) == ("guard", "a hedgehog")
        assert command.alert_id == alert["id"]

    def test_what_was_found_before_a_command_does_not_hide_it(self, server, live, alert):
        ended = alert | {"state": "cleared", "revision": 1, "cleared_at": rfc3339(now())}
        server.results.hold("gate")
        server.service.search.records[:] = [(ALERTS, ended)]
        live.goto("/live/gate")
        live.page.wait_for_selector("#alerts .alert-head :text('ended')")
        found_before = []

        def hold(route):
            if found_before:
                route.continue_()
            else:
                found_before.append((route, route.fetch()))

        live.page.route("**/api/alerts?*", hold)
        server.results.push(ALERTS, alert_record(rule="loitering", raised_at=now()))
        assert eventually(lambda: live.page.evaluate("1") and found_before)
        mark_as_false(live, "#alerts li:has-text('ended')", "a hedgehog")
        with live.page.expect_response("**/wrong"):
            live.page.keyboard.press("Enter")
        [(route, response)] = found_before
        route.fulfill(response=response)
        live.page.wait_for_selector("text=Marked as a false alarm.")

    @pytest.mark.slow
    def test_escape_leaves_the_form_before_it_leaves_the_camera(self, live):
        live.goto("/live/gate")
        mark_as_false(live, "#alerts", "")
        live.page.keyboard.press("Escape")
        live.until("!document.querySelector('#alerts form')")
        assert live.page.url.endswith("/live/gate")

    def test_who_may_only_read_has_no_buttons(self, server, live, context):
        text = server.tokens.create("reader", now(), DAY_MS, read_only=True)[1]
        context.add_cookies([{"name": COOKIE, "value": text, "url": server.address}])
        live.goto("/live/gate")
        live.page.wait_for_selector("text=A person stands at the door.")
        assert live.page.locator("#alerts button").count() == 0

    def test_while_elasticsearch_is_away_the_rest_stays(self, server, live):
        server.history.is_away = True
        live.goto("/live/gate")
        wait_for_picture(live, see_and_show(server), "#picture canvas")
        live.page.wait_for_selector("#counts button:text('Try again')")
        assert "Elasticsearch does not answer" in text_of(live, "#counts")
        live.page.wait_for_selector("#sentences :text('Elasticsearch')")
        server.history.is_away = False
        live.page.click("#counts button")
        live.page.wait_for_selector("text=Nothing was counted in the last hour.")

    def test_a_camera_of_others_is_not_shown(self, server, live, context):
        text = server.tokens.create("porter", now(), DAY_MS, cameras=["door"])[1]
        context.add_cookies([{"name": COOKIE, "value": text, "url": server.address}])
        response = live.page.goto(server.address + "/live/gate")
        assert response.status == 403
        assert "is not for gate" in text_of(live, "main")
        assert live.page.request.get(server.address + "/api/live/gate/counts").status == 403


def test_no_other_arrangement_of_tiles_has_larger_ones(live):
    live.goto("/live")
    found = live.page.evaluate("""async () => {
      const { arrange, GAP, CAPTION, NARROWEST } = await import("/assets/live/grid.js");
      const wrong = [];
      for (const [width, height] of [[1400, 780], [366, 700], [2500, 1200], [800, 1000]]) {
        for (let count = 1; count <= 60; count += 1) {
          const { columns, tile } = arrange(count, width, height);
          const across = columns * tile + (columns - 1) * GAP;
          const fits = (n) => {
            const rows = Math.ceil(count / n);
            const down = ((height - GAP * (rows - 1)) / rows - CAPTION) * 16 / 9;
            return Math.min((width - GAP * (n - 1)) / n, down);
          };
          const best = Math.max(...Array.from({ length: count }, (_, n) => fits(n + 1)));
          const expected = best >= Math.min(NARROWEST, width) ? Math.floor(best) : NARROWEST;
          if (across > width || tile < Math.min(expected, width)) wrong.push([width, count, tile]);
        }
      }
      return wrong;
    }""")
    assert found == []


def test_a_page_is_small(live):
    sizes = []
    live.page.on("response", lambda response: sizes.append(len(response.body())))
    live.goto("/live/gate")
    live.page.wait_for_load_state("networkidle")
    assert sum(sizes) < 300_000
