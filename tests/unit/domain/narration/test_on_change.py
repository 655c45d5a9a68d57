from itertools import pairwise

import msgspec
import pytest
from msgspec.structs import replace

from pycturestream.contracts.states import narrate_states
from pycturestream.domain.cameras.camera import Camera, Rule, Zone
from pycturestream.domain.detection import Detection
from pycturestream.domain.frames.picture_measure import PictureMeasure
from pycturestream.domain.narration.on_change import (
    CROWD_PAUSE_MS,
    PAUSE_MS,
    URGENT_PAUSE_MS,
    NarrationState,
)
from pycturestream.domain.narration.sentence import Group, Narration, words_of
from tests.scenes import (
    LEFT_HALF,
    NINE,
    NOBODY_HERE,
    CameraRun,
    box,
    car,
    empty,
    frame,
    guarded,
    person,
)

DARK = PictureMeasure(0.02, 0.01, 1.0, b"")
PLAIN = PictureMeasure(0.3, 0.03, 0.5, b"")
BLURRED = PictureMeasure(0.4, 0.2, 0.05, b"")
CLEAR = PictureMeasure(0.4, 0.2, 1.0, b"")


def steady(*detections, frames=12, at=NINE, every_ms=500):
    return [frame(detections, at=at + number * every_ms) for number in range(frames)]


def measured(measure, *, frames=4, at=NINE, detections=()):
    return [replace(found, measure=measure) for found in steady(*detections, frames=frames, at=at)]


def growing(label="car", *, frames=10, factor=1.15, at=NINE, size=0.1, every_ms=500):
    """Yield frames in which one object on the right fills more of the picture each time."""
    for number in range(frames):
        side = size * factor**number
        shape = box(0.8 - side / 2, 0.5 - side / 2, side, side)
        yield frame([Detection(label, 0.9, shape)], at=at + number * every_ms)


