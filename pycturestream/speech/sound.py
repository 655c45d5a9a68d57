"""Sound as samples, and as a WAV file."""

import io
import wave
from dataclasses import dataclass

SAMPLE_BYTES = 2


@dataclass(frozen=True, slots=True)
class Sound:
    """One channel of 16-bit samples, in the byte order of the machine."""

    rate: int
    """Samples a second."""
    samples: bytes

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_BYTES / self.rate

    def wav(self) -> bytes:
        """Return the content of a WAV file."""
        file = io.BytesIO()
        with wave.open(file, "wb") as writer:
            writer.setnchannels(1)
            writer.setsampwidth(SAMPLE_BYTES)
            writer.setframerate(self.rate)
            writer.writeframes(self.samples)
        return file.getvalue()


def read_wav(content: bytes) -> Sound:
    """Return the sound of a WAV file. Raises ValueError for one of another form."""
    try:
        with wave.open(io.BytesIO(content)) as reader:
            form = reader.getnchannels(), reader.getsampwidth()
            sound = Sound(reader.getframerate(), reader.readframes(reader.getnframes()))
    except (wave.Error, EOFError) as error:
        raise ValueError(f"no WAV file: {error}") from error
    if form != (1, SAMPLE_BYTES):
        raise ValueError(f"{form[0]} channels of {8 * form[1]} bits, expected one of 16")
    return sound
