"""One look or two at each picture, with a network that finds what it is told to."""

import numpy as np
import pytest

from pycturestream.detector.letterbox import letterbox
from pycturestream.detector.model_runner import COARSE_AREA, ModelRunner
from pycturestream.detector.network import Found
from pycturestream.detector.registry import load_model
from pycturestream.domain.frames.jpeg import Size

WIDE = np.full((360, 640, 3), 100, np.uint8)
TALL = np.full((640, 360, 3), 100, np.uint8)


class Told:
    """Finds the same in every picture of an area."""

    def __init__(self, closely, coarsely):
        self.closely, self.coarsely = closely, coarsely
        self.shapes = []

    def find(self, pictures, floor):  # noqa: ARG002
        self.shapes.append(pictures.shape)
        height, width = pictures.shape[1:3]
        found = self.coarsely if height * width <= 1.03 * COARSE_AREA else self.closely
        boxes, scores, classes = zip(*found, strict=True) if found else ((), (), ())
        return [
            Found(
                np.array(boxes, np.float32).reshape(-1, 4),
                np.array(scores, np.float32),
                np.array(classes, np.int32),
            )
            for _ in pictures
        ]


@pytest.fixture
def model():
    return load_model("nanodet")


def boxed(model, *pictures):
    return [letterbox(p, model.canvases.fit(Size(p.shape[1], p.shape[0]))) for p in pictures]


ONE, NEARLY_ONE, ANOTHER = (0.2, 0.3, 0.5, 0.7), (0.2, 0.3, 0.5, 0.68), (0.6, 0.3, 0.8, 0.7)
PERSON, BICYCLE = 0, 1


def test_two_looks_find_each_object_once(model):
    network = Told([(ONE, 0.6, PERSON)], [(NEARLY_ONE, 0.7, PERSON), (ANOTHER, 0.5, PERSON)])
    runner = ModelRunner(model, network, quality="best")

    [found] = runner.find(boxed(model, WIDE))

    assert [(d.label, round(d.score, 3)) for d in found] == [("person", 0.69), ("person", 0.45)]


def test_a_second_look_that_is_less_sure_changes_nothing(model):
    network = Told([(ONE, 0.6, PERSON)], [(NEARLY_ONE, 0.5, PERSON)])

    [found] = ModelRunner(model, network, quality="best").find(boxed(model, WIDE))

    assert [round(d.score, 3) for d in found] == [0.6]


def test_two_looks_keep_different_labels_at_one_place(model):
    network = Told([(ONE, 0.6, PERSON)], [(ONE, 0.7, BICYCLE)])
    runner = ModelRunner(model, network, quality="best")

    [found] = runner.find(boxed(model, WIDE))

    assert [(d.label, round(d.score, 3)) for d in found] == [("bicycle", 0.63), ("person", 0.6)]


@pytest.mark.parametrize(
    ("box", "score", "looks"),
    [
        ((0.2, 0.1, 0.6, 0.9), 0.6, 2),
        ((0.2, 0.1, 0.6, 0.9), 0.21, 2),
        ((0.2, 0.1, 0.6, 0.9), 0.19, 1),
        ((0.1, 0.2, 0.49, 0.9), 0.6, 2),
        ((0.2, 0.3, 0.5, 0.7), 0.9, 1),
    ],
)
def test_a_second_look_is_taken_where_something_large_may_be_in_view(model, box, score, looks):
    network = Told([(box, score, PERSON)], [(ANOTHER, 0.7, PERSON)])
    runner = ModelRunner(model, network)

    [found] = runner.find(boxed(model, WIDE), lowest=0.4)

    assert len(network.shapes) == looks
    expected = {0.63} if looks == 2 else set()
    expected |= {score} if score >= 0.4 else set()
    assert {round(d.score, 2) for d in found} == expected


def test_only_pictures_with_something_large_are_looked_at_again(model):
    class Large(Told):
        def find(self, pictures, floor):
            found = super().find(pictures, floor)
            if pictures.shape[2] == 320:  # the upright pictures have nothing
                return [Found(each.boxes[:0], each.scores[:0], each.classes[:0]) for each in found]
            return found

    network = Large([((0.2, 0.1, 0.6, 0.9), 0.6, PERSON)], [(ANOTHER, 0.7, PERSON)])

    found = ModelRunner(model, network).find(boxed(model, WIDE, TALL, WIDE))

    assert [len(each) for each in found] == [2, 0, 2]
    assert [shape[0] for shape in network.shapes] == [2, 1, 2]


def test_one_look_is_at_the_larger_canvas_alone(model):
    network = Told([(ONE, 0.6, PERSON)], [(ANOTHER, 0.7, PERSON)])
    runner = ModelRunner(model, network, quality="fast")

    [found] = runner.find(boxed(model, WIDE))

    assert [round(d.score, 3) for d in found] == [0.6]
    assert network.shapes == [(1, 320, 576, 3)]


def test_pictures_are_grouped_by_canvas_and_results_stay_in_order(model):
    network = Told([], [])
    runner = ModelRunner(model, network, quality="fast")

    found = runner.find(boxed(model, WIDE, TALL, WIDE))

    assert len(found) == 3
    assert sorted(network.shapes) == [(1, 576, 320, 3), (2, 320, 576, 3)]


def test_a_model_of_one_size_looks_once(model):
    fixed = model.model_copy(update={"canvas_step": None})
    network = Told([(ONE, 0.6, PERSON)], [])
    runner = ModelRunner(fixed, network, quality="balanced")

    runner.find(boxed(fixed, WIDE))

    assert network.shapes == [(1, 384, 512, 3)]


def test_all_usual_canvases_are_warmed(model):
    network = Told([], [])

    pictures = ModelRunner(model, network, quality="balanced").warm_up((1, 4))

    assert pictures == 15
    assert len(network.shapes) == 12
    assert {(4, 320, 576, 3), (4, 384, 512, 3), (4, 512, 384, 3)} < set(network.shapes)