class TestWhatChanged:
    def test_a_group_is_narrated_with_its_number_and_place(self):
        crowd = [person(0.02 + 0.03 * n, 0.35) for n in range(6)]
        assert CameraRun().see(*steady(*crowd)).sentences == ["Six people on the left."]

    def test_groups_are_joined_to_one_sentence(self):
        scene = CameraRun().see(*steady(car(0.35, 0.4), person(0.02, 0.35), person(0.1, 0.35)))
        assert scene.sentences == ["Two people on the left and a car in the center."]

    def test_nothing_is_repeated_while_nothing_changes(self):
        assert len(CameraRun().see(*steady(person(), frames=100)).sentences) == 1

    def test_only_changes_are_narrated(self):
        scene = CameraRun().see(*steady(person(0.02, 0.35)))
        scene.see(*steady(person(0.02, 0.35), car(0.37, 0.4), at=NINE + 6_000))
        assert scene.sentences == ["A person on the left.", "A car in the center."]

    def test_one_more_of_three_is_news(self):
        three = [person(0.02 + 0.08 * n, 0.35) for n in range(3)]
        scene = CameraRun().see(*steady(*three[:2])).see(*steady(*three, at=NINE + 6_000))
        assert scene.sentences == ["Two people on the left.", "Three people on the left."]

    def test_one_more_of_many_is_none(self):
        crowd = [person(0.01 + 0.03 * n, 0.1) for n in range(9)]
        scene = CameraRun().see(*steady(*crowd[:8])).see(*steady(*crowd, at=NINE + 6_000))
        assert len(scene.sentences) == 1

    def test_a_group_that_comes_back_is_narrated_again(self):
        one, other = person(0.02, 0.35), car(0.37, 0.4)
        scene = CameraRun().see(*steady(one, other)).see(*steady(one, at=NINE + 6_000))
        scene.see(*steady(one, other, at=NINE + 12_000))
        assert scene.sentences[-1] == "A car in the center."

    def test_somebody_hidden_for_a_second_is_still_there(self):
        scene = CameraRun().see(*steady(person(0.4, 0.35)))
        scene.see(*empty(2, at=NINE + 6_000)).see(*steady(person(0.4, 0.35), at=NINE + 7_000))
        assert scene.sentences == ["A person in the center."]

    def test_groups_that_did_not_fit_into_a_sentence_are_in_the_next(self):
        things = [
            person(0.02, 0.02),
            car(0.7, 0.02),
            Detection("dog", 0.9, box(0.02, 0.7, 0.2, 0.2)),
            Detection("bicycle", 0.9, box(0.75, 0.7, 0.2, 0.2)),
        ]
        scene = CameraRun().see(*steady(*things, frames=24))
        text = " ".join(scene.sentences).lower()
        assert len(scene.sentences) == 2
        for what in ("person at the top left", "car at the top", "dog at the bottom left"):
            assert what in text

    def test_a_flicker_of_one_frame_is_not_narrated(self):
        scene = CameraRun().see(*steady(person()), frame([person(), car()], at=NINE + 6_000))
        scene.see(*steady(person(), at=NINE + 6_500))
        assert len(scene.sentences) == 1

    def test_two_pictures_are_enough_where_they_are_far_apart(self):
        scene = CameraRun().see(*steady(person(), frames=2, every_ms=2_000))
        assert scene.sentences == ["A person on the left."]

    def test_a_box_that_trembles_at_the_border_of_a_sector_does_not_move(self):
        scene = CameraRun()
        for number in range(120):
            x = 1 / 3 - 0.05 + 0.01 * (-1) ** (number // 20)
            scene.see(frame([person(x, 0.35)], at=NINE + number * 500))
        assert len(scene.sentences) == 1

    def test_people_who_mill_about_are_not_narrated_all_the_time(self):
        scene = CameraRun()
        for number in range(240):
            crowd = [person((0.09 * n + 0.01 * number) % 0.85, 0.35) for n in range(8)]
            scene.see(frame(crowd, at=NINE + number * 500))
        times = [narration.captured_at for narration in scene.of(Narration)]
        assert 1 <= len(times) <= 240 * 500 / CROWD_PAUSE_MS + 3

    def test_a_sentence_waits_until_the_previous_one_can_have_been_spoken(self):
        scene = CameraRun()
        for number in range(40):
            scene.see(frame([person(0.02 + 0.022 * number, 0.35)], at=NINE + number * 500))
        times = [narration.captured_at for narration in scene.of(Narration)]
        assert len(times) > 1
        assert all(later - earlier >= PAUSE_MS for earlier, later in pairwise(times))

    def test_what_is_unsure_is_said_as_unsure_and_last(self):
        dog = Detection("dog", 0.5, box(0.4, 0.4, 0.2, 0.2))
        scene = CameraRun().see(*steady(dog, person(0.02, 0.35)))
        assert scene.sentences == ["A person on the left and perhaps a dog in the center."]


class TestAnEmptyView:
    def test_it_is_narrated_once(self):
        scene = CameraRun().see(*steady(person())).see(*steady(frames=20, at=NINE + 6_000))
        assert scene.sentences[1:] == ["Nothing in view."]

    def test_from_the_beginning_it_is_not_worth_a_sentence(self):
        assert not CameraRun().see(*steady(frames=20)).sentences

    @pytest.mark.parametrize(
        ("measure", "text"),
        [
            (DARK, "It is too dark to see."),
            (PLAIN, "The camera may be covered."),
            (BLURRED, "The picture is blurred."),
        ],
    )
    def test_what_is_wrong_with_the_picture_is_said_once_instead(self, measure, text):
        scene = CameraRun().see(*steady(person()))
        scene.see(*measured(measure, frames=40, at=NINE + 6_000))
        assert scene.sentences[1:] == [text]

    def test_when_the_picture_is_clear_again_that_is_said_and_the_next_fault_too(self):
        scene = CameraRun()
        for number, measure in enumerate((DARK, CLEAR, DARK)):
            scene.see(*measured(measure, frames=12, at=NINE + number * 6_000))
        dark = "It is too dark to see."
        assert scene.sentences == [dark, "Nothing in view.", dark]

    def test_a_picture_that_has_now_one_fault_now_another_shows_nothing_either(self):
        frames = measured(DARK, frames=40)
        frames[::2] = [replace(found, measure=BLURRED) for found in frames[::2]]
        assert CameraRun().see(*frames).sentences == ["It is too dark to see."]

    def test_a_picture_that_shows_something_is_not_complained_about(self):
        scene = CameraRun().see(*measured(BLURRED, detections=[person()]))
        assert scene.sentences == ["A person on the left."]


class TestDanger:
    CAMERA = guarded(zones=(LEFT_HALF,))

    def test_it_is_said_at_once(self):
        scene = CameraRun(self.CAMERA).see(*steady(person(0.5, 0.35), frames=6))
        scene.see(*steady(person(0.02, 0.35), person(0.5, 0.35), frames=3, at=NINE + 3_000))
        assert scene.sentences[-1].startswith("Warning: ")

    def test_it_says_where_and_has_the_level_of_its_rule(self):
        scene = CameraRun(self.CAMERA).see(*steady(person(0.02, 0.35), frames=3))
        (narration,) = scene.of(Narration)
        assert narration.text == "Warning: a person in the left-half."
        assert narration.sentence.priority == NOBODY_HERE.level

    def test_it_is_not_repeated_as_a_description(self):
        scene = CameraRun(self.CAMERA).see(*steady(person(0.02, 0.35), frames=40))
        assert len(scene.sentences) == 1

    def test_it_has_the_number_of_its_alert(self):
        camera = guarded(replace(NOBODY_HERE, count=2), zones=(LEFT_HALF,))
        scene = CameraRun(camera).see(*steady(person(0.02, 0.35), person(0.2, 0.35), frames=3))
        (narration,) = scene.of(Narration)
        assert narration.text.startswith("Warning: two people in the left-half.")

    def test_the_worst_comes_first(self):
        rules = (Rule("cars", ("car",), level=1), Rule("people", ("person",), level=3))
        scene = CameraRun(guarded(*rules)).see(*steady(person(0.02, 0.35), car(), frames=3))
        assert scene.sentences == ["Danger: a person on the left and a car on the right."]

    def test_a_zone_may_bring_its_preposition(self):
        lawn = Zone("on the lawn", LEFT_HALF.polygon)
        scene = CameraRun(guarded(zones=(lawn,))).see(*steady(person(0.02, 0.35), frames=3))
        assert scene.sentences == ["Warning: a person on the lawn."]


class TestWhatApproaches:
    def test_it_is_said_once(self):
        scene = CameraRun().see(*growing(frames=12))
        assert [text for text in scene.sentences if "coming closer" in text] == [
            "A car, coming closer, on the right."
        ]

    def test_it_does_not_wait_for_the_pause(self):
        scene = CameraRun().see(*growing(frames=12))
        first, then = [narration.captured_at for narration in scene.of(Narration)]
        assert URGENT_PAUSE_MS <= then - first < PAUSE_MS

    @pytest.mark.parametrize("factor", [1.0, 0.9, 1.02])
    def test_what_keeps_its_size_or_grows_slowly_does_not_approach(self, factor):
        scene = CameraRun().see(*growing(frames=12, factor=factor))
        assert scene.sentences == ["A car on the right."]

    def test_what_cannot_move_does_not_approach(self):
        scene = CameraRun().see(*growing("chair", frames=12))
        assert scene.sentences == ["A chair on the right."]

    def test_somebody_who_stands_up_does_not_approach(self):
        scene = CameraRun().see(*steady(Detection("person", 0.9, box(0.8, 0.5, 0.1, 0.2))))
        scene.see(*steady(Detection("person", 0.9, box(0.8, 0.3, 0.1, 0.4)), at=NINE + 6_000))
        assert not any("closer" in text for text in scene.sentences)

    def test_what_comes_into_the_picture_at_its_edge_does_not_approach(self):
        scene = CameraRun()
        for number in range(12):
            width = 0.05 + 0.02 * number
            shape = box(0, 0.4, width, 0.3)
            scene.see(frame([Detection("car", 0.9, shape)], at=NINE + number * 500))
        assert not any("closer" in text for text in scene.sentences)


class TestWhatAListenerLikes:
    def test_short_says_only_more_of_something(self):
        scene = CameraRun(Camera("gate", verbosity="short"))
        for number in range(60):
            scene.see(frame([person(0.02 + 0.015 * number, 0.35)], at=NINE + number * 500))
        assert scene.sentences == ["A person on the left."]

    def test_full_says_more_at_once(self):
        things = [person(0.02, 0.02), car(0.7, 0.02), Detection("dog", 0.9, box(0, 0.7, 0.2, 0.2))]
        scene = CameraRun(Camera("gate", verbosity="full")).see(*steady(*things))
        assert scene.sentences == [
            "A car at the top right, a dog at the bottom left and a person at the top left."
        ]

    def test_after_a_long_sentence_the_next_one_waits_longer(self):
        labels = ("car", "dog", "bus", "cat", "truck")
        places = ((0.02, 0.02), (0.7, 0.02), (0.02, 0.7), (0.7, 0.7), (0.37, 0.4))
        things = [
            Detection(label, 0.9, box(x, y, 0.2, 0.2))
            for label, (x, y) in zip(labels, places, strict=True)
        ]
        scene = CameraRun(Camera("gate", verbosity="full"))
        for number in range(40):
            scene.see(frame(things, at=NINE + number * 500))
        first, second = scene.of(Narration)
        assert len(first.sentence.groups) + len(second.sentence.groups) == len(things)
        words = sum(map(words_of, first.sentence.groups))
        assert second.captured_at - first.captured_at >= 350 * words > PAUSE_MS

    def test_only_what_matters_is_said(self):
        camera = Camera("gate", narrated_labels=("car",))
        assert CameraRun(camera).see(*steady(person(), car())).sentences == ["A car on the right."]

    def test_places_may_be_those_of_a_clock_face(self):
        scene = CameraRun(Camera("gate", places="clock"))
        scene.see(*steady(person(0.02, 0.35), car(0.37, 0.4)))
        assert scene.sentences == ["A car at twelve o'clock and a person at eleven o'clock."]

    def test_a_camera_without_narration_emits_no_sentence(self):
        assert not CameraRun(Camera("gate", narration=False)).see(*steady(person())).sentences

    def test_a_camera_speaks_its_language(self):
        camera = Camera("gate", language="de")
        (narration,) = CameraRun(camera).see(*steady(person())).of(Narration)
        assert (narration.language, narration.text) == ("de", "Eine Person links.")
        assert narration.sentence.groups == (Group(1, "person", "left", 11),)


def test_a_state_of_an_older_program_is_read():
    older = narrate_states.encode(NarrationState())[:1] + msgspec.msgpack.encode(
        (None, ((("person", "middle left", 2),), NINE, (("person", "middle left", 2),), 2))
    )
    state, _ = narrate_states.decode(older)
    assert state == NarrationState(
        (("person", "middle left", 2),), NINE, (("person", "middle left", 2),), 2
    )
