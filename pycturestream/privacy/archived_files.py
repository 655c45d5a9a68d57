"""Which files of the archive's folder may hold pictures, and until when."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pycturestream.archive.archive import Archive
from pycturestream.archive.folder import is_unfinished
from pycturestream.archive.locks import Locked, Locks
from pycturestream.archive.retention import UNFINISHED_MS
from pycturestream.archive.storage import archive_folder
from pycturestream.config.settings import Settings
from pycturestream.contracts.codec import CodecError
from pycturestream.domain.archive.names import DESCRIPTION, parse_path
from pycturestream.domain.times import Millis, parse_this_century


@dataclass(frozen=True, slots=True)
class ArchivedFiles:
    """The folder, and what its descriptions and locks say."""

    folder: Path
    archive: Archive
    retention_ms: Millis
    """How often what is due is removed."""
    _locked: dict[str, Locked] = field(default_factory=dict)
    """By camera."""

    @classmethod
    def of(cls, settings: Settings) -> "ArchivedFiles | None":
        """Return them; None where the archive is in no folder."""
        folder = archive_folder(settings)
        if folder is None:
            return None
        return cls(folder, Archive.of(settings), settings.archive_retention_ms)

    def allowed(self, path: Path) -> Millis | Literal["locked", "none"]:
        """Return until when a file may hold a picture. Lets OSError and StorageError through."""
        if is_unfinished(path.name):
            return self._removed_by(path.stat().st_mtime_ns // 1_000_000 + UNFINISHED_MS)
        within = path.relative_to(self.folder).as_posix()
        try:
            name, suffix = parse_path(within)
            described = self.archive.find(name)
        except (ValueError, CodecError):
            return "none"
        if suffix == DESCRIPTION or (described and described.path != within):
            return "none"
        if self._locked_of(name.camera_id).covers(name):
            return "locked"
        if described is None:  # it is about to be described, or a process was killed
            return self._removed_by(path.stat().st_mtime_ns // 1_000_000 + UNFINISHED_MS)
        return self._removed_by(parse_this_century(described.expires_at))

    def _removed_by(self, due_at: Millis) -> Millis:
        """Return when a retention has removed what is due; one may take as long as the wait."""
        return Millis(due_at + 2 * self.retention_ms)

    def _locked_of(self, camera_id: str) -> Locked:
        if camera_id not in self._locked:
            self._locked[camera_id] = Locks(self.archive).locked(camera_id)
        return self._locked[camera_id]
