"""What a listener hears of a camera's records, with a voice and a clock of the test."""

import pytest

from pycturestream.application.speaking import Commentary, Listener, Speaker
from pycturestream.domain.narration.speaking import CAN_WAIT, CANNOT_WAIT, Utterance
from pycturestream.errors import ServiceError
from pycturestream.stores.redis_view import Pushed
from tests.builders import NOON, detection_record, narration_record

LIMIT_MS, SILENT_AFTER_MS = 2_000, 15_000


class Clock:
    """A clock that the test sets; waiting moves it on."""

    def __init__(self):
        self.time = NOON

    def now(self):
        return self.time

    def sleep(self, seconds):
        self.time += int(1000 * seconds)


class Voice:
    """A voice that speaks for a second, and remembers what it was asked."""

    def __init__(self, clock):
        self.clock, self.log = clock, []

    def speak(self, utterance):
        self.log.append(utterance.text)
        return Speech(self, utterance.text)


class Speech:
    def __init__(self, voice, text):
        self.voice, self.text, self.until = voice, text, voice.clock.time + 1_000

    def is_over(self):
        return self.voice.clock.time >= self.until

    def stop(self):
        if not self.is_over():
            self.voice.log.append(f"cut: {self.text}")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def voice(clock):
    return Voice(clock)


@pytest.fixture
def reports():
    return []


@pytest.fixture
def speaker(voice, clock, reports):
    return Speaker(voice, clock, LIMIT_MS, reports.append)


def said(text, urgency=CAN_WAIT, at=NOON):
    return Utterance(text, "en", "", at, urgency)


class TestSpeaker:
    def test_one_after_the_other(self, speaker, voice, clock):
        speaker.offer(said("one"))
        speaker.offer(said("two"))
        assert voice.log == ["one"]
        clock.time += 1_000
        speaker.advance()
        assert voice.log == ["one", "two"]

    def test_danger_cuts_a_description_short(self, speaker, voice):
        speaker.offer(said("a tree"))
        speaker.offer(said("a car", CANNOT_WAIT + 3))
        assert voice.log == ["a tree", "cut: a tree", "a car"]

    def test_each_sentence_is_reported_with_its_age(self, speaker, clock, reports):
        clock.time += 300
        speaker.offer(said("one"))
        speaker.offer(said("two"))
        speaker.offer(said("three"))
        clock.time += 2_000
        speaker.advance()
        assert [(one.utterance.text, one.outcome, one.age_ms) for one in reports] == [
            ("one", "spoken", 300),
            ("two", "replaced", 300),
            ("three", "outdated", 2_300),
        ]

    def test_finish_waits_for_the_last_sentence(self, speaker, voice, clock):
        speaker.offer(said("one"))
        speaker.offer(said("two"))
        speaker.finish()
        assert voice.log == ["one", "two"]
        assert clock.time >= NOON + 2_000

    def test_closing_cuts_short(self, speaker, voice):
        speaker.offer(said("one"))
        speaker.close()
        assert voice.log == ["one", "cut: one"]

    def test_a_player_that_fails_is_an_error(self, speaker, monkeypatch):
        def fail(_):
            raise ServiceError("no sound")

        monkeypatch.setattr(Speech, "is_over", fail)
        speaker.offer(said("one"))
        with pytest.raises(ServiceError):
            speaker.advance()


def commentary(**wishes):
    return Commentary(Listener(**wishes), LIMIT_MS, SILENT_AFTER_MS)


def narrated(priority=0, **fields):
    return Pushed("narrations", "gate", {**narration_record(), "priority": priority, **fields})


def detected(at=NOON, *objects):
    record = detection_record(captured_at=at, labels=())
    record["objects"] = [
        {"label": label, "score": 0.9, "box": [x - 0.1, 0.4, x + 0.1, 0.6], "track_id": f"{label}"}
        for label, x in objects
    ]
    return Pushed("detections", "gate", record)


GROUP = narration_record()["groups"][0]


@pytest.mark.parametrize(
    ("wishes", "text"),
    [
        ({}, "A person on the left."),
        ({"language": "de"}, "Eine Person links."),
        ({"language": "fr"}, "Une personne à gauche."),
        ({"language": "es"}, "Una persona a la izquierda."),
        ({"places": "clock"}, "A person at eleven o'clock."),
    ],
)
def test_a_sentence_is_put_into_the_words_of_the_listener(wishes, text):
    assert commentary(**wishes).heard(narrated(), NOON).text == text


def test_a_listener_who_wants_it_short_hears_what_is_most_important():
    groups = [GROUP, {**GROUP, "label": "dog", "place": "right"}]
    assert commentary(verbosity="short").heard(narrated(groups=groups), NOON).text == (
        "A person on the left."
    )


def test_a_record_of_an_older_program_is_spoken_as_it_is_written():
    record = narrated(groups=[], language="de", text="Ein Hund links.")
    heard = commentary(language="fr").heard(record, NOON)
    assert (heard.text, heard.language) == ("Ein Hund links.", "de")


def test_danger_is_urgent():
    listener = commentary()
    assert listener.heard(narrated(), NOON).urgency == CAN_WAIT
    assert listener.heard(narrated(priority=2), NOON).urgency > CANNOT_WAIT


