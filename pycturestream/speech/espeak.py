"""The voice of espeak-ng, by its shared library.

The library makes four seconds of speech in some milliseconds, and is the same whether the system
has it or the Python package espeakng-loader, which brings its own copy.
"""

import ctypes
from collections.abc import Iterator
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_short, c_size_t, c_uint, c_void_p
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Self

from pycturestream.errors import ServiceError
from pycturestream.speech.sound import SAMPLE_BYTES, Sound

_SYSTEM_LIBRARY: Final = "libespeak-ng.so.1"
# Of espeak-ng's speak_lib.h:
_SYNCHRONOUS: Final = 2  # espeak_Synth returns when all samples were handed over; nothing is played
_DONT_EXIT: Final = 0x8000  # a library without its data must not end the process
_RATE: Final = 1
_CHARACTERS: Final = 1
_UTF8: Final = 1
_OK: Final = 0

_Callback = CFUNCTYPE(c_int, POINTER(c_short), c_int, c_void_p)

VOICES: Final = {"en": "en-us"}
"""Of languages whose default voice is another variety than that of our sentences."""
ENGLISH: Final = "en-us"


class Espeak:
    """The voice of a library that has been started."""

    def __init__(self, library: Any, rate: int, words_a_minute: int) -> None:
        """Take how many samples a second the library makes."""
        self._library, self._rate, self._words_a_minute = library, rate, words_a_minute
        self._parts: list[bytes] = []
        self._callback = _Callback(self._take)  # the library does not keep it alive

    @classmethod
    def find(cls, words_a_minute: int) -> Self | None:
        """Return the voice of the first library that works; None where none does."""
        found = started_library()
        return cls(*found, words_a_minute) if found else None

    def synthesize(self, text: str, language: str) -> Sound:
        # Another object of this class may have set the state of the library since.
        self._library.espeak_SetSynthCallback(self._callback)
        self._choose(language)
        self._library.espeak_SetParameter(_RATE, self._words_a_minute, 0)
        self._parts.clear()
        data = text.encode("utf-8", "replace")
        status = self._library.espeak_Synth(
            c_char_p(data), c_size_t(len(data) + 1), 0, _CHARACTERS, 0, c_uint(_UTF8), None, None
        )
        if status != _OK:
            raise ServiceError(f"espeak-ng can't speak (status {status}): {text}")
        return Sound(self._rate, b"".join(self._parts))

    def _choose(self, language: str) -> None:
        for name in (VOICES.get(language, language), ENGLISH):
            if self._library.espeak_SetVoiceByName(c_char_p(name.encode("utf-8"))) == _OK:
                return
        raise ServiceError(f"espeak-ng has no voice for {language}, nor an English one")

    def _take(self, samples: Any, number: int, _events: Any) -> int:
        if samples and number > 0:
            self._parts.append(ctypes.string_at(samples, number * SAMPLE_BYTES))
        return 0  # go on


@cache
def started_library() -> tuple[Any, int] | None:
    """Return the first library that works, and its samples a second; None where none does.

    It has one state for the whole process, and can be started only once.
    """
    for name, data in _libraries():
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        folder = c_char_p(str(data).encode()) if data else None
        rate = library.espeak_Initialize(_SYNCHRONOUS, 0, folder, _DONT_EXIT)
        if rate > 0:
            return library, rate
    return None


def _libraries() -> Iterator[tuple[str, Path | None]]:
    """Yield what may be a library, the system's first, and the folder of its data if we know it."""
    yield _SYSTEM_LIBRARY, None
    try:
        package = import_module("espeakng_loader")
        yield package.get_library_path(), Path(package.get_data_path())
    except (ImportError, RuntimeError):  # it is optional; its data may be missing
        return
