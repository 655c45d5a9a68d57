"""Speaks a sentence: through a loudspeaker, or into WAV files."""

import shutil
import subprocess
import tempfile
import wave
from pathlib import Path
from typing import Final, Protocol, Self

from pycturestream.domain.narration.speaking import Utterance
from pycturestream.errors import ServiceError
from pycturestream.speech.sound import SAMPLE_BYTES
from pycturestream.speech.synthesizer import Synthesizer

PLAYERS: Final = (
    ("pw-play",),
    ("paplay",),
    ("aplay", "-q"),
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error"),
    ("afplay",),
)
"""Commands that play a WAV file, the first that is found: of PipeWire, PulseAudio, ALSA, FFmpeg and
macOS."""
NO_PLAYER: Final = (
    "nothing on this computer plays sound: install one of pw-play, paplay, aplay or ffplay (Debian "
    "and Fedora: install alsa-utils), or write files with --wav"
)


class Speech(Protocol):
    """A sentence that is being spoken."""

    def is_over(self) -> bool:
        """Return whether it has been spoken to its end. Raises ServiceError if it can't be."""
        ...

    def stop(self) -> None:
        """Cut it short."""
        ...


class Voice(Protocol):
    """Speaks sentences; used as a context manager."""

    def speak(self, utterance: Utterance) -> Speech:
        """Begin a sentence. Raises ServiceError."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class Loudspeaker:
    """Plays each sentence by a command of the system, which is killed to cut it short.

    One that fails is not tried again: that of PipeWire may be there without PipeWire running.
    """

    def __init__(self, synthesizer: Synthesizer) -> None:
        """Find the players. Raises ServiceError without any."""
        self._players: list[tuple[str, ...]] = [
            player for player in PLAYERS if shutil.which(player[0])
        ]
        if not self._players:
            raise ServiceError(NO_PLAYER)
        self._synthesizer = synthesizer
        self._folder = tempfile.TemporaryDirectory(prefix="pycturestream-")

    def speak(self, utterance: Utterance) -> Speech:
        sound = self._synthesizer.synthesize(utterance.text, utterance.language)
        # A file, since not every player reads WAV from a pipe.
        file = Path(self._folder.name) / "speech.wav"
        file.write_bytes(sound.wav())
        return _Playing(self._players, file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()


class _Playing:
    """A file that is being played by the first of some players that works."""

    def __init__(self, players: list[tuple[str, ...]], file: Path) -> None:
        """Begin to play. Players that fail are removed from the list."""
        self._players, self._file = players, file
        self._reasons: list[str] = []
        self._process = self._play()

    def is_over(self) -> bool:
        status = self._process.poll()
        if status is None:
            return False
        written = self._end()
        if status == 0:
            return True
        self._reasons.append(f"{self._players.pop(0)[0]}: {written or f'status {status}'}")
        if not self._players:
            raise ServiceError(f"sound can't be played: {'; '.join(self._reasons)}")
        self._process = self._play()
        return False

    def stop(self) -> None:
        self._process.kill()
        self._end()

    def _play(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            (*self._players[0], str(self._file)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )

    def _end(self) -> str:
        """Wait until the player has ended; return the last line of what it complained about."""
        lines = self._process.communicate()[1].strip().splitlines()
        return lines[-1] if lines else ""


class WavFolder:
    """Writes a file for each sentence: `{id of the frame}.{language}.wav`."""

    def __init__(self, synthesizer: Synthesizer, folder: Path) -> None:
        """Make the folder. Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        self._synthesizer, self._folder, self._number = synthesizer, folder, 0

    def speak(self, utterance: Utterance) -> Speech:
        sound = self._synthesizer.synthesize(utterance.text, utterance.language)
        self._number += 1
        name = utterance.frame_id or f"sentence-{self._number}"
        (self._folder / f"{name}.{utterance.language}.wav").write_bytes(sound.wav())
        return WRITTEN

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """There is nothing to close."""


class WavFile:
    """Writes all sentences into one file, one after the other."""

    def __init__(self, synthesizer: Synthesizer, path: Path) -> None:
        """Make the file, empty. Raises OSError."""
        self._synthesizer = synthesizer
        self._file = path.open("wb")
        self._wav: wave.Wave_write | None = None

    def speak(self, utterance: Utterance) -> Speech:
        sound = self._synthesizer.synthesize(utterance.text, utterance.language)
        if self._wav is None:
            self._wav = wave.open(self._file, "wb")  # noqa: SIM115 - closed at the end
            self._wav.setnchannels(1)
            self._wav.setsampwidth(SAMPLE_BYTES)
            self._wav.setframerate(sound.rate)
        self._wav.writeframes(sound.samples)  # also corrects the length in the head of the file
        self._file.flush()
        return WRITTEN

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._wav is not None:
            self._wav.close()
        self._file.close()


class _Written:
    """A sentence that was written into a file."""

    def is_over(self) -> bool:
        return True

    def stop(self) -> None:
        """Do nothing: it is over."""


WRITTEN: Final = _Written()
