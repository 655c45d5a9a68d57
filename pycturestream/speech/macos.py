"""The voices of macOS, by its command `say`."""

import subprocess
import tempfile
from functools import cached_property
from pathlib import Path

from pycturestream.errors import ServiceError
from pycturestream.speech.sound import Sound, read_wav

_FORM = ("--file-format=WAVE", "--data-format=LEI16@22050")
_PATIENCE_S = 30
"""More than a sentence takes: `say` writes a file faster than it would speak it."""


class MacVoice:
    """Speaks with the first voice that macOS lists for a language."""

    def __init__(self, words_a_minute: int) -> None:
        self._words_a_minute = words_a_minute

    def synthesize(self, text: str, language: str) -> Sound:
        voice = self._voices.get(language)
        with tempfile.TemporaryDirectory(prefix="pycturestream-") as folder:
            file = Path(folder) / "speech.wav"
            _say(
                *("-v", voice) if voice else (),
                *("-r", str(self._words_a_minute), "-o", str(file), *_FORM),
                text=text,
            )
            return read_wav(file.read_bytes())

    @cached_property
    def _voices(self) -> dict[str, str]:
        """The first voice of each language: a line is `Anna   de_DE   # Hallo!`."""
        voices: dict[str, str] = {}
        for line in _say("-v", "?").splitlines():
            name, _, locale = line.partition("#")[0].rstrip().rpartition(" ")
            voices.setdefault(locale[:2], name.strip())
        return voices


def _say(*options: str, text: str = "") -> str:
    """Run `say`; it reads the text from its input, where no sentence can be an option."""
    try:
        ended = subprocess.run(
            ["say", *options],
            input=text,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ServiceError(f"the voice of macOS does not work: {error}") from error
    if ended.returncode:
        raise ServiceError(f"the voice of macOS does not work: say: {ended.stderr.strip()}")
    return ended.stdout
