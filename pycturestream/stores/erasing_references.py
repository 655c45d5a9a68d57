"""Counts and removes the pictures of an erased time in the reference folder."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pycturestream.config.settings import Settings
from pycturestream.domain.erasure import Erasure, PlaceReport
from pycturestream.domain.frames.frame import parse_frame_id

_SUFFIXES = {".jpg", ".part"}


class ReferencePlace:
    """The folder of pictures that are too large for the log. Lets OSError through.

    The time in a file's name is by the camera's own clock. Where that was wrong, a picture stays
    until its file's own time has come, as all do that are not erased: minutes.
    """

    name = "reference folder"

    def __init__(self, settings: Settings) -> None:
        self._root = Path(settings.reference_folder) if settings.reference_folder else None

    def count(self, erasure: Erasure) -> PlaceReport:
        found = sum(1 for _ in self._pictures(erasure))
        return PlaceReport(self.name, {"pictures": found}, note=self._note())

    def erase(self, erasure: Erasure) -> PlaceReport:
        removed = 0
        for path in self._pictures(erasure):
            with suppress(FileNotFoundError):  # its time had come
                path.unlink()
                removed += 1
        return PlaceReport(self.name, {"pictures": removed}, note=self._note())

    def _pictures(self, erasure: Erasure) -> Iterator[Path]:
        if self._root is None:
            return
        folder = self._root / erasure.camera_id
        if folder.is_symlink() or not folder.is_dir():
            return
        for path in sorted(folder.iterdir()):
            if path.suffix not in _SUFFIXES:
                continue
            try:
                camera_id, at = parse_frame_id(path.stem)
            except ValueError:
                continue
            if camera_id == erasure.camera_id and erasure.since <= at < erasure.until:
                yield path

    def _note(self) -> str:
        return "" if self._root else "none is set on this machine"
