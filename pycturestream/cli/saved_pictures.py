"""Writes the pictures of detections records to a folder, as far as they still exist."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pycturestream.cli.formatting import Json
from pycturestream.config.settings import settings
from pycturestream.domain.frames.frame import frame_id, parse_frame_id
from pycturestream.domain.frames.missing import Missing


class Saver:
    """Saves the pictures that still exist, some at a time."""

    def __init__(self, folder: Path, *, original: bool) -> None:
        self._folder, self._original = folder, original
        self._saved = 0
        self._missing: Counter[str] = Counter()

    def save(self, records: Sequence[Json]) -> None:
        """Save the pictures of some records. Raises OriginalsNotAllowedError, FaceModelError."""
        # Clients of Kafka and decoders of pictures take a third of a second, which only this needs.
        from pycturestream.pictures.frame_pictures import fetch_pictures  # noqa: PLC0415

        for record, picture in fetch_pictures(settings(), records, original=self._original):
            if isinstance(picture, Missing):
                self._missing[picture] += 1
                continue
            camera_id, captured_at = parse_frame_id(record["frame_id"])  # can't name another folder
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / f"{frame_id(camera_id, captured_at)}.jpg").write_bytes(picture)
            self._saved += 1

    @property
    def summary(self) -> str:
        """How many pictures were saved, and why the others are missing."""
        return f"{self._saved} pictures saved in {self._folder}{missing_in_words(self._missing)}"


def missing_in_words(missing: Counter[str]) -> str:
    """Return e.g. `; 2 missing: no longer in the log (2)`; empty where none is."""
    reasons = ", ".join(f"{why} ({number})" for why, number in missing.most_common())
    return f"; {missing.total()} missing: {reasons}" if missing else ""
