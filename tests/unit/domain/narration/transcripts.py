"""What is said about the sample clips, in every language, kept as files beside this one.

Run as `python -m tests.unit.domain.narration.transcripts` to write them again: only for a change
that is meant to change sentences, and read what has become of them.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from pycturestream.domain.narration.sentence import Narration
from pycturestream.domain.narration.wording import in_words
from pycturestream.domain.pipeline import chain
from pycturestream.domain.pipeline.chain import CameraState
from pycturestream.languages.catalog import LANGUAGES
from tests.unit.domain.pipeline.recorded_histories import (
    FrameArrives,
    History,
    SettingsChange,
    read_histories,
)

FOLDER = Path(__file__).parent / "transcripts"


def clips() -> list[History]:
    """Return the recorded histories of the sample clips as they are published live."""
    return [
        history
        for history, _ in read_histories()
        if history.name.startswith("clip") and history.mode == "live"
    ]


def narrations_of(history: History) -> Iterator[tuple[float, Narration]]:
    """Yield each narration of a history, and the seconds since its first frame."""
    state, camera, begin = CameraState(), None, None
    for event in history.events:
        if isinstance(event, SettingsChange):
            camera = event.camera
        if isinstance(event, FrameArrives) and camera is not None:
            begin = begin or event.found.frame.captured_at
            state, outputs = chain.step(state, event.found, camera, history.limits)
            for output in outputs:
                if isinstance(output, Narration):
                    yield (output.captured_at - begin) / 1000, output


def transcript(history: History) -> str:
    lines = []
    for seconds, narration in narrations_of(history):
        lines.append(f"{seconds:.1f} s")
        lines += [f"  {name}  {in_words(narration.sentence, name)}" for name in LANGUAGES]
    return "\n".join(lines) + "\n"


def file_of(history: History) -> Path:
    name = re.sub("[^a-z0-9]+", "-", history.name.removeprefix("clip "))
    return FOLDER / f"{name}.txt"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for history in clips():
        file_of(history).write_text(transcript(history), "utf-8")


if __name__ == "__main__":
    main()