def test_other_records_are_not_heard():
    assert commentary().heard(Pushed("alerts", "gate", {}), 0) is None


class TestAsking:
    def test_what_the_newest_picture_shows(self):
        listener = commentary()
        listener.start(NOON)
        listener.heard(detected(NOON, ("dog", 0.9)), NOON)
        listener.heard(detected(NOON + 500, ("dog", 0.1), ("car", 0.5)), NOON + 500)
        heard = listener.answer(NOON + 600)
        assert heard.text == "A car in the center and a dog on the left."
        assert heard.urgency == CANNOT_WAIT

    def test_only_what_matters_at_this_camera(self):
        listener = commentary(labels=("dog",))
        listener.latest = detected(NOON, ("dog", 0.1), ("car", 0.5)).record
        assert listener.answer(NOON).text == "A dog on the left."

    def test_everything_that_is_there(self):
        listener = commentary(verbosity="short")
        objects = [(label, 0.5) for label in ("dog", "cat", "car", "bus", "chair")]
        listener.latest = detected(NOON, *objects).record
        text = listener.answer(NOON, fully=True).text
        assert all(f"a {label} " in text.lower() for label, _ in objects)

    @pytest.mark.parametrize(
        ("language", "text"),
        [
            ("en", "There is no recent picture."),
            ("de", "Es gibt kein aktuelles Bild."),
            ("fr", "Il n'y a pas d'image récente."),
            ("es", "No hay ninguna imagen reciente."),
        ],
    )
    def test_a_picture_that_is_too_old_is_not_described(self, language, text):
        listener = commentary(language=language)
        listener.latest = detected(NOON, ("dog", 0.9)).record
        assert listener.answer(NOON + LIMIT_MS + 1).text == text

    def test_a_dark_picture_is_not_an_empty_view(self):
        listener = commentary()
        listener.latest = detected(NOON).record | {
            "measure": {
                "brightness": 0.01,
                "contrast": 0.0,
                "sharpness": 0.0,
                "thumbnail": "AQEB" * 64,
            }
        }
        assert listener.answer(NOON).text == "It is too dark to see."


class TestSilence:
    def test_it_begins_with_what_is_there(self):
        listener = commentary()
        listener.latest = detected(NOON, ("dog", 0.9)).record
        assert listener.start(NOON).text == "A dog on the right."

    def test_a_camera_without_pictures_is_told_at_the_start_and_not_again(self):
        listener = commentary()
        assert listener.start(NOON).text == "There is no recent picture."
        assert listener.heard(None, NOON + 10 * SILENT_AFTER_MS) is None

    def test_pictures_that_stay_away_are_told_once(self):
        listener = commentary()
        listener.latest = detected(NOON).record
        listener.start(NOON)
        assert listener.heard(None, NOON + SILENT_AFTER_MS - 1) is None
        assert listener.heard(None, NOON + SILENT_AFTER_MS).text == "There is no recent picture."
        assert listener.heard(None, NOON + SILENT_AFTER_MS + 1) is None

    def test_pictures_that_are_always_late_count_as_none(self):
        listener = commentary()
        listener.latest = detected(NOON).record
        listener.start(NOON)
        at = NOON + SILENT_AFTER_MS
        assert listener.heard(detected(at - LIMIT_MS - 1), at).text == "There is no recent picture."

    def test_when_they_come_again_what_is_there_is_told(self):
        listener = commentary()
        listener.start(NOON)
        assert listener.heard(detected(NOON, ("dog", 0.5)), NOON).text == "A dog in the center."
        assert listener.heard(detected(NOON, ("dog", 0.5)), NOON) is None


class TestFinding:
    @pytest.fixture
    def listener(self):
        listener = commentary(find="chair", language="de")
        listener.latest = detected(NOON, ("dog", 0.5)).record
        assert listener.start(NOON) is None
        return listener

    def test_the_way_to_it(self, listener):
        texts = []
        for number, x in enumerate((None, 0.2, 0.2, 0.2, 0.5, 0.5)):
            at = NOON + 1_000 * number
            objects = [("dog", 0.5)] + ([("chair", x)] if x else [])
            texts.append(listener.heard(detected(at, *objects), at))
        assert [heard and heard.text for heard in texts] == [
            None,
            "Ein Stuhl links.",
            None,
            "Weiter nach links.",
            "Ein Stuhl in der Mitte.",
            None,
        ]

    def test_where_nothing_can_be_seen_that_is_said(self, listener):
        dark = narrated(kind="dark", groups=[])
        assert listener.heard(dark, NOON).text == "Es ist zu dunkel."
        listener.latest = detected(NOON).record | {"picture_fault": "covered"}
        assert listener.start(NOON).text == "Die Kamera ist vielleicht verdeckt."

    def test_of_the_camera_only_what_cannot_wait(self, listener):
        assert listener.heard(narrated(), NOON) is None
        assert listener.heard(narrated(priority=3), NOON) is not None
        coming = narrated(groups=[{**GROUP, "motion": "approaching"}])
        assert listener.heard(coming, NOON) is not None
