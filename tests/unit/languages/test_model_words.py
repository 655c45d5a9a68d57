import pytest

from pycturestream.config.settings import PROJECT_FOLDER
from pycturestream.languages.catalog import LANGUAGES
from pycturestream.languages.model_words import use_words_of_model
from pycturestream.languages.phrases import is_listed, most_words, noun, things

FORKLIFT = """\
# Gabelstapler
label-forklift = { $count ->
    [1] ein Gabelstapler
   *[other] { $number } Gabelstapler
}
"""


@pytest.fixture
def model(tmp_path):
    """A function that uses a model with these labels and words."""

    def use(labels, **words):
        (tmp_path / "labels.txt").write_text("\n".join(labels))
        for language, source in words.items():
            (tmp_path / f"words.{language}.ftl").write_text(source, "utf-8")
        return use_words_of_model(tmp_path)

    yield use
    use_words_of_model(PROJECT_FOLDER / "models" / "nanodet")


def test_a_model_brings_words_for_its_labels(model):
    assert things("forklift", 2, "de") == "zwei „forklift“"
    model(["forklift"], de=FORKLIFT)
    assert things("forklift", 1, "de") == "ein Gabelstapler"
    assert things("forklift", 2, "de") == "zwei Gabelstapler"
    assert noun("forklift", "de") == "Gabelstapler"
    assert most_words("forklift") == 2
    assert things("forklift", 2, "fr") == "deux « forklift »"


def test_the_words_of_a_model_go_before_those_of_a_language(model):
    model(["person"], de="label-person = { $number } Badegäste")
    assert things("person", 3, "de") == "drei Badegäste"
    assert things("person", 3, "en") == "three people"


def test_another_model_has_no_words_of_the_one_before(model):
    model(["forklift"], de=FORKLIFT)
    assert use_words_of_model(PROJECT_FOLDER / "models" / "nanodet") == []
    assert not is_listed("forklift", "de")


def test_nothing_is_reported_twice(model, tmp_path):
    assert len(model(["forklift"])) == len(LANGUAGES)
    assert use_words_of_model(tmp_path) == []


def test_labels_without_words_are_reported_once_for_each_language(model, tmp_path):
    labels = ["person", "forklift", *(f"box {number}" for number in range(6))]
    assert model(labels, de=FORKLIFT) == [
        f"{tmp_path}: words.{language}.ftl has no word for {named}: shown as the model names them"
        for language, named in (
            ("en", "forklift, box 0, box 1, box 2, box 3 and 2 more"),
            ("de", "box 0, box 1, box 2, box 3, box 4 and 1 more"),
            ("fr", "forklift, box 0, box 1, box 2, box 3 and 2 more"),
            ("es", "forklift, box 0, box 1, box 2, box 3 and 2 more"),
        )
    ]


@pytest.mark.parametrize(
    ("source", "mistake"),
    [
        ("label-forklift = { $numbr } Gabelstapler", "label-forklift: Unknown external: numbr"),
        ("label-forklift = { -brand }", "label-forklift: Unknown term: -brand"),
        ("label-forklift =\n    .tip = x", "label-forklift: has no text"),
        ("danger-3 = { $what }", "danger-3: only messages label-… with a text are used"),
        ("-term = x", "a part that can't be read: only messages label-… with a text are used"),
        ("} label", "a part that can't be read: only messages label-… with a text are used"),
    ],
)
def test_a_mistake_is_reported_and_costs_only_its_message(model, tmp_path, source, mistake):
    good = "label-crane = ein Kran\n"
    problems = model(["crane"], de=good + source, en=good, fr=good, es=good)
    assert problems == [f"{tmp_path}/words.de.ftl: {mistake}"]
    assert things("crane", 1, "de") == "ein Kran"
    assert things("forklift", 2, "de") == "zwei „forklift“"


def test_a_file_that_is_no_text_is_reported(model, tmp_path):
    (tmp_path / "words.de.ftl").write_bytes(b"\xff\xfe")
    [problem] = model(["person"])
    assert problem.startswith(f"{tmp_path}/words.de.ftl: ")


def test_all_models_have_words_in_all_languages():
    for folder in (PROJECT_FOLDER / "models").glob("*/labels.txt"):
        assert use_words_of_model(folder.parent) == []
    use_words_of_model(PROJECT_FOLDER / "models" / "nanodet")
    assert all(is_listed("person", language) for language in LANGUAGES)
