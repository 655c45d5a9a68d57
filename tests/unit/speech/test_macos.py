"""The voice of macOS, with a command `say` of the test: it was not tried on a Mac."""

import json
import sys

import pytest

from pycturestream.errors import ServiceError
from pycturestream.speech.macos import MacVoice
from pycturestream.speech.sound import Sound

VOICES = """Alice               it_IT    # Ciao! Mi chiamo Alice.
Anna                de_DE    # Hallo! Ich heiße Anna.
Markus              de_DE    # Hallo! Ich heiße Markus.
Bad News            en_US    # Hello! My name is Bad News.
"""
SOUND = Sound(22_050, b"\1\2" * 500)


@pytest.fixture
def say(tmp_path, monkeypatch):
    """A command that lists two voices, and writes a sound; it notes its arguments."""
    (tmp_path / "sound.wav").write_bytes(SOUND.wav())
    file = tmp_path / "say"
    file.write_text(
        f"#!{sys.executable}\n"
        "import json, pathlib, shutil, sys\n"
        f"folder = pathlib.Path({str(tmp_path)!r})\n"
        "words = sys.argv[1:]\n"
        "if '?' in words:\n"
        f"    print({VOICES!r}, end='')\n"
        "else:\n"
        "    shutil.copy(folder / 'sound.wav', words[words.index('-o') + 1])\n"
        "    (folder / 'words').write_text(json.dumps([*words, sys.stdin.read()]))\n"
    )
    file.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return lambda: json.loads((tmp_path / "words").read_text())


def test_it_speaks_with_the_first_voice_of_a_language(say):
    assert MacVoice(200).synthesize("Ein Hund.", "de") == SOUND
    words = say()
    assert words[:4] == ["-v", "Anna", "-r", "200"]
    assert words[-1] == "Ein Hund."


def test_the_name_of_a_voice_may_be_several_words(say):
    MacVoice(200).synthesize("A dog.", "en")
    assert say()[1] == "Bad News"


def test_a_language_without_a_voice_is_left_to_the_system(say):
    MacVoice(200).synthesize("Un chien.", "fr")
    assert "-v" not in say()


def test_a_mac_without_it_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServiceError, match="the voice of macOS does not work"):
        MacVoice(200).synthesize("A dog.", "en")
