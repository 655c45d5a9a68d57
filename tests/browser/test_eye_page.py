"""The phone page in a real browser, against a stand-in of its gateway."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from tests.eye_gateway import TOKEN, refused, seen, sentence
from tests.waiting import eventually


def size_of(jpeg: bytes) -> tuple[int, int]:
    height, width, _ = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR).shape
    return width, height


def longer_side(picture) -> int:
    return max(size_of(picture.jpeg))


class TestTheLink:
    def test_is_needed_once_and_leaves_the_address_bar(self, eye, context):
        eye.start()
        assert eye.page.url == eye.gateway.address
        again = context.new_page()
        again.goto(eye.gateway.address)
        again.click("#start-button")
        assert eventually(lambda: len(eye.gateway.of_type("hello")) == 2)
        assert {hello["token"] for hello in eye.gateway.of_type("hello")} == {TOKEN}

    def test_without_one_the_page_says_what_to_do_and_takes_a_pasted_one(self, eye):
        eye.open(token="")
        eye.wait_until_shown("link")
        assert "Open the link" in eye.page.inner_text("#link-text")
        assert eye.violations() == []
        eye.page.fill("#link-input", "https://example.org/elsewhere")
        eye.page.press("#link-input", "Enter")
        assert "whole link" in eye.page.inner_text("#link-error")
        assert eye.violations() == []
        eye.page.fill("#link-input", f"{eye.gateway.address}#{TOKEN}")
        eye.page.press("#link-input", "Enter")
        eye.wait_until_shown("start")

    def test_that_is_no_longer_valid_is_said_and_not_tried_again(self, eye):
        eye.open("a-token-of-last-year")
        eye.page.click("#start-button")
        eye.wait_until_shown("link")
        assert any(text.startswith("Link no longer valid") for text in eye.spoken())
        assert eye.violations() == []
        assert not eye.page.evaluate("localStorage.getItem('eye-token')")
        eye.page.evaluate("window.dispatchEvent(new Event('online'))")
        eye.page.reload()
        eye.wait_until_shown("link")
        assert len(eye.gateway.of_type("hello")) == 1

    def test_that_ends_soon_is_said_at_the_start(self, eye):
        eye.gateway.ready["expires_at"] = "2020-01-31T12:00:00Z"
        eye.start()
        eye.wait_until_spoken("Connected. Your link is valid until January 31, 2020.")

    def test_used_elsewhere_waits_for_a_tap(self, eye):
        eye.start()
        eye.gateway.close(4409)
        eye.wait_until_shown("start")
        assert eye.page.inner_text("#start-button") == "Use here"
        assert any("another device" in text for text in eye.spoken())
        assert eye.violations() == []
        eye.page.evaluate("window.dispatchEvent(new Event('online'))")
        assert len(eye.gateway.of_type("hello")) == 1
        eye.page.click("#start-button")
        assert eventually(lambda: len(eye.gateway.of_type("hello")) == 2)


class TestPictures:
    def test_arrive_as_jpegs_with_times_one_at_a_time(self, eye):
        eye.gateway.delay_s = 0.05
        eye.start()
        eye.wait_for_pictures(5)
        pictures = list(eye.gateway.pictures)
        assert {size_of(picture.jpeg) for picture in pictures} == {(640, 272)}
        assert all(len(picture.jpeg) <= 200_000 for picture in pictures)
        captured = [picture.captured_at for picture in pictures]
        assert captured == sorted(set(captured))
        assert all(each.captured_at <= each.sent_at for each in pictures)
        assert all(each.unanswered_before == 0 for each in pictures)

    def test_keep_the_gateways_limits(self, eye):
        eye.gateway.ready |= {"side_limit": 320, "byte_limit": 9_000}
        eye.start()
        eye.wait_for_pictures(2)
        assert all(longer_side(picture) <= 320 for picture in eye.gateway.pictures)
        assert all(len(picture.jpeg) <= 9_000 for picture in eye.gateway.pictures)

    @pytest.mark.slow
    def test_get_smaller_on_a_slow_line_and_larger_again(self, eye):
        eye.gateway.delay_s = 1.1
        eye.start()
        assert eventually(lambda: longer_side(eye.gateway.pictures[-1]) < 640)
        eye.wait_until_spoken("The connection is slow.")
        eye.gateway.delay_s = 0.0
        assert eventually(lambda: longer_side(eye.gateway.pictures[-1]) == 640)
        assert eye.spoken().count("The connection is slow.") == 1
        assert all(each.unanswered_before == 0 for each in eye.gateway.pictures)

    @pytest.mark.slow
    def test_go_on_after_refusals_which_are_said_once(self, eye):
        eye.gateway.answer = lambda picture: [refused(picture, "too-costly")]
        eye.start()
        eye.wait_until_spoken("The service is busy. Trying again.")
        eye.wait_for_pictures()
        assert eye.spoken().count("The service is busy. Trying again.") == 1
        assert longer_side(eye.gateway.pictures[-1]) < 640

    @pytest.mark.slow
    def test_go_on_when_one_is_not_answered(self, eye):
        eye.gateway.answer = lambda _picture: None
        eye.start()
        eye.until("document.getElementById('status').dataset.status === 'slow'")
        eye.gateway.answer = lambda picture: [seen(picture)]
        eye.wait_for_pictures(2)
        assert eye.page.inner_text("#status") == "Running"

    @pytest.mark.slow
    def test_are_one_at_a_time_after_a_stop_during_one_too(self, eye):
        eye.gateway.answer = lambda _picture: None
        eye.start()
        eye.gateway.answer = lambda picture: [seen(picture)]
        eye.gateway.delay_s = 0.3
        eye.page.keyboard.press("6")
        eye.page.click("#end")
        eye.page.click("#start-button")
        eye.wait_for_pictures(12)
        assert all(each.unanswered_before == 0 for each in eye.gateway.pictures)


class TestTheLine:
    def test_lost_is_said_once_and_comes_back_by_itself(self, eye):
        eye.start()
        eye.gateway.closing_with = 1013
        eye.gateway.close(1012)
        assert eventually(lambda: len(eye.gateway.of_type("hello")) >= 3)
        assert eye.spoken().count("Connection lost. Trying again.") == 1
        assert eye.page.inner_text("#status") == "Connection lost. Trying again."
        assert eye.violations() == []
        eye.gateway.closing_with = 0
        eye.wait_until_spoken("Connected again.")
        eye.wait_for_pictures()

    def test_lost_during_a_warning_is_said_after_it_however_long_that_is(self, eye):
        eye.start()
        eye.wait_until_spoken("Connected.")
        eye.page.evaluate("voice.holding = true")
        eye.gateway.say("Danger: a car, coming closer.", priority=3)
        eye.wait_until_spoken("Danger: a car, coming closer.")
        eye.gateway.closing_with = 1013
        eye.gateway.close(1012)
        eye.page.wait_for_selector("#status >> text=Connection lost")
        eye.page.evaluate("((now) => { Date.now = () => now() + 3000; })(Date.now)")
        eye.page.evaluate("voice.release()")
        eye.wait_until_spoken("Connection lost. Trying again.")

    def test_that_the_phone_has_lost_is_noticed_at_once(self, eye, context):
        eye.start()
        context.set_offline(True)
        eye.wait_until_spoken("Connection lost. Trying again.")
        context.set_offline(False)
        eye.wait_until_spoken("Connected again.")
        eye.wait_for_pictures()

    def test_put_to_sleep_during_a_pause_wakes_up_without_a_word(self, eye):
        eye.start()
        eye.page.click("#pause")
        eye.wait_until_spoken("Paused.")
        eye.gateway.close(4410)
        eye.page.click("#pause")
        assert eventually(lambda: len(eye.gateway.of_type("hello")) == 2)
        eye.wait_for_pictures()
        assert "Connection lost. Trying again." not in eye.spoken()
        assert "Connected again." not in eye.spoken()

    def test_found_again_goes_on_with_what_was_chosen(self, eye):
        eye.start()
        eye.page.press("body", "3")
        eye.page.click("#find-words button >> text=dog")
        assert eventually(lambda: eye.gateway.of_type("settings"))
        eye.gateway.messages.clear()
        eye.gateway.close(1012)
        assert eventually(lambda: eye.gateway.of_type("settings"))
        assert eye.gateway.of_type("settings")[0]["find"] == "dog"


class TestSentences:
    def test_are_spoken_in_their_language_and_shown(self, eye):
        eye.start()
        eye.gateway.say("Sechs Personen links.", language="de")
        eye.wait_until_spoken("Sechs Personen links.")
        last = eye.page.evaluate("voice.spoken.at(-1)")
        assert (last["lang"], last["voice"], last["rate"]) == ("de", "de-DE", 1)
        assert eye.page.get_attribute("#sentence", "lang") == "de"
        assert eye.page.inner_text("#polite") == ""  # or a screen reader would say it again

    def test_that_are_late_are_not_spoken(self, eye):
        eye.start()
        eye.gateway.say("A car on the left.", age_ms=2500)
        eye.gateway.say("A dog on the left.")
        eye.wait_until_spoken("A dog on the left.")
        assert "A car on the left." not in eye.spoken()

    def test_about_danger_interrupt(self, eye):
        eye.start()
        eye.wait_until_spoken("Connected.")
        eye.page.evaluate("voice.holding = true")
        eye.gateway.say("Two people on the left.")
        eye.wait_until_spoken("Two people on the left.")
        eye.gateway.say("A cup in the center.")
        eye.gateway.say("Danger: a car, coming closer.", priority=3)
        eye.wait_until_spoken("Danger: a car, coming closer.")
        assert eye.page.evaluate("voice.cancelled") == 1
        assert eye.violations() == []
        eye.gateway.say("A bench on the right.")
        eye.page.evaluate("voice.holding = false")
        eye.until("voice.current !== null")
        eye.page.evaluate("voice.release()")
        eye.wait_until_spoken("A bench on the right.")
        assert "A cup in the center." not in eye.spoken()

    def test_go_to_the_screen_reader_alone_where_it_was_chosen(self, eye):
        eye.start()
        eye.page.click("#running .settings-button")
        eye.page.select_option("#setting-speaker", "screen-reader")
        eye.page.click("#settings-dialog .close")
        eye.gateway.say("A cup in the center.")
        eye.page.wait_for_selector("#polite >> text=A cup in the center.", state="attached")
        eye.gateway.say("Danger: a car.", priority=2)
        eye.page.wait_for_selector("#assertive >> text=Danger: a car.", state="attached")
        assert {"A cup in the center.", "Danger: a car."}.isdisjoint(eye.spoken())

    def test_without_a_voice_for_them_go_to_the_screen_reader_and_the_screen(self, eye):
        eye.page.context.add_init_script("voice.languages = ['de-DE']")
        eye.start()
        eye.page.wait_for_selector("#notice >> text=no English voice")
        eye.page.wait_for_selector("#polite >> text=no English voice", state="attached")
        eye.gateway.say("A cup in the center.")
        eye.page.wait_for_selector("#sentence >> text=A cup in the center.")
        assert "A cup in the center." not in eye.spoken()


class TestAsking:
    def test_what_is_there_is_answered_and_can_be_repeated(self, eye):
        eye.gateway.asked = lambda what, at: [sentence(f"Answer: {what}.", at, answer=True)]
        eye.start()
        eye.page.click("#now")
        eye.wait_until_spoken("Answer: now.")
        eye.page.click("#all")
        eye.wait_until_spoken("Answer: all.")
        eye.page.click("#repeat")
        eye.wait_until_spoken("Answer: all.", times=2)

    def test_a_tap_anywhere_asks_what_is_there(self, eye):
        eye.start()
        eye.page.click(".caption")
        assert eventually(lambda: eye.gateway.of_type("ask") == [{"type": "ask", "what": "now"}])

    def test_the_keyboard_alone_is_enough(self, eye):
        eye.open()
        eye.page.keyboard.press("Enter")  # the start area has the focus
        eye.wait_for_pictures()
        for key in (" ", "2"):
            eye.page.keyboard.press(key)
        assert eventually(lambda: len(eye.gateway.of_type("ask")) == 2)
        assert [each["what"] for each in eye.gateway.of_type("ask")] == ["now", "all"]
        eye.page.keyboard.press("5")
        eye.wait_until_spoken("Paused.")
        eye.page.keyboard.press("5")
        eye.wait_until_spoken("Continuing.")
        eye.page.keyboard.press("3")
        eye.page.wait_for_selector("#find-words button")
        eye.page.keyboard.type("chair")
        eye.page.keyboard.press("Enter")
        eye.wait_until_spoken("Looking for: chair")
        eye.page.keyboard.press("6")
        eye.page.keyboard.press("Escape")
        reached = set()
        for _ in range(6):
            eye.page.keyboard.press("Tab")
            reached.add(eye.page.evaluate("document.activeElement.textContent"))
        assert {"Repeat", "Pause", "Settings", "Stop looking for: chair"} <= reached

    def test_an_interval_longer_than_a_sentence_lives_gets_a_picture_of_its_own(self, eye):
        eye.gateway.ready["interval_ms"] = 60_000
        eye.gateway.asked = lambda _what, at: [sentence("A cup.", at, answer=True)]
        eye.start()
        eye.wait_until_spoken("Connected.")
        eye.page.wait_for_timeout(1_100)  # so that the first picture is no longer fresh
        eye.page.click("#now")
        eye.wait_until_spoken("A cup.")
        assert len(eye.gateway.pictures) == 2


class TestFinding:
    def test_a_thing_is_found_by_its_word_and_given_up_again(self, eye):
        eye.start()
        eye.page.click("#find")
        eye.page.wait_for_selector("#find-words button")
        assert eye.violations() == []
        eye.page.fill("#find-input", "CHA")
        assert eye.page.locator("#find-words button").all_inner_texts() == ["chair"]
        assert eye.page.inner_text("#find-count") == "1 word"
        eye.page.click("#find-words button")
        eye.wait_until_spoken("Looking for: chair")
        assert eventually(lambda: eye.gateway.of_type("settings"))
        message = eye.gateway.of_type("settings")[-1]
        assert (message["mode"], message["find"]) == ("find", "chair")
        eye.page.click("#find")
        eye.wait_until_spoken("No longer looking for: chair")
        assert eventually(lambda: eye.gateway.of_type("settings")[-1]["mode"] == "change")

    def test_without_the_list_of_words_says_so(self, eye):
        eye.start()
        eye.page.route("**/eye/labels/*", lambda route: route.abort())
        eye.page.click("#find")
        eye.page.wait_for_selector("#find-count >> text=can't be loaded")


class TestPausing:
    COVERED = "Paused. The lens is covered, or it is dark."

    def test_a_covered_lens_pauses_once_and_an_uncovered_one_goes_on(self, eye, camera):
        camera.play(seconds=1, dark_seconds=3)
        eye.start()
        eye.wait_until_spoken("Continuing.")
        eye.wait_for_pictures()
        spoken = eye.spoken()
        assert spoken[: spoken.index("Continuing.")].count(self.COVERED) == 1
        captured = [picture.captured_at for picture in eye.gateway.pictures]
        longest = max(after - before for before, after in pairwise(captured))
        assert longest > 2_000  # of three dark seconds, whenever they were

    @pytest.mark.slow
    def test_no_button_ends_what_a_covered_lens_began(self, eye, camera):
        camera.play(seconds=0, dark_seconds=1)
        eye.open()
        eye.page.click("#start-button")
        eye.wait_until_spoken(self.COVERED)
        assert eye.page.inner_text("#pause") == "Continue"
        assert eye.violations() == []
        eye.page.click("#pause")
        eye.page.click("#now")
        eye.wait_until_spoken(self.COVERED, times=3)
        assert eye.gateway.of_type("ask") == []
        assert eye.gateway.pictures == []

    def test_a_page_in_the_background_sends_nothing(self, eye):
        eye.start()
        hide = """(hidden) => {
            Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
        eye.page.evaluate(hide, True)  # noqa: FBT003 - hidden
        assert eye.page.inner_text("#status") == "Paused."
        eye.page.wait_for_timeout(300)  # one may have been on its way
        count = len(eye.gateway.pictures)
        eye.page.wait_for_timeout(500)
        assert len(eye.gateway.pictures) == count
        eye.page.evaluate(hide, False)  # noqa: FBT003
        eye.wait_for_pictures()


class TestSettings:
    def test_a_language_changes_the_page_and_what_the_gateway_says(self, eye):
        eye.start()
        eye.page.keyboard.press("6")
        eye.page.wait_for_selector("#settings-dialog[open]")
        assert eye.violations() == []
        eye.page.select_option("#setting-language", "de")
        eye.page.wait_for_selector("#settings-title >> text=Einstellungen")
        assert eye.page.get_attribute("html", "lang") == "de"
        assert eventually(lambda: eye.gateway.of_type("settings"))
        assert eye.gateway.of_type("settings")[-1]["language"] == "de"
        assert eye.page.locator("#setting-interval option").all_inner_texts() == [
            "0,5 Sekunden",
            "1 Sekunde",
            "2 Sekunden",
            "5 Sekunden",
        ]
        eye.page.click("#settings-dialog .close")
        assert eye.page.inner_text("#now") == "Was ist jetzt da?"
        eye.page.click("#find")
        eye.page.wait_for_selector("#find-words >> text=Stuhl")

    def test_no_line_begins_with_a_french_question_mark(self, eye):
        eye.start()
        eye.page.keyboard.press("6")
        eye.page.select_option("#setting-language", "fr")
        eye.page.wait_for_selector("#settings-title >> text=Réglages")
        assert eye.page.text_content("#now") == "Qu'y a-t-il maintenant\N{NO-BREAK SPACE}?"

    def test_are_remembered(self, eye):
        eye.open()
        eye.page.click("#start .settings-button")
        eye.page.select_option("#setting-places", "clock")
        eye.page.select_option("#setting-rate", label="200%")
        eye.page.uncheck("#setting-tones")
        eye.page.reload()
        eye.page.click("#start-button")
        eye.wait_for_pictures()
        eye.wait_until_spoken("Connected.")
        assert eye.gateway.of_type("hello")[-1]["places"] == "clock"
        assert eye.page.evaluate("voice.spoken.at(-1).rate") == 2
        assert eye.page.evaluate("signals.tones") == []
        assert eye.page.evaluate("signals.vibrations.length") > 0

    def test_a_link_can_be_deleted_from_the_phone(self, eye):
        eye.start()
        eye.page.keyboard.press("6")
        eye.page.click("#forget")
        eye.wait_until_shown("link")
        assert not eye.page.evaluate("localStorage.getItem('eye-token')")


class TestWhatIsMissing:
    @pytest.mark.parametrize(
        ("error", "words"),
        [
            ("NotAllowedError", "not allowed"),
            ("NotFoundError", "no camera"),
            ("NotReadableError", "Another app"),
        ],
    )
    def test_a_camera_is_said_with_what_to_do(self, eye, error, words):
        eye.page.add_init_script(
            "navigator.mediaDevices.getUserMedia = "
            f"async () => {{ throw new DOMException('', '{error}'); }}"
        )
        eye.open()
        eye.page.click("#start-button")
        eye.page.wait_for_selector(f"#start-text >> text={words}")
        assert any(words in text for text in eye.spoken())
        assert eye.page.inner_text("#start-button") == "Try again"
        assert eye.violations() == []

    def test_a_secure_page_is_said(self, eye):
        eye.page.goto(f"http://phone.test:{eye.gateway.port}/eye#{TOKEN}")
        eye.page.click("#start-button")
        eye.page.wait_for_selector("#start-text >> text=https")


@pytest.mark.parametrize("status", [None, 502])
def test_texts_that_do_not_come_are_asked_for_again(eye, status):
    answers = [status]

    def answer(route):
        if not answers:
            route.continue_()
        elif (failed := answers.pop()) is None:
            route.abort()
        else:
            route.fulfill(status=failed, json={"detail": "Bad Gateway"})

    eye.page.route("**/texts/en.json", answer)
    eye.open()
    eye.wait_until_shown("start")
    assert eye.page.inner_text("#start-action") == "Start"


class TestOffline:
    @pytest.fixture
    def service_workers(self):
        return "allow"

    def test_the_page_opens_and_says_so(self, eye, context):
        eye.open()
        eye.until("navigator.serviceWorker.controller !== null")
        context.set_offline(True)
        eye.page.reload()
        eye.page.wait_for_selector("#start-title >> text=You are offline")
        assert eye.violations() == []
        context.set_offline(False)
        eye.page.wait_for_selector("#start-title >> text=Seeing aid")

    @pytest.mark.slow
    def test_a_new_version_replaces_the_old_one(self, eye):
        eye.open()
        eye.until("navigator.serviceWorker.controller !== null")
        eye.gateway.version = "next"
        eye.page.evaluate("navigator.serviceWorker.ready.then((worker) => worker.update())")
        eye.until("caches.keys().then((names) => names.join() === 'eye-next')")


def test_each_state_is_accessible_in_the_dark_and_on_a_small_phone(eye):
    for scheme in ("light", "dark"):
        eye.page.emulate_media(color_scheme=scheme)
        eye.page.set_viewport_size({"width": 320, "height": 568})
        eye.open()
        assert eye.violations() == []
        eye.page.reload()
        eye.page.click("#start-button")
        eye.wait_for_pictures()
        eye.gateway.say("Danger: a car, coming closer, on the right.", priority=3)
        eye.page.wait_for_selector("#sentence.danger")
        assert eye.violations() == []
        assert eye.page.evaluate("document.documentElement.scrollWidth") == 320
        eye.page.click("#find")
        eye.page.wait_for_selector("#find-words button")
        assert eye.violations() == []
        eye.page.keyboard.press("Escape")
        eye.page.keyboard.press("6")
        assert eye.violations() == []
