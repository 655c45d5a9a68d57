"""The gateway of the seeing aid: a real server, and phones on loopback."""

import json
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed, InvalidStatus

from pycturestream.api import eye_connection, eye_gateway
from pycturestream.config.settings import Settings
from pycturestream.domain.narration.sentence import Group
from tests.builders import NOON
from tests.jpegs import arithmetic, encoded, progressive
from tests.unit.api.eye_server import HOUR, JPEG, SENDER_KEY, EyeServer
from tests.waiting import eventually

PEOPLE = Group(count=6, label="person", place="left", hour=10)
CHAIR = Group(count=1, label="chair", place="center", hour=12)
CAR = Group(count=1, label="car", place="right", hour=2, motion="approaching")


@pytest.fixture
def server(tokens):
    with EyeServer(tokens).running() as server:
        yield server


@pytest.fixture
def phone(server):
    with server.phone() as phone:
        yield phone


def server_with(tokens, **settings):
    return EyeServer(tokens, Settings(**settings)).running()


class TestWhoMayCome:
    def test_a_phone_learns_what_is_expected_of_it(self, server, tokens):
        token, text = tokens.create("anna", NOON, HOUR, kind="eye")
        with server.connected() as phone:
            phone.send(type="hello", token=text, language="de")
            ready = phone.hear()
        assert ready["type"] == "ready"
        assert (ready["interval_ms"], ready["byte_limit"], ready["side_limit"]) == (
            500,
            200_000,
            1_280,
        )
        assert ready["expires_at"].endswith("Z")
        assert token.name not in json.dumps(ready)

    @pytest.mark.parametrize("text", ["", "pyc_0011_22", "x" * 200])
    def test_a_wrong_token_opens_nothing(self, server, tokens, text):
        tokens.create("anna", NOON, HOUR, kind="eye")
        with server.connected() as phone:
            phone.send(type="hello", token=text)
            assert phone.close_code() == 4401

    def test_while_the_file_of_tokens_is_missing_no_phone_has_to_forget_its_link(
        self, server, phone, tmp_path
    ):
        (tmp_path / "tokens.json").rename(tmp_path / "elsewhere.json")
        with server.connected() as another:
            another.send(type="hello", token=phone.token)
            assert another.close_code() == 1013
        phone.send_picture()
        assert server.pictures.wait_for()

    def test_a_hello_without_a_token_is_no_hello(self, server):
        with server.connected() as phone:
            phone.send(type="hello")
            assert phone.close_code() == 4400

    def test_an_expired_token_opens_nothing(self, server, tokens):
        _, text = tokens.create("anna", NOON - HOUR, HOUR // 2, kind="eye")
        with server.connected() as phone:
            phone.send(type="hello", token=text)
            assert phone.close_code() == 4401

    def test_a_token_of_the_api_opens_nothing(self, server, tokens):
        _, text = tokens.create("guard", NOON, HOUR)
        with server.connected() as phone:
            phone.send(type="hello", token=text)
            assert phone.close_code() == 4401

    def test_revoking_a_token_ends_its_connection_and_takes_its_camera_away(
        self, server, tokens, phone
    ):
        tokens.revoke("anna")
        assert phone.close_code() == 4401
        assert eventually(lambda: phone.camera_id not in server.topic.cameras)

    def test_a_token_that_expires_meanwhile_ends_its_connection(self, server, tokens):
        _, text = tokens.create("anna", NOON, 1_500, kind="eye")
        with server.connected() as phone:
            phone.send(type="hello", token=text)
            assert phone.hear()["type"] == "ready"
            server.clock.at += 1_500
            assert phone.close_code() == 4401

    def test_while_tokens_can_not_be_read_phones_are_told_to_come_back(
        self, server, tokens, tmp_path
    ):
        _, text = tokens.create("anna", NOON, HOUR, kind="eye")
        (tmp_path / "tokens.json").write_text("{")
        with server.connected() as phone:
            phone.send(type="hello", token=text)
            assert phone.close_code() == 1013

    @pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", ""])
    def test_a_page_of_another_site_can_not_connect(self, server, origin):
        with pytest.raises(InvalidStatus), server.connected(origin):
            pass

    def test_behind_a_proxy_its_own_address_is_the_origin(self, tokens):
        address = "https://eye.example.org"
        tokens.create("anna", NOON, HOUR, kind="eye")
        with server_with(tokens, web_address=address) as server, server.connected(address) as phone:
            phone.send(type="hello", token="")
            assert phone.close_code() == 4401

    def test_a_phone_that_says_nothing_is_ended(self, server, monkeypatch):
        monkeypatch.setattr(eye_connection, "HELLO_S", 0.1)
        with server.connected() as phone:
            assert phone.close_code() == 4408

    def test_a_phone_that_falls_silent_is_ended(self, tokens):
        with server_with(tokens, eye_idle_ms=1_000) as server, server.phone() as phone:
            assert phone.close_code() == 4410

    def test_of_two_phones_with_one_token_the_newer_one_stays(self, server, phone):
        with server.connected() as newer:
            newer.send(type="hello", token=phone.token)
            assert newer.hear()["type"] == "ready"
            assert phone.close_code() == 4409
            sent_at = newer.send_picture()
            (frame,) = server.pictures.wait_for()
            server.pushes.see(frame)
            assert newer.hear() == {"type": "seen", "captured_at": sent_at}

    def test_one_that_comes_again_and_again_has_no_settings_written_each_time(
        self, tokens, monkeypatch
    ):
        monkeypatch.setattr(eye_gateway, "CHECK_S", 3_600.0)
        with EyeServer(tokens).running() as server, server.phone() as phone:
            for verbosity in ("full", "short", "full"):
                with server.connected() as again:
                    again.send(type="hello", token=phone.token, verbosity=verbosity)
                    assert again.hear()["type"] == "ready"
                    again.send_picture()
                    server.pictures.wait_for()
            with server.phone("ben"):
                assert server.topic.writes == 2  # for the cameras of two new tokens

    def test_beyond_the_limit_phones_are_told_to_come_back(self, tokens):
        with server_with(tokens, eye_connection_limit=1) as server, server.phone() as phone:
            with server.connected() as further:
                assert further.close_code() == 1013
            phone.leave()
            assert eventually(lambda: may_connect(server))

    def test_beyond_the_limit_who_says_nothing_gives_way(self, tokens):
        with (
            server_with(tokens, eye_connection_limit=2) as server,
            server.connected() as silent,
            server.connected() as silent_too,
            server.phone("anna") as anna,
        ):
            assert silent.close_code() == 1013
            with server.phone("ben"):
                assert silent_too.close_code() == 1013
                anna.send_picture()
                assert server.pictures.wait_for()


def may_connect(server):
    with server.connected() as phone:
        phone.send(type="hello", token="")
        return phone.close_code() == 4401


class TestPictures:
    def test_a_picture_becomes_a_frame_of_the_camera_of_the_token(self, server, phone):
        phone.send_picture(captured_at=NOON - 40, sent_at=NOON - 30)
        (frame,) = server.pictures.wait_for()
        assert (frame.camera_id, frame.jpeg, frame.mode) == (phone.camera_id, JPEG, "live")
        assert frame.captured_at == NOON - 40
        assert not frame.reference

    def test_the_result_of_a_picture_closes_the_loop(self, server, phone):
        captured_at = phone.send_picture()
        (frame,) = server.pictures.wait_for()
        server.pushes.see(frame)
        assert phone.hear() == {"type": "seen", "captured_at": captured_at}

    @pytest.mark.parametrize("wrong", [-NOON + 10_000, -3 * HOUR, -1_500, -10, 0, 400, 2**62])
    def test_its_age_is_kept_however_wrong_the_clock_of_the_phone_is(self, server, phone, wrong):
        sent_at = NOON + wrong
        phone.send_picture(captured_at=sent_at - 700, sent_at=sent_at)
        (frame,) = server.pictures.wait_for()
        # A clock that is behind by a moment can't be told from a slow network.
        assert NOON - frame.captured_at == 700 + (10 if wrong == -10 else 0)
        server.pushes.see(frame)
        assert phone.hear() == {"type": "seen", "captured_at": sent_at - 700}

    @pytest.mark.parametrize(
        ("jpeg", "reason"),
        [
            (b"\xff\xd8\xff" + bytes(200_000), "too-large"),
            (b"", "not-jpeg"),
            (b"\x89PNG" + bytes(50), "not-jpeg"),
            (JPEG[: len(JPEG) // 2], "not-jpeg"),
            (encoded(16, 16), "too-small"),
            (encoded(4_000, 3_000), "too-costly"),
            (progressive(1_200, 1_200, passes=40), "too-costly"),
            (arithmetic(640, 480, 3), "not-jpeg"),
        ],
        ids=["large", "empty", "png", "cut", "small", "pixels", "passes", "arithmetic"],
    )
    def test_what_may_not_be_looked_at_is_refused_and_the_next_one_taken(
        self, server, phone, jpeg, reason
    ):
        captured_at = phone.send_picture(jpeg)
        refused = phone.hear()
        assert refused.pop("text")
        assert refused == {"type": "refused", "captured_at": captured_at, "reason": reason}
        phone.send_picture()
        assert server.pictures.wait_for()[0].jpeg == JPEG

    def test_one_far_beyond_the_limit_is_not_even_read(self, phone):
        phone.send_picture(bytes(500_000))
        assert phone.close_code() == 1009

    def test_while_one_is_under_way_further_ones_are_refused_not_queued(self, server, phone):
        first = phone.send_picture()
        second = phone.send_picture(captured_at=first + 1)
        assert phone.hear()["reason"] == "too-fast"
        (frame,) = server.pictures.wait_for()
        server.pushes.see(frame)
        assert phone.hear() == {"type": "seen", "captured_at": first}
        assert second > first
        assert len(server.pictures.frames) == 1

    def test_a_phone_that_sends_too_often_is_held_back(self, tokens):
        with server_with(tokens, eye_interval_ms=60_000) as server, server.phone() as phone:
            reasons = []
            for number in range(5):
                phone.send_picture()
                while len(server.pictures.frames) + len(reasons) <= number:
                    try:
                        reasons.append(phone.hear(0.05)["reason"])
                    except TimeoutError:
                        continue
                if not reasons:
                    server.pushes.see(server.pictures.frames[-1])
                    assert phone.hear()["type"] == "seen"
            assert len(server.pictures.frames) == eye_connection.PICTURES_AT_ONCE
            assert set(reasons) == {"too-fast"}

    def test_one_that_floods_is_cut_off(self, phone):
        with suppress(ConnectionClosed):  # it may be closed before the last one
            for _ in range(3 * eye_connection.MESSAGES_AT_ONCE):
                phone.send(type="ask", what="now")
        assert phone.close_code() == 4429

    def test_without_a_result_the_next_picture_may_come(self, tokens):
        with server_with(tokens, eye_answer_ms=200) as server, server.phone() as phone:
            captured_at = phone.send_picture()
            refused = phone.hear()
            assert (refused["captured_at"], refused["reason"]) == (captured_at, "busy")
            phone.send_picture()
            late, frame = server.pictures.wait_for(2)
            server.pushes.see(late)  # comes after all, and is of no use
            server.pushes.see(frame)
            assert phone.hear()["type"] in {"seen", "refused"}

    def test_a_picture_that_the_network_held_up_is_not_used(self, server, phone):
        phone.send_picture()
        (frame,) = server.pictures.wait_for()
        server.pushes.see(frame)
        assert phone.hear()["type"] == "seen"
        phone.send_picture(captured_at=NOON - 10_000)
        assert phone.hear()["reason"] == "too-old"

    def test_a_revised_guess_at_the_clock_never_puts_pictures_out_of_order(self, server, phone):
        for number, delay_ms in enumerate((1_900, 0, 0), start=1):
            phone.send_picture(captured_at=NOON - HOUR - delay_ms)
            server.pushes.see(server.pictures.wait_for(number)[-1])
            assert phone.hear()["type"] == "seen"
        times = [frame.captured_at for frame in server.pictures.frames]
        assert times == sorted(set(times))


class TestServersAway:
    def test_without_redis_pictures_are_refused_until_it_is_back(self, server, phone):
        server.pushes.is_connected = False
        phone.send_picture()
        assert phone.hear()["reason"] == "unavailable"
        assert not server.pictures.frames
        server.pushes.is_connected = True
        phone.send_picture()
        assert server.pictures.wait_for()

    def test_without_kafka_pictures_are_refused_until_it_is_back(self, server, phone):
        server.pictures.is_away = True
        captured_at = phone.send_picture()
        refused = phone.hear()
        assert (refused["captured_at"], refused["reason"]) == (captured_at, "unavailable")
        server.pictures.is_away = False
        phone.send_picture()
        assert server.pictures.wait_for()

    def test_before_its_settings_are_published_a_phone_has_to_wait(self, tokens):
        server = EyeServer(tokens)
        server.topic.is_away = True
        _, text = tokens.create("anna", NOON, HOUR, kind="eye")
        with server.running(), server.connected() as phone:
            phone.send(type="hello", token=text)
            assert phone.hear()["type"] == "ready"
            phone.send_picture()
            assert phone.hear()["reason"] == "unavailable"
            server.topic.is_away = False
            assert eventually(lambda: bool(server.topic.cameras))
            phone.send_picture()
            assert server.pictures.wait_for()

    def test_what_is_pushed_and_is_no_record_harms_nobody(self, server, phone):
        phone.send_picture()
        (frame,) = server.pictures.wait_for()
        for channel in ("detections", "narrations"):
            for junk in (b"", b"{}", b"[" * 10_000, b'{"captured_at": 1e400}', b"\xff"):
                server.pushes.push(channel, phone.camera_id, junk)
        server.pushes.see(frame)
        assert phone.hear()["type"] == "seen"

    def test_after_a_line_was_lost_for_ten_seconds_a_phone_goes_on_and_hears_nothing_old(
        self, server, phone
    ):
        phone.send_picture()
        (before,) = server.pictures.wait_for()
        phone.leave()
        server.clock.at += 10_000
        with server.connected() as again:
            again.send(type="hello", token=phone.token)
            assert again.hear()["type"] == "ready"
            server.pushes.narrate(before, PEOPLE)  # what came of it in the meantime
            server.pushes.see(before, "person")
            captured_at = again.send_picture()
            newest = server.pictures.wait_for(2)[-1]
            server.pushes.see(newest)
            assert again.hear() == {"type": "seen", "captured_at": captured_at}
            server.pushes.narrate(newest, PEOPLE)
            assert again.hear()["type"] == "say"


def frame_of_before(frame, age_ms):
    return type(frame)(frame.camera_id, NOON - age_ms, frame.jpeg)


class TestWhatIsSaid:
    def test_a_sentence_is_said_in_the_words_of_the_listener(self, server):
        german = {"language": "de", "places": "clock"}
        with server.phone("anna", **german) as anna, server.phone("luc", language="fr") as luc:
            said = {}
            for number, phone in enumerate((anna, luc), start=1):
                phone.send_picture()
                frame = server.pictures.wait_for(number)[-1]
                server.pushes.narrate(frame, PEOPLE)
                said[phone] = phone.hear()
        assert said[anna]["text"] == "Sechs Personen auf zehn Uhr."
        assert said[luc]["text"] == "Six personnes à gauche."
        assert (said[anna]["language"], said[anna]["kind"]) == ("de", "groups")
        assert (said[anna]["priority"], said[anna]["answer"]) == (0, False)

    def test_its_time_is_by_the_clock_of_the_phone(self, server, phone):
        captured_at = phone.send_picture(captured_at=NOON - 5 * HOUR)
        (frame,) = server.pictures.wait_for()
        server.pushes.narrate(frame, PEOPLE)
        assert phone.hear()["captured_at"] == captured_at

    def test_what_comes_closer_interrupts(self, server, phone):
        phone.send_picture()
        server.pushes.narrate(server.pictures.wait_for()[0], CAR)
        assert phone.hear()["priority"] == 1

    def test_the_quiet_mode_lets_only_danger_pass(self, server, phone):
        phone.send(type="settings", mode="quiet")
        phone.send_picture()
        (frame,) = server.pictures.wait_for()
        server.pushes.narrate(frame, PEOPLE)
        server.pushes.narrate(frame, CAR, PEOPLE)
        assert phone.hear()["text"] == "A car, coming closer, on the right."

    def test_who_looks_for_something_hears_where_it_is(self, server, phone):
        phone.send(type="settings", mode="find", find="chair")
        phone.send_picture()
        (frame,) = server.pictures.wait_for()
        server.pushes.narrate(frame, PEOPLE, CHAIR)
        server.pushes.see(frame, "person", "chair")
        assert phone.hear()["type"] == "seen"
        assert phone.hear()["text"] == "A chair on the left."

    @pytest.mark.parametrize("what", ["now", "all"])
    def test_a_question_is_answered_by_the_newest_picture(self, server, phone, what):
        phone.send_picture()
        server.pushes.see(server.pictures.wait_for()[0], "person")
        assert phone.hear()["type"] == "seen"
        phone.send(type="ask", what=what)
        answer = phone.hear()
        assert (answer["type"], answer["answer"]) == ("say", True)
        assert answer["text"].startswith("A person")

    def test_a_question_before_any_picture_is_answered_with_the_first(self, server, phone):
        phone.send(type="ask", what="now")
        phone.send_picture()
        server.pushes.see(server.pictures.wait_for()[0])
        assert phone.hear()["type"] == "seen"
        assert phone.hear()["text"] == "Nothing in view."

    def test_a_dark_picture_is_not_an_empty_view(self, server, phone):
        phone.send(type="ask", what="now")
        phone.send_picture()
        server.pushes.see(server.pictures.wait_for()[0], picture_fault="dark")
        assert phone.hear()["type"] == "seen"
        assert phone.hear()["text"] == "It is too dark to see."

    def test_nothing_about_a_picture_of_long_ago_is_said(self, server, phone):
        phone.send_picture()
        (frame,) = server.pictures.wait_for()
        server.pushes.narrate(frame_of_before(frame, 3_000), PEOPLE)
        server.pushes.see(frame)
        assert phone.hear()["type"] == "seen"

    def test_nobody_hears_what_another_camera_sees(self, server, phone):
        with server.phone("ben") as ben:
            phone.send_picture()
            server.pushes.narrate(server.pictures.wait_for()[0], PEOPLE)
            assert phone.hear()["type"] == "say"
            assert ben.hears_nothing_for(0.2)

    def test_how_much_is_said_is_part_of_the_settings_of_the_camera(self, server, phone):
        assert server.topic.cameras[phone.camera_id].verbosity == "normal"
        phone.send(type="settings", verbosity="short")
        assert eventually(lambda: server.topic.cameras[phone.camera_id].verbosity == "short")


class TestHostileMessages:
    @pytest.mark.parametrize(
        "message",
        [
            "",
            "no json",
            "[" * 1_900,
            '{"a":' * 300,
            '{"type":"ask"}',
            '{"type":"ask","what":"everything"}',
            '{"type":"settings","mode":"loud"}',
            '{"type":"settings","language":' + "9" * 1_500 + "}",
            '{"type":"settings","find":"' + "x" * 101 + '"}',
            '{"type":"hello","token":"again"}',
            '{"type":"ready"}',
            "null",
            b"",
            b"123456789012345",
        ],
    )
    def test_a_message_that_means_nothing_ends_the_connection(self, phone, message):
        phone.send_raw(message)
        assert phone.close_code() == 4400

    def test_so_does_a_picture_before_the_hello(self, server):
        with server.connected() as phone:
            phone.send_picture()
            assert phone.close_code() == 4400

    def test_a_long_text_is_too_large(self, phone):
        phone.send_raw('{"type":"ask","what":"now"}' + " " * 5_000)
        assert phone.close_code() == 4413

    @pytest.mark.parametrize("at", [0, 1, 2**53, 2**63, 2**64 - 1])
    def test_times_at_the_edges_harm_nobody(self, server, phone, at):
        phone.send_picture(captured_at=at, sent_at=at)
        (frame,) = server.pictures.wait_for()
        assert frame.captured_at == NOON
        server.pushes.see(frame)
        assert phone.hear() == {"type": "seen", "captured_at": at}

    def test_an_age_that_no_picture_has_is_refused(self, phone):
        phone.send_picture(captured_at=0, sent_at=2**64 - 1)
        assert phone.hear()["reason"] == "too-old"

    def test_a_picture_sent_before_it_was_taken_counts_as_taken_now(self, server, phone):
        phone.send_picture(captured_at=2**64 - 1, sent_at=0)
        assert server.pictures.wait_for()[0].captured_at == NOON

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.one_of(st.binary(max_size=60), st.text(max_size=60)))
    def test_whatever_is_sent_the_gateway_goes_on(self, server, data):
        token = self.token_of(server)
        with server.connected() as phone:
            phone.send(type="hello", token=token)
            assert phone.hear()["type"] == "ready"
            phone.send_raw(data)
            phone.leave()
        assert may_connect(server)

    def token_of(self, server):
        """Return the text of one token for all examples."""
        if not hasattr(server, "token"):
            _, server.token = server.tokens.create("fuzz", NOON, HOUR, kind="eye")
        return server.token


class TestWhatIsKept:
    def test_neither_tokens_nor_pictures_nor_sentences_are_logged(self, server, phone, capfd):
        phone.send_picture()
        (frame,) = server.pictures.wait_for()
        server.pushes.narrate(frame, PEOPLE)
        phone.hear()
        phone.send_raw('{"type":"hello","token":"' + phone.token + '"}')
        assert phone.close_code() == 4400
        shown = "".join(capfd.readouterr())
        assert phone.token not in shown
        assert "people" not in shown

    def test_the_camera_of_a_token_keeps_no_evidence_and_asks_for_proofs(self, server, phone):
        camera = server.topic.cameras[phone.camera_id]
        assert (camera.site, camera.evidence, camera.narration) == ("eye", False, True)
        assert (camera.rules, camera.sender_key) == ((), SENDER_KEY)


def test_a_sentence_that_waits_gives_way_to_a_newer_one_and_not_to_a_less_urgent_one():
    def say(text, priority=0, *, answer=False):
        return eye_connection.Say(text, "en", priority, "groups", answer, 1)

    def left(*waiting, then):
        return [each.text for each in eye_connection._without_older(waiting, then)]

    seen = eye_connection.Seen(1)
    assert list(eye_connection._without_older([seen, say("old")], say("new"))) == [seen]
    assert left(say("car", 1), then=say("chair")) == ["car"]
    assert left(say("car", 1), then=say("danger", 3)) == []
    assert left(say("answer", answer=True), then=say("new", 3)) == ["answer"]
    assert left(say("car", 3), then=say("answer", answer=True)) == []
