"""Real speech by espeak-ng: of the system, or of the Python package of the development tools."""

import array
import shutil
from itertools import pairwise

import pytest

from pycturestream.domain.narration.sentence import WORD_LIMITS, Group, Sentence, within
from pycturestream.domain.narration.wording import in_words
from pycturestream.errors import ServiceError
from pycturestream.languages.catalog import LANGUAGES
from pycturestream.languages.phrases import word_count
from pycturestream.speech import espeak, synthesizer
from pycturestream.speech.espeak import Espeak
from pycturestream.speech.synthesizer import find_synthesizer

SCENES = {
    "one": (Group(1, "dog", "center", sure=False),),
    "six": (Group(6, "person", "left"),),
    "in corners": (Group(2, "person", "top left"), Group(1, "car", "bottom right")),
    "approaching": (Group(1, "car", "right", motion="approaching"), Group(2, "person", "left")),
    "danger": (Group(1, "person", "left", zone="driveway", danger=3),),
}


@pytest.fixture(scope="module")
def voice():
    voice = Espeak.find(170)
    assert voice, "the development tools bring a voice"
    return voice


def loudness(sound):
    samples = array.array("h", sound.samples)
    return (sum(sample * sample for sample in samples) / len(samples)) ** 0.5


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scene", SCENES)
def test_a_sentence_is_heard_in_each_language(voice, scene, language):
    text = in_words(Sentence("groups", SCENES[scene]), language)

    sound = voice.synthesize(text, language)

    assert loudness(sound) > 1_000  # of 32,767; silence has none
    assert 100 < 60 * word_count(text) / sound.seconds < 340  # words a minute, long and short ones


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_usual_sentence_is_over_before_the_next_one_may_come(voice, language):
    for groups in SCENES.values():
        text = in_words(Sentence("groups", within(groups, WORD_LIMITS["normal"])), language)
        assert voice.synthesize(text, language).seconds < 4


def test_each_language_has_a_voice_of_its_own(voice):
    seconds = sorted(voice.synthesize("six on a table", language).seconds for language in LANGUAGES)
    assert all(longer - shorter > 0.03 for shorter, longer in pairwise(seconds))


def test_an_unknown_language_is_read_as_english(voice):
    there, unknown = (
        voice.synthesize("A dog on a table.", language).seconds for language in ("en", "none")
    )
    assert unknown == pytest.approx(there, abs=0.005)


def test_marks_of_a_format_are_read_as_text(voice):
    plain = voice.synthesize("a dog", "en").seconds
    assert voice.synthesize("a <break time='9s'/> [[d0g]] dog", "en").seconds < plain + 5


def test_a_rate_makes_it_faster():
    text = "Two people on the left and a car on the right."
    slow, fast = (Espeak.find(rate).synthesize(text, "en").seconds for rate in (120, 300))
    assert fast < 0.6 * slow


@pytest.fixture
def libraries(monkeypatch):
    """Set which libraries there are. The one that was started for other tests stays so."""

    def libraries(*found):
        monkeypatch.setattr(espeak, "_libraries", lambda: iter(found))
        monkeypatch.setattr(espeak, "started_library", espeak.started_library.__wrapped__)

    return libraries


def test_no_voice_is_one_line_that_says_how_to_get_one(monkeypatch, libraries):
    monkeypatch.setattr(synthesizer.sys, "platform", "linux")
    libraries(("no-such-library.so", None))
    with pytest.raises(ServiceError) as raised:
        find_synthesizer(170)
    for words in ("apt-get install espeak-ng", "dnf install", "pip install espeakng-loader"):
        assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_library_without_its_data_is_passed_over(libraries, tmp_path):
    *_, (name, data) = espeak._libraries()
    copies = [shutil.copy(name, tmp_path / f"{copy}.so") for copy in ("broken", "whole")]
    libraries((copies[0], tmp_path), (copies[1], data))
    assert loudness(Espeak.find(170).synthesize("A dog.", "en")) > 1_000
