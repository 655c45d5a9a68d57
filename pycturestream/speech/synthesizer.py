"""The voice that a computer has: espeak-ng, or that of macOS."""

import sys
from typing import Final, Protocol

from pycturestream.errors import ServiceError
from pycturestream.speech.espeak import Espeak
from pycturestream.speech.macos import MacVoice
from pycturestream.speech.sound import Sound

NO_VOICE: Final = (
    "no voice on this computer: install espeak-ng (Debian: apt-get install espeak-ng; Fedora: "
    "dnf install espeak-ng), or its Python package (pip install espeakng-loader)"
)


class Synthesizer(Protocol):
    """Makes sound of text."""

    def synthesize(self, text: str, language: str) -> Sound:
        """Return a text as sound; one of an unknown language is read as English.

        Raises ServiceError.
        """
        ...


def find_synthesizer(words_a_minute: int) -> Synthesizer:
    """Return a voice of this computer. Raises ServiceError where there is none."""
    if sys.platform == "darwin":
        return MacVoice(words_a_minute)
    voice = Espeak.find(words_a_minute)
    if voice is None:
        raise ServiceError(NO_VOICE)
    return voice
