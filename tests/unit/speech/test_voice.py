"""Playing, cutting short, and WAV files, with players of the test."""

import sys

import pytest

from pycturestream.domain.narration.speaking import Utterance
from pycturestream.errors import ServiceError
from pycturestream.speech.sound import Sound, read_wav
from pycturestream.speech.voice import PLAYERS, Loudspeaker, WavFile, WavFolder
from tests.waiting import eventually

PLAYERS_BY_NAME = [player[0] for player in PLAYERS]


class Letters:
    """Makes a sound of a text: its letters as samples."""

    def synthesize(self, text, language):  # noqa: ARG002
        return Sound(8_000, text.encode("utf-16-le"))


def said(text, frame_id="gate_1", language="en"):
    return Utterance(text, language, frame_id, 0)


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a player, which runs these lines of Python; there is no other one."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def install(name, *lines):
        file = folder / name
        file.write_text("\n".join([f"#!{sys.executable}", "import sys, time", *lines, ""]))
        file.chmod(0o755)

    return install


def loudspeaker():
    return Loudspeaker(Letters())


@pytest.mark.parametrize("name", PLAYERS_BY_NAME)
def test_each_player_gets_the_sound_as_a_file(install, tmp_path, name):
    install(name, f"open({str(tmp_path / 'heard')!r}, 'wb').write(open(sys.argv[-1], 'rb').read())")
    with loudspeaker() as voice:
        speech = voice.speak(said("A dog."))
        assert eventually(speech.is_over)
    assert read_wav((tmp_path / "heard").read_bytes()) == Letters().synthesize("A dog.", "en")


def test_the_first_player_of_the_list_is_taken(install):
    for name in reversed(PLAYERS_BY_NAME):
        install(name)
        with loudspeaker() as voice:
            assert voice._players[0][0] == name


def test_a_sentence_can_be_cut_short(install):
    install("aplay", "time.sleep(300)")
    with loudspeaker() as voice:
        speech = voice.speak(said("A dog."))
        assert not speech.is_over()
        speech.stop()
        assert speech._process.returncode is not None


def test_a_player_that_fails_makes_room_for_the_next_one(install, tmp_path):
    install("pw-play", "sys.exit('Host is down')")
    install("aplay", f"open({str(tmp_path / 'heard')!r}, 'a').write('heard ')")
    with loudspeaker() as voice:
        for text in ("A dog.", "A cat."):
            assert eventually(voice.speak(said(text)).is_over)
        assert [player[0] for player in voice._players] == ["aplay"]
    assert (tmp_path / "heard").read_text() == "heard heard "


def test_where_no_player_works_the_error_has_their_reasons(install):
    install("pw-play", "sys.exit(3)")
    install("aplay", "sys.exit('ALSA\\naudio open error: No such file or directory')")
    with loudspeaker() as voice:
        speech = voice.speak(said("A dog."))
        with pytest.raises(ServiceError) as raised:
            eventually(speech.is_over)
    assert str(raised.value) == (
        "sound can't be played: pw-play: status 3; "
        "aplay: audio open error: No such file or directory"
    )


def test_no_player_is_one_line_that_says_how_to_get_one(install):
    assert install
    with pytest.raises(ServiceError) as raised:
        loudspeaker()
    for words in ("aplay", "pw-play", "alsa-utils", "--wav"):
        assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_folder_gets_a_file_for_each_sentence(tmp_path):
    with WavFolder(Letters(), tmp_path / "new" / "folder") as voice:
        for utterance in (said("one"), said("two", "gate_2", "de"), said("none", "")):
            assert voice.speak(utterance).is_over()
    sounds = {file.name: read_wav(file.read_bytes()) for file in tmp_path.glob("new/folder/*")}
    assert sounds == {
        "gate_1.en.wav": Letters().synthesize("one", "en"),
        "gate_2.de.wav": Letters().synthesize("two", "de"),
        "sentence-3.en.wav": Letters().synthesize("none", "en"),
    }


def test_a_file_gets_all_sentences_and_is_complete_after_each(tmp_path):
    path = tmp_path / "all.wav"
    with WavFile(Letters(), path) as voice:
        voice.speak(said("one"))
        assert read_wav(path.read_bytes()) == Letters().synthesize("one", "en")
        voice.speak(said("two"))
    assert read_wav(path.read_bytes()) == Letters().synthesize("onetwo", "en")


def test_a_file_without_a_sentence_is_empty(tmp_path):
    with WavFile(Letters(), tmp_path / "none.wav"):
        pass
    assert (tmp_path / "none.wav").read_bytes() == b""


@pytest.mark.parametrize(
    "content", [b"", b"RIFF", Sound(8_000, b"12").wav()[:-30], b"no sound at all"]
)
def test_what_is_no_wav_file_is_an_error(content):
    with pytest.raises(ValueError, match="no WAV file"):
        read_wav(content)
